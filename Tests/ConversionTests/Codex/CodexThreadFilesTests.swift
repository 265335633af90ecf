import Conversion
import FileIO
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Threads of several rollouts, of which a copy may have brought only some.
@Suite struct CodexThreadFilesTests {
  @Test(arguments: ["revert", "two-files-one-thread"], ConflictPolicy.allCases)
  func `a copy that stopped between the files of a thread is finished by the next run`(
    fixture: String, policy: ConflictPolicy
  ) async throws {
    let folder = try TemporaryFolder()
    let input = Fixtures.root + "/codex/\(fixture)/input"
    let target = folder.path("target")
    let first = try await CodexSamples.convert(input, "codex", to: target, "codex")
    #expect(first.sessions.map(\.status) == [.written, .written])
    let files = try rollouts(target)
    // The newest file of the thread did not come.
    _ = try removeFile(target + "/" + files[files.count - 1])
    let second = try await CodexSamples.convert(
      input, "codex", to: target, "codex", options: .with { $0.onConflict = policy })
    #expect(second.sessions.map(\.status) == [.unchanged, .written])
    #expect(try rollouts(target) == files)
    for file in files {
      let isSame = try readFile(target + "/" + file) == readFile(input + "/" + file)
      #expect(isSame, "\(file)")
    }
  }

  /// The rollouts of a folder below it, in order of their names.
  private func rollouts(_ home: String) throws -> [String] {
    var found: [String] = []
    func look(in folder: String) throws {
      for entry in try listDirectory(home + "/" + folder) {
        let path = folder + "/" + entry.name
        if entry.kind == .directory {
          try look(in: path)
        } else if entry.name.hasPrefix("rollout-") {
          found.append(path)
        }
      }
    }
    try look(in: "sessions")
    return found.sorted()
  }
}
