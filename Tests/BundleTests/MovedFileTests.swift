import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Files that were moved or touched, or whose modes were changed, since the last backup.
@Suite struct MovedFileTests {
  static let name = "rollout-2026-11-20T10-00-00-\(HomeTests.thread).jsonl"

  private func writeHome(_ support: BundleSupport) throws {
    let place = "sessions/2026/11/20/" + Self.name
    let bytes = try Fixtures.bytes("codex/two-files-one-thread/input/" + place)
    try support.folder.write(bytes, to: "codex/" + place)
    try support.folder.write(Array("{\"ts\":1}\n".utf8), to: "codex/history.jsonl")
    try FileTree.age(support.folder.path("codex"))
  }

  @Test(arguments: ["move", "mode", "time", "history"], [true, false])
  func `what was moved or touched comes back as it is now`(
    change: String, isVault: Bool
  ) async throws {
    let support = try BundleSupport()
    try writeHome(support)
    let path = support.folder.path("codex")
    let sources = [try BundleSupport.source("codex", path)]
    try await support.backup(sources, isVault ? "vault" : "one.tar.gz")
    let file = path + "/sessions/2026/11/20/" + Self.name
    switch change {
    case "move":
      try createDirectory(path + "/archived_sessions")
      try renameFile(file, to: path + "/archived_sessions/" + Self.name)
    case "mode": try setAttributes(of: file, permissions: 0o611, modified: nil)
    case "time":
      try setAttributes(
        of: file, permissions: nil,
        modified: FileStatus.Time(seconds: 1_600_000_000, nanoseconds: 7))
    default: try setAttributes(of: path + "/history.jsonl", permissions: 0o611, modified: nil)
    }
    let name = isVault ? "vault" : "two.tar.gz"
    let report = try await support.backup(sources, name) {
      if !isVault { $0.since = support.folder.path("one.tar.gz") }
    }
    #expect(report.isWritten)
    #expect(report.count(.changed) == (change == "history" ? 0 : 1))
    #expect(try await support.verify(name).findings.isEmpty)
    BundleSupport.isExact(try await support.restore(name, "back"))
    #expect(try FileTree(support.folder.path("back")) == FileTree(path))
  }
}
