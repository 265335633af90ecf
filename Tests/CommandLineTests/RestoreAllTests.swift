import Foundation
import TestSupport
import Testing

/// `restore --all`: a bundle of several tools onto a home that is in use.
@Suite struct RestoreAllTests {
  /// A home with a store of two tools.
  private func home() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (fixture, place) in [
      ("ggcode/store", ".ggcode/sessions"), ("claude-code/minimal/input", ".claude"),
    ] {
      let target = folder.path("home/\(place)")
      try FileManager.default.createDirectory(
        atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: Fixtures.root + "/" + fixture, toPath: target)
    }
    return folder
  }

  @Test(arguments: ["all.tar.gz", "vault"])
  func `a deleted home comes back, and twice is as good as once`(bundle: String) throws {
    let folder = try home()
    let run = try CommandLineRun(
      """
      carryover backup --all \(bundle) && cp -a home before && rm -r home/.ggcode home/.claude && \
      carryover restore --all \(bundle) && diff -r before/.ggcode home/.ggcode && \
      diff -r before/.claude home/.claude && carryover restore --all \(bundle) && \
      diff -r before/.ggcode home/.ggcode && diff -r before/.claude home/.claude
      """, in: folder.path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    #expect(run.output.contains("6 unchanged"), "\(run.output)")
  }

  @Test func `what a live home has stays, and what it lacks is added`() throws {
    let folder = try home()
    let store = "home/.ggcode/sessions"
    let entry = """
        {
          "id": "20250101-080000-no-file",
          "title": "of a session without a file",
          "created_at": "2025-01-01T08:00:00Z",
          "updated_at": "2025-01-01T08:00:00Z",
          "msg_count": 3
        },
      """
    let index = folder.path("\(store)/index.json")
    let backup = try CommandLineRun("carryover backup --all all.tar.gz", in: folder.path)
    #expect(backup.code == 0, "\(backup.output)\(backup.errors)")
    var text = try String(contentsOfFile: index, encoding: .utf8)
    text = "[\n" + entry + String(text.dropFirst(2))
    try text.write(toFile: index, atomically: true, encoding: .utf8)
    let run = try CommandLineRun(
      """
      rm \(store)/20260406-100000.jsonl && echo '{"type":"other"}' >> \(store)/20260301-090000-*.jsonl; \
      cp -a home before; carryover restore --all all.tar.gz
      """, in: folder.path)
    // One session was gone on with, so it is skipped.
    #expect([0, 1].contains(run.code), "\(run.output)\(run.errors)")
    let (before, after) = (try folder.files("before"), try folder.files("home"))
    for (name, bytes) in before where !name.hasSuffix("index.json") {
      #expect(after[name] == bytes, "\(name)")
    }
    #expect(after[".ggcode/sessions/20260406-100000.jsonl"] != nil)
    let merged = try String(contentsOfFile: index, encoding: .utf8)
    #expect(merged.contains("20250101-080000-no-file"), "\(merged)")
    #expect(merged.contains("20260406-100000"))
  }

  @Test func `a preview writes nothing, and what is given besides is refused`() throws {
    let folder = try home()
    let run = try CommandLineRun(
      """
      carryover backup --all b.tar.gz && rm -r home/.ggcode && \
      carryover restore --all b.tar.gz --dry-run && test ! -e home/.ggcode
      """, in: folder.path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
    for words in ["", "--all b.tar.gz there", "b.tar.gz", "--all b.tar.gz --session 2026"] {
      #expect(
        try CommandLineRun("carryover restore \(words)", in: folder.path).code == 2, "\(words)")
    }
  }
}
