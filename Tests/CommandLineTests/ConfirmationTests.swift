import FileIO
import Foundation
import TestSupport
import Testing

/// The program that gives another one a terminal.
private let terminal = ["/usr/bin/script", "/bin/script"].first {
  FileManager.default.isExecutableFile(atPath: $0)
}

/// `delete` and `prune` ask on a terminal, and do nothing unless the answer is yes.
@Suite(.enabled(if: terminal != nil, "the program 'script' is not here"))
struct ConfirmationTests {
  /// Runs a command on a terminal on which somebody types.
  private func run(
    _ command: String, typing text: String, in folder: TemporaryFolder
  ) throws -> CommandLineRun {
    let terminal = try #require(terminal)
    return try CommandLineRun(
      "printf '%s' '\(text)' | \(terminal) -qec '\(command)' /dev/null", in: folder.path)
  }

  /// A folder with three sessions of long ago.
  private func withOldSessions() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for year in 2001...2003 {
      let lines = """
        {"type":"meta","created_at":"\(year)-01-01T00:00:00Z","updated_at":"\(year)-01-01T00:00:00Z"}
        {"type":"message","message":{"role":"user","content":[{"type":"text","text":"hello"}]}}

        """
      try folder.write(Array(lines.utf8), to: "store/\(year).jsonl")
    }
    return folder
  }

  private func sessions(_ folder: TemporaryFolder) throws -> [String] {
    try listDirectory(folder.path("store")).map(\.name).filter { $0.hasSuffix(".jsonl") }
  }

  @Test(arguments: ["y\n", "yes\n", "Y\n"])
  func `yes removes`(answer: String) throws {
    let folder = try withOldSessions()
    let first = try run("carryover delete store 2002", typing: answer, in: folder)
    #expect(first.output.contains("Remove 1 session? [y/N]"))
    #expect(first.output.contains("1 session removed"))
    #expect(first.code == 0)
    #expect(try sessions(folder) == ["2001.jsonl", "2003.jsonl"])
    let second = try run(
      "carryover prune store --older-than 520w --keep 1", typing: answer, in: folder)
    #expect(second.output.contains("Remove 1 session? [y/N]"))
    #expect(second.output.contains("1 session removed"))
    #expect(try sessions(folder) == ["2003.jsonl"])
  }

  @Test(arguments: ["n\n", "\n", "maybe\n", ""])
  func `anything else leaves everything as it is`(answer: String) throws {
    let folder = try withOldSessions()
    let before = try folder.files("store")
    for command in ["delete store 2002", "prune store --older-than 520w"] {
      let run = try run("carryover \(command)", typing: answer, in: folder)
      #expect(run.output.contains("? [y/N]"), "\(command)")
      #expect(run.output.contains("0 sessions removed"), "\(command)")
      #expect(run.code == 0, "\(command)")
      #expect(try folder.files("store") == before, "\(command)")
    }
  }

  @Test func `a dry run does not ask`() throws {
    let folder = try withOldSessions()
    let before = try folder.files("store")
    let run = try run("carryover delete store 2002 --dry-run", typing: "y\n", in: folder)
    #expect(!run.output.contains("[y/N]"))
    #expect(run.output.contains("1 session would be removed"))
    #expect(try folder.files("store") == before)
  }
}
