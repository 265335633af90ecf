import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// A backup says that sessions come back only of those that did.
@Suite struct ProofTests {
  /// ggcode, one of whose sessions states a place outside of its store.
  private struct Escaping: SessionFormat {
    var place: String
    var info: FormatInfo { GGCode().info }
    func recognizes(_ path: String) -> Bool { GGCode().recognizes(path) }
    func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
      Source(inner: try GGCode().open(path, options: options), place: place)
    }
    func mappingPaths(of record: ArraySlice<UInt8>, _ map: PathMap)
      -> (bytes: [UInt8], count: Int)?
    { nil }
  }

  private final class Source: SessionSource {
    static let bad = "20260406-100000"
    let inner: any SessionSource
    let place: String
    init(inner: any SessionSource, place: String) {
      self.inner = inner
      self.place = place
    }
    func list() throws(FormatError) -> [ListedSession] { try inner.list() }
    func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
      try inner.sessions(wanted)
    }
    func reader(for id: String) throws(FormatError) -> any SessionReader {
      try inner.reader(for: id)
    }
    func findings(of id: String) throws(FormatError) -> [Finding] { try inner.findings(of: id) }
    func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
      try inner.carryHeader(of: id)
    }
    func files(of id: String) throws(FormatError) -> [SessionFile]? {
      guard var files = try inner.files(of: id), id == Self.bad else {
        return try inner.files(of: id)
      }
      files[0].relativePath = place
      return files
    }
  }

  static let places = ["../evil.jsonl", "a/../../evil.jsonl", "/tmp/carryover-evil", "a//b", "."]

  @Test(arguments: places, ["all.tar.gz", "vault"])
  func `a session that does not come back is left out, and said to be`(
    place: String, bundle: String
  ) async throws {
    let support = try BundleSupport()
    var options = BackupOptions()
    options.isDurable = false
    let source = BackupSource(format: Escaping(place: place), path: BundleSupport.ggcode)
    let report = try await Backup(
      of: [source], to: support.folder.path(bundle), options: options
    ).run()
    #expect(report.items.filter { $0.status == .failed }.map(\.id) == [Source.bad])
    #expect(report.proven == 5)
    #expect(report.hasFailures)
    let verified = try await support.verify(bundle)
    #expect(verified.isValid, "\(verified.findings)")
    #expect(verified.sessions == 5)
    BundleSupport.isExact(try await support.restore(bundle, "back"))
  }

  @Test(arguments: places, ["all.tar.gz", "vault"])
  func `a bundle with such a place is not valid, and nothing is written there`(
    place: String, bundle: String
  ) async throws {
    let support = try BundleSupport()
    var options = BackupOptions()
    options.isDurable = false
    options.proves = false
    let source = BackupSource(format: Escaping(place: place), path: BundleSupport.ggcode)
    let report = try await Backup(
      of: [source], to: support.folder.path(bundle), options: options
    ).run()
    #expect(report.proven == nil)
    for depth in [Verification.Depth.standard, .full] {
      #expect(try await !support.verify(bundle, depth).isValid)
    }
    let before = try support.files("")
    let restored = try await support.restore(bundle, "in/back")
    #expect(restored.sessions.filter { $0.status == .failed }.map(\.source) == [Source.bad])
    #expect(restored.sessions.count { $0.status == .written } == 5)
    let added = try support.files("").keys.filter { before[$0] == nil }
    #expect(added.allSatisfy { $0.hasPrefix("in/back/") }, "\(added)")
    #expect(try FileStatus(path: "/tmp/carryover-evil") == nil)
  }

  @Test func `a symbolic link in the destination is not followed`() async throws {
    let support = try BundleSupport()
    let session = "0c0ffee0-0000-4000-8000-000000000001"
    let name = "projects/-home-dev-app/\(session).jsonl"
    let bytes = try Fixtures.bytes("claude-code/minimal/input/" + name)
    try support.folder.write(bytes, to: "claude/" + name)
    try await support.backup(
      [BundleSupport.source("claude-code", support.folder.path("claude"))], "all.tar.gz")
    try support.folder.write([1], to: "elsewhere/file")
    try support.folder.write([1], to: "back/file")
    try FileManager.default.createSymbolicLink(
      atPath: support.folder.path("back/projects"),
      withDestinationPath: support.folder.path("elsewhere"))
    let report = try await support.restore("all.tar.gz", "back")
    #expect(report.sessions.map(\.status) == [.failed])
    #expect(report.sessions.first?.reason?.contains("symbolic link") == true)
    #expect(try listDirectory(support.folder.path("elsewhere")).map(\.name) == ["file"])
  }
}
