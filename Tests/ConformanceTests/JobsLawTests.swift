import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// The same input gives the same bytes, whatever the number of jobs and whatever finishes first.
@Suite struct JobsLawTests {
  /// Thirty sessions of very different sizes, so that they finish in another order than they begin.
  private func writeStore(_ folder: TemporaryFolder) throws {
    for number in 0..<30 {
      let id = "20260301-\(100_000 + number)"
      var file =
        #"{"type":"meta","session_id":"\#(id)","title":"T \#(number)","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:\#(10 + number)Z"}"#
        + "\n"
      for message in 0..<(number.isMultiple(of: 3) ? 120 : 2) {
        let role = message.isMultiple(of: 2) ? "user" : "assistant"
        file +=
          #"{"type":"message","session_id":"\#(id)","created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z","message":{"role":"\#(role)","content":[{"type":"text","text":"\#(message) of \#(number)"}]}}"#
          + "\n"
      }
      try folder.write(Array(file.utf8), to: "store/\(id).jsonl")
    }
  }

  /// Every target, and both layouts of ggcode.
  static let targets: [(format: String, profile: String?)] =
    Registry.writable.flatMap { format in
      let profiles: [String?] = format.info.profiles.map(\.name)
      return (profiles.isEmpty ? [nil] : profiles).map { (format.info.id, $0) }
    }

  @Test(arguments: targets)
  func `any number of jobs gives the same bytes`(
    _ target: (format: String, profile: String?)
  ) async throws {
    let folder = try TemporaryFolder()
    try writeStore(folder)
    var first: (files: [String: [UInt8]], report: String)?
    for (run, jobs) in [1, 2, 8, 8, 2].enumerated() {
      let path = folder.path("\(run)/out")
      try FileManager.default.createDirectory(
        atPath: folder.path("\(run)"), withIntermediateDirectories: true)
      let report = try await convert(
        folder.path("store"), "ggcode", to: path, target.format, profile: target.profile,
        options: .with { $0.jobs = jobs })
      let text = String(decoding: report.json, as: UTF8.self)
        .replacingOccurrences(of: folder.path("\(run)"), with: "run")
      let files = try Self.files(path)
      #expect(!files.isEmpty)
      guard let expected = first else {
        first = (files, text)
        continue
      }
      #expect(files.keys.sorted() == expected.files.keys.sorted())
      for (name, bytes) in files {
        #expect(bytes == expected.files[name], "\(name) differs with \(jobs) jobs")
      }
      #expect(text == expected.report, "the report differs with \(jobs) jobs")
    }
  }

  /// The bytes of a file, or of every file in a folder by name.
  private static func files(_ path: String) throws -> [String: [UInt8]] {
    if try FileStatus(path: path)?.kind == .file { return ["": try readFile(path)] }
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: path)
    where try FileStatus(path: path + "/" + name)?.kind == .file {
      files[name] = try readFile(path + "/" + name)
    }
    return files
  }
}
