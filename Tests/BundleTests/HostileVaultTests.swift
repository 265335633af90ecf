import Bundles
import FileIO
import Foundation
import SessionCoding
import TestSupport
import Testing

/// Vaults in odd places, and in the hands of several runs.
@Suite struct HostileVaultTests {
  @Test func `a vault is locked under every name that it has`() async throws {
    let support = try VaultSupport()
    try await support.backUp()
    try FileManager.default.createSymbolicLink(
      atPath: support.folder.path("link"), withDestinationPath: support.vault)
    let lock = try FileLock(path: support.vault + "/vault.json", blocking: false)
    for name in ["vault", "vault/", "link", "link/."] {
      let error = await #expect(throws: FormatError.self) {
        try await support.support.backup(
          [BundleSupport.source("ggcode", support.store)], name)
      }
      #expect(error?.code == .busy, "\(name): \(error?.description ?? "")")
    }
    _ = consume lock
    try await support.backUp()
  }

  @Test func `a vault whose parent cannot be written to is added to`() async throws {
    let support = try VaultSupport()
    try await support.backUp()
    let parent = support.folder.path("mounted")
    try createDirectory(parent)
    try FileManager.default.moveItem(atPath: support.vault, toPath: parent + "/vault")
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: parent)
    defer {
      try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: parent)
    }
    try support.grow(#require(try support.sessions.first))
    let report = try await support.support.backup(
      [BundleSupport.source("ggcode", support.store)], "mounted/vault")
    #expect(report.count(.changed) == 1)
    // Nothing is left beside it, and nothing in it but what belongs there.
    #expect(try listDirectory(parent).map(\.name) == ["vault"])
    let names = try listDirectory(parent + "/vault").map(\.name).sorted()
    #expect(names == ["README.md", "packs", "snapshots", "stamps.jsonl.gz", "vault.json"])
  }

  @Test func `a marker that was not finished is written anew, and a damaged one is told`()
    async throws
  {
    let support = try VaultSupport()
    try support.folder.write([], to: "vault/vault.json")
    try await support.backUp()
    #expect(try await support.restored() == FileTree(support.store))
    try support.folder.write(Array("{}".utf8), to: "vault/vault.json")
    let error = await #expect(throws: FormatError.self) { try await support.backUp() }
    #expect(error?.code == .damaged)
  }
}
