import Bundles
import Conversion
import FileIO
import Foundation
import TestSupport
import Testing

/// A store of ggcode that changes, and a vault of it.
struct VaultSupport {
  let support: BundleSupport
  var folder: TemporaryFolder { support.folder }
  var store: String { folder.path("store") }
  var vault: String { folder.path("vault") }

  init() throws {
    support = try BundleSupport()
    try FileManager.default.copyItem(atPath: BundleSupport.ggcode, toPath: store)
    try settle()
  }

  /// Makes all files look as if nobody had touched them for days.
  func settle() throws {
    for (number, entry) in try listDirectory(store).enumerated() where entry.kind == .file {
      try setAttributes(
        of: store + "/" + entry.name, permissions: nil,
        modified: FileStatus.Time(seconds: 1_790_000_000 + Int64(number), nanoseconds: 5))
    }
  }

  @discardableResult
  func backUp(_ change: (inout BackupOptions) throws -> Void = { _ in }) async throws
    -> BackupReport
  {
    try await support.backup([BundleSupport.source("ggcode", store)], "vault", change)
  }

  /// Lets a session say more.
  func grow(_ id: String) throws {
    let line =
      #"{"type":"message","session_id":"\#(id)","created_at":"2026-05-01T10:00:00Z","updated_at":"2026-05-01T10:00:00Z","message":{"role":"user","content":[{"type":"text","text":"more"}]}}"#
    try appendToFile("\(store)/\(id).jsonl", Array((line + "\n").utf8))
  }

  /// The identifiers of the sessions in the store.
  var sessions: [String] {
    get throws {
      try listDirectory(store).map(\.name).filter { $0.hasSuffix(".jsonl") }
        .map { String($0.dropLast(6)) }.sorted()
    }
  }

  /// What a snapshot gives back; the newest when none is named.
  func restored(_ snapshot: String? = nil, from name: String = "vault") async throws -> FileTree {
    try? FileManager.default.removeItem(atPath: folder.path("back"))
    let report = try await support.restore(name, "back") { $0.snapshot = snapshot }
    for session in report.sessions {
      #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
    }
    return try FileTree(folder.path("back"))
  }

  /// The files of a folder of the vault.
  func names(_ name: String) throws -> [String] {
    try listDirectory("\(vault)/\(name)").map(\.name).sorted()
  }
}
