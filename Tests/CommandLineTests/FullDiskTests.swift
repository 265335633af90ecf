import Foundation
import TestSupport
import Testing

@Suite struct FullDiskTests {
  @Test(arguments: [
    ("canonical", "all.session.jsonl"), ("canonical", "folder"), ("ggcode", "folder"),
    ("term-llm", "sessions.db"),
  ])
  func `a full disk leaves the target as it was`(format: String, target: String) throws {
    let folder = try TemporaryFolder.withStore()
    // What is there already stays: one session.
    let first = try CommandLineRun(
      "carryover convert store \(target) --to \(format) --session 20260406", in: folder.path)
    #expect(first.code == 0)
    let before = try folder.files()
    let limited = try CommandLineRun(
      "ulimit -f 4; carryover convert store \(target) --to \(format)", in: folder.path)
    #expect(limited.code == 4, "\(limited.errors)")
    #expect(limited.errors.hasPrefix("carryover: "))
    #expect(try !folder.hasStrays())
    let after = try folder.files()
    for (name, bytes) in before where !name.hasSuffix("index.json") {
      #expect(after[name] == bytes, "\(name)")
    }
    // The session that was there is still whole, and the same command goes on when there is room.
    let again = try CommandLineRun(
      "carryover convert store \(target) --to \(format)", in: folder.path)
    #expect(again.code == 0, "\(again.errors)")
    let same = try CommandLineRun(
      "carryover convert \(target) back --to ggcode && diff -r -x index.json store back",
      in: folder.path)
    #expect(same.code == 0, "\(same.output)\(same.errors)")
  }

  @Test(arguments: [("canonical", "new.session.jsonl"), ("ggcode", "new"), ("term-llm", "new.db")])
  func `a full disk leaves nothing of a new target`(format: String, target: String) throws {
    let folder = try TemporaryFolder.withStore()
    let run = try CommandLineRun(
      "ulimit -f 2; carryover convert store \(target) --to \(format) --session 20260301",
      in: folder.path)
    #expect(run.code == 4, "\(run.errors)")
    #expect(try !folder.hasStrays())
    #expect(!FileManager.default.fileExists(atPath: folder.path(target)))
  }
}
