import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// Vaults of which something was lost.
@Suite struct VaultPayloadTests {
  private func backUp(_ support: BundleSupport) async throws -> BackupReport {
    try await support.backup(
      [BundleSupport.source("ggcode", BundleSupport.ggcode)], "vault")
  }

  @Test(arguments: [true, false])
  func `a file that is gone or cut short is written again`(isGone: Bool) async throws {
    let support = try BundleSupport()
    _ = try await backUp(support)
    let before = try support.files("vault")
    for name in before.keys where name.hasPrefix("data/") {
      let path = support.folder.path("vault/" + name)
      if isGone {
        try FileManager.default.removeItem(atPath: path)
      } else {
        try support.folder.write(Array(readFile(path).dropLast()), to: "vault/" + name)
      }
      let report = try await backUp(support)
      #expect(report.isWritten, "\(name)")
      #expect(try support.files("vault") == before, "\(name)")
    }
    #expect(try await support.verify("vault").findings.isEmpty)
    #expect(try await !backUp(support).isWritten)
  }

  @Test func `a shared medium that is gone is written again`() async throws {
    let support = try BundleSupport()
    let medium = Data((0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 8) })
    for id in ["20260501-100000", "20260501-110000"] {
      let line =
        #"{"type":"message","session_id":"\#(id)","created_at":"2026-05-01T10:00:00Z","updated_at":"2026-05-01T10:00:00Z","message":{"role":"user","content":[{"type":"text","text":"\#(medium.base64EncodedString())"}]}}"#
      try support.folder.write(Array((line + "\n").utf8), to: "store/\(id).jsonl")
    }
    let sources = [try BundleSupport.source("ggcode", support.folder.path("store"))]
    try await support.backup(sources, "vault")
    let before = try support.files("vault")
    let blob = try #require(before.keys.first { $0.hasPrefix("data/blobs/") })
    try FileManager.default.removeItem(atPath: support.folder.path("vault/" + blob))
    try await support.backup(sources, "vault")
    #expect(try support.files("vault") == before)
    #expect(try await support.verify("vault").findings.isEmpty)
  }

  @Test func `a vault without its list is not begun anew`() async throws {
    let support = try BundleSupport()
    _ = try await backUp(support)
    try FileManager.default.removeItem(atPath: support.folder.path("vault/index.jsonl"))
    let before = try support.files("vault")
    let error = await #expect(throws: FormatError.self) { try await backUp(support) }
    #expect(error?.isAboutTarget == true)
    #expect(error?.description.contains("index.jsonl") == true)
    #expect(try support.files("vault") == before)
    await #expect(throws: FormatError.self) { try await support.restore("vault", "back") }
  }
}
