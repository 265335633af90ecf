import FileIO
import SessionModel
import TestSupport
import Testing

@testable import GGCodeStore

@Suite struct SequenceVectorTests {
  /// Folders whose recordings hold bytes to compare and no loss of data.
  static let withoutLosses = VectorFolders.folders("ggcode/sequences").prefix(1).flatMap { folder in
    ["01-append-only", "02-checkpoints", "03-save", "04-meta-rewrites", "05-current-format"].map {
      folder + "/" + $0
    }
  }

  @Test(arguments: withoutLosses)
  func `The safe store leaves the recorded bytes too`(folder: String) async throws {
    try await replay(folder, repeatsDataLoss: false)
  }

  @Test(arguments: VectorFolders.subfolders("ggcode/sequences"))
  func `Recorded calls leave the recorded bytes and give the recorded answers`(
    folder: String
  ) async throws {
    try await replay(folder, repeatsDataLoss: true)
  }

  private func replay(_ folder: String, repeatsDataLoss: Bool) async throws {
    let files = try listDirectory(folder).map(\.name)
    let oracle =
      try files.contains("oracle.txt")
      ? String(decoding: readFile(folder + "/oracle.txt"), as: UTF8.self).filter {
        !$0.isWhitespace
      }
      : "v1.3.75"
    let temporary = try TemporaryFolder()
    let directory = temporary.path("sessions")
    let replay = try SequenceReplay(
      directory: directory, profile: oracle == "head" ? .current : .documented,
      repeatsDataLoss: repeatsDataLoss)
    for line in try readFile(folder + "/ops.jsonl").split(separator: 0x0A) {
      try await replay.run(Array(line))
    }
    for name in files where name.hasSuffix(".jsonl") || name == "index.json" {
      if name == "ops.jsonl" || name.hasPrefix("output.") { continue }
      let expected = String(decoding: try readFile(folder + "/" + name), as: UTF8.self)
      let actual = String(decoding: try readFile(directory + "/" + name), as: UTF8.self)
      #expect(actual == expected, "\(name)")
    }
    guard files.contains("output.v1.3.75.jsonl") else { return }
    let recorded = try readFile(folder + "/output.v1.3.75.jsonl").split(separator: 0x0A)
      .map { try PlainJSON($0) }
    #expect(replay.answers.count == recorded.count)
    for (answer, wanted) in zip(replay.answers, recorded) {
      #expect(answer.difference(from: wanted) == nil, "\(wanted["op"] ?? .null)")
    }
  }
}
