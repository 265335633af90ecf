import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// Restorations of a part, and those that only tell what they would do.
@Suite struct RestorePartTests {
  private func store(_ support: BundleSupport) throws -> [BackupSource] {
    for (id, day, folder) in [
      ("a", 1, "/home/kim/beans"), ("b", 5, "/home/kim/peas"), ("c", 9, ""),
    ] {
      let head =
        #"{"type":"meta","session_id":"2026030\#(day)-090000-\#(id)","workspace":"\#(folder)","created_at":"2026-03-0\#(day)T09:00:00Z","updated_at":"2026-03-0\#(day)T10:00:00Z"}"#
      let message =
        #"{"type":"message","session_id":"2026030\#(day)-090000-\#(id)","created_at":"2026-03-0\#(day)T10:00:00Z","updated_at":"2026-03-0\#(day)T10:00:00Z","message":{"role":"user","content":[{"type":"text","text":"beans"}]}}"#
      try support.folder.write(
        Array("\(head)\n\(message)\n".utf8), to: "store/2026030\(day)-090000-\(id).jsonl")
    }
    return [try BundleSupport.source("ggcode", support.folder.path("store"))]
  }

  private func names(_ support: BundleSupport, _ change: (inout SessionFilter) -> Void) async throws
    -> [String]
  {
    var filter = SessionFilter()
    change(&filter)
    let chosen = filter
    try? FileManager.default.removeItem(atPath: support.folder.path("back"))
    let report = try await support.restore("b.tar.gz", "back") { $0.filter = chosen }
    return report.sessions.map { String($0.source.suffix(1)) }.sorted()
  }

  @Test func `sessions are chosen by time, folder and number`() async throws {
    let support = try BundleSupport()
    try await support.backup(store(support), "b.tar.gz")
    #expect(
      try await names(support) { $0.since = Timestamp(rfc3339: "2026-03-05T00:00:00Z") }
        == ["b", "c"])
    #expect(
      try await names(support) { $0.until = Timestamp(rfc3339: "2026-03-05T00:00:00Z") } == ["a"])
    #expect(try await names(support) { $0.project = "/home/kim/peas" } == ["b"])
    #expect(try await names(support) { $0.project = "/home/kim/" } == ["a", "b"])
    #expect(try await names(support) { $0.project = "/home/k" } == [])
    #expect(try await names(support) { $0.limit = 2 } == ["b", "c"])
    #expect(
      try await names(support) {
        $0.limit = 1
        $0.project = "/home/kim"
      } == ["b"])
    #expect(try await names(support) { _ in } == ["a", "b", "c"])
  }

  @Test func `a dry run writes nothing and tells what would be written`() async throws {
    let support = try BundleSupport()
    try await support.backup(store(support), "b.tar.gz")
    let before = try FileTree(support.folder.path)
    let fresh = try await support.restore("b.tar.gz", "back") { $0.isDryRun = true }
    #expect(try FileTree(support.folder.path) == before)
    #expect(fresh.sessions.map(\.status) == [.written, .written, .written])
    #expect(
      fresh.stores[0].preview.map(\.path).sorted()
        == ["a", "b", "c"].enumerated().map {
          support.folder.path("back/2026030\($0.offset * 4 + 1)-090000-\($0.element).jsonl")
        })
    #expect(fresh.stores[0].preview.allSatisfy { $0.state == .new })
    // One that is there, and one that is there with other content.
    try await support.restore("b.tar.gz", "back") {
      $0.sessions = ["20260301-090000-a", "20260305-090000-b"]
    }
    try support.folder.write([10], to: "back/20260305-090000-b.jsonl")
    let there = try FileTree(support.folder.path)
    let partly = try await support.restore("b.tar.gz", "back") { $0.isDryRun = true }
    #expect(try FileTree(support.folder.path) == there)
    #expect(partly.stores[0].preview.map(\.state) == [.same, .other, .new])
    #expect(partly.sessions.map(\.status) == [.unchanged, .skipped, .written])
    let real = try await support.restore("b.tar.gz", "back")
    #expect(real.sessions.map(\.status) == partly.sessions.map(\.status))
  }

  @Test func `a dry run tells lists that would be added to from files in the way`() async throws {
    let support = try BundleSupport()
    try await support.backup(store(support), "b.tar.gz")
    for format in ["ggcode", "claude-code"] {
      let target = try BundleSupport.format(format) as? any RestorableSessionFormat
      let options: (inout RestoreOptions) throws -> Void = {
        $0.format = target
        $0.sessions = ["20260301-090000-a"]
      }
      try await support.restore("b.tar.gz", format, options)
      let before = try FileTree(support.folder.path(format))
      let report = try await support.restore("b.tar.gz", format) {
        $0.format = target
        $0.isDryRun = true
      }
      #expect(try FileTree(support.folder.path(format)) == before)
      let indexes = report.stores[0].preview.filter { $0.path.hasSuffix("index.json") }
      #expect(indexes.allSatisfy { $0.state != .other }, "\(indexes)")
      #expect(report.stores[0].preview.contains { $0.state == .new })
    }
  }

  @Test func `a dry run shows what a mapping of folders makes of them`() async throws {
    let support = try BundleSupport()
    try await support.backup(store(support), "b.tar.gz")
    let report = try await support.restore("b.tar.gz", "back") {
      $0.isDryRun = true
      $0.mappedPaths = [(old: "/home/kim/beans", new: "/srv/beans")]
    }
    #expect(
      report.stores[0].folders.filter { !$0.old.isEmpty }.map { "\($0.old) \($0.new ?? "-")" }
        == ["/home/kim/beans /srv/beans", "/home/kim/peas -"])
    #expect(!FileManager.default.fileExists(atPath: support.folder.path("back")))
  }

  @Test func `a sample is the same for the same seed`() async throws {
    let support = try BundleSupport()
    try await support.backup(BundleSupport.both, "b.tar.gz")
    func sample(_ share: Double, _ seed: UInt64) async throws -> VerificationReport {
      var verification = Verification(
        of: support.folder.path("b.tar.gz"), formats: Registry.formats)
      verification.sample = VerificationSample(share: share, seed: seed)
      return try await verification.run()
    }
    let report = try await sample(0.2, 7)
    #expect(report.isValid, "\(report.findings)")
    #expect(report.sample?.of == 13)
    #expect(report.sample?.restored == 3)
    #expect(report.sample?.seed == 7)
    #expect(try await sample(0.001, 7).sample?.restored == 1)
    #expect(try await sample(1, 7).sample?.restored == 13)
    let chosen = VerificationSample(share: 0.1, seed: 7).choose(from: Array(0..<1_000))
    #expect(chosen == VerificationSample(share: 0.1, seed: 7).choose(from: Array(0..<1_000)))
    #expect(chosen != VerificationSample(share: 0.1, seed: 8).choose(from: Array(0..<1_000)))
    #expect(chosen == chosen.sorted() && Set(chosen).count == 100)
  }
}
