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

/// Backups and restorations for which there is no room.
@Suite struct FullBackupDiskTests {
  /// Sessions of which one is larger than the room.
  private func writeStore(_ folder: TemporaryFolder) throws {
    for number in 0..<4 {
      let id = "20260301-10000\(number)"
      var random = SeededGenerator(seed: UInt64(number))
      let noise = (0..<(number == 3 ? 60_000 : 200)).map { _ in
        String(Int.random(in: 0..<36, using: &random), radix: 36)
      }
      let file =
        #"{"type":"message","session_id":"\#(id)","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T10:00:00Z","message":{"role":"user","content":[{"type":"text","text":"\#(noise.joined())"}]}}"#
      try folder.write(Array((file + "\n").utf8), to: "store/\(id).jsonl")
    }
  }

  @Test(arguments: ["b.tar.gz", "vault"])
  func `a backup without room leaves what was there, and goes on when there is some`(
    bundle: String
  ) throws {
    let folder = try TemporaryFolder()
    try writeStore(folder)
    let first = try CommandLineRun(
      "carryover backup store \(bundle) --session 20260301-100000", in: folder.path)
    #expect(first.code == 0, "\(first.errors)")
    let before = try folder.files()
    let replace = bundle == "vault" ? "" : " --replace"
    for blocks in [8, 24, 48] {
      let limited = try CommandLineRun(
        "ulimit -f \(blocks); carryover backup store \(bundle)\(replace)", in: folder.path)
      #expect(limited.code == 4 || limited.code == 5, "\(limited.code) \(limited.errors)")
      let after = try folder.files()
      for (name, bytes) in before { #expect(after[name] == bytes, "\(blocks): \(name)") }
      #expect(try !folder.hasStrays())
      let restored = try CommandLineRun(
        "carryover verify \(bundle) --full && rm -rf back && carryover restore \(bundle) back",
        in: folder.path)
      #expect(restored.code == 0, "\(restored.output)\(restored.errors)")
    }
    let again = try CommandLineRun(
      "carryover backup store \(bundle)\(replace) && rm -rf back && "
        + "carryover restore \(bundle) back && diff -r store back", in: folder.path)
    #expect(again.code == 0, "\(again.output)\(again.errors)")
  }

  @Test(arguments: ["b.tar.gz", "vault"], ["back", "filled"])
  func `a restoration without room harms nothing, and goes on when there is some`(
    bundle: String, destination: String
  ) throws {
    let folder = try TemporaryFolder()
    try writeStore(folder)
    if destination == "filled" { try folder.write([1], to: "filled/mine.txt") }
    #expect(try CommandLineRun("carryover backup store \(bundle)", in: folder.path).code == 0)
    let before = try folder.files()
    let limited = try CommandLineRun(
      "ulimit -f 24; carryover restore \(bundle) \(destination)", in: folder.path)
    #expect(limited.code == 4 || limited.code == 5, "\(limited.code) \(limited.errors)")
    let after = try folder.files()
    for (name, bytes) in before { #expect(after[name] == bytes, "\(name)") }
    #expect(try !folder.hasStrays())
    let again = try CommandLineRun(
      "carryover restore \(bundle) \(destination) && diff -r -x mine.txt store \(destination)",
      in: folder.path)
    #expect(again.code == 0, "\(again.output)\(again.errors)")
  }
}
