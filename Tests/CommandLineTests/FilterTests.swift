import Foundation
import TestSupport
import Testing

/// The filters that every command understands that reads a source.
@Suite struct FilterTests {
  /// What a filter lets pass of the sample store, by `list`.
  private func listed(_ filter: String, in folder: TemporaryFolder) throws -> Set<String> {
    let run = try CommandLineRun("carryover list store --json \(filter)", in: folder.path)
    #expect(run.code == 0, "\(run.errors)")
    let root = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    let sessions = try #require(root?["sessions"] as? [[String: Any]])
    return Set(sessions.compactMap { $0["id"] as? String })
  }

  @Test(arguments: [
    "--since 2026-04-01", "--until 2026-03-31", "--limit 2", "--project /nowhere",
    "--since 2026-03-01 --until 2026-04-30 --limit 1",
  ])
  func `list, convert and backup take the same sessions`(filter: String) throws {
    let folder = try TemporaryFolder.withStore()
    let wanted = try listed(filter, in: folder)
    #expect(wanted.count < 6)
    if filter.hasPrefix("--limit") { #expect(wanted.count == 2) }
    let convert = try CommandLineRun(
      "carryover convert store copy --to ggcode \(filter)", in: folder.path)
    #expect(convert.code == 0, "\(convert.errors)")
    let copied = try folder.files("copy").keys.filter { $0.hasSuffix(".jsonl") }
    #expect(Set(copied.map { String($0.dropLast(6)) }) == wanted)
    for bundle in ["b.tar.gz", "vault"] {
      let backup = try CommandLineRun("carryover backup store \(bundle) \(filter)", in: folder.path)
      #expect(backup.code == 0, "\(backup.errors)")
      guard !wanted.isEmpty else { continue }
      let back = try CommandLineRun(
        "rm -rf back && carryover restore \(bundle) back", in: folder.path)
      #expect(back.code == 0, "\(bundle): \(back.output)\(back.errors)")
      let restored = try folder.files("back").keys.filter { $0.hasSuffix(".jsonl") }
      #expect(Set(restored.map { String($0.dropLast(6)) }) == wanted, "\(bundle)")
    }
  }

  @Test func `a vault keeps what a filter does not let pass`() throws {
    let folder = try TemporaryFolder.withStore()
    let run = try CommandLineRun(
      """
      carryover backup store vault && carryover backup store vault --limit 1 --checksum && \
      carryover restore vault back && diff -r store back
      """, in: folder.path)
    #expect(run.code == 0, "\(run.output)\(run.errors)")
  }
}
