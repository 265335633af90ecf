import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import TestSupport
import Testing

@Suite struct BundleSeriesTests {
  /// A ggcode store that can grow.
  private func store(_ support: BundleSupport) throws -> String {
    try FileManager.default.copyItem(
      atPath: BundleSupport.ggcode, toPath: support.folder.path("store"))
    return support.folder.path("store")
  }

  private func grow(_ support: BundleSupport, _ id: String) throws {
    let name = "store/\(id).jsonl"
    let line =
      #"{"type":"message","session_id":"\#(id)","created_at":"2026-05-01T10:00:00Z","updated_at":"2026-05-01T10:00:00Z","message":{"role":"user","content":[{"type":"text","text":"more"}]}}"#
    let bytes = try readFile(support.folder.path(name)) + Array((line + "\n").utf8)
    try support.folder.write(bytes, to: name)
  }

  @Test func `a chain of increments restores the newest state of everything`() async throws {
    let support = try BundleSupport()
    let sources = [
      try BundleSupport.source("ggcode", store(support)),
      try BundleSupport.source("term-llm", BundleSupport.termLLM),
    ]
    try await support.backup(sources, "one.tar.gz")
    try grow(support, "20260406-100000")
    let second = try await support.backup(sources, "two.tar.gz") {
      $0.since = support.folder.path("one.tar.gz")
    }
    #expect(second.count(.changed) == 1)
    #expect(second.count(.unchanged) == 12)
    #expect(second.number == 2)
    try grow(support, "20260301-090000-00000000000000a1")
    let third = try await support.backup(sources, "three.tar.gz") {
      $0.since = support.folder.path("two.tar.gz")
    }
    #expect(third.count(.changed) == 1)
    #expect(third.number == 3)
    let bundles = try ["one", "two", "three"].map {
      try Bundle(support.folder.path("\($0).tar.gz"))
    }
    #expect(Set(bundles.map(\.group)).count == 1)
    #expect(Set(bundles.map(\.identifier)).count == 3)
    for name in ["one", "two", "three"] {
      let report = try await support.verify("\(name).tar.gz")
      #expect(report.findings.isEmpty, "\(name): \(report.findings)")
      #expect(report.sessions == 13)
    }
    let report = try await support.restore("three.tar.gz", "back")
    BundleSupport.isExact(report)
    #expect(
      try BundleSupport.sessionFiles(support.folder.path("back/ggcode"))
        == BundleSupport.sessionFiles(support.folder.path("store")))
    #expect(
      try BundleSupport.rows(support.folder.path("back/term-llm/head-v46.db"))
        == BundleSupport.rows(BundleSupport.termLLM))
    // One session that another bundle of the series holds, into the other format.
    let one = try await support.restore("three.tar.gz", "one.db") {
      $0.sessions = ["20260302"]
      $0.format = try BundleSupport.format("term-llm") as? any WritableSessionFormat
    }
    #expect(one.sessions.map(\.status) == [.written])
    // Bundles in other places are found when they are named, and missed when not.
    try FileManager.default.createDirectory(
      atPath: support.folder.path("old"), withIntermediateDirectories: true)
    for name in ["one.tar.gz", "two.tar.gz"] {
      try FileManager.default.moveItem(
        atPath: support.folder.path(name), toPath: support.folder.path("old/" + name))
    }
    let error = await #expect(throws: FormatError.self) {
      try await support.restore("three.tar.gz", "again")
    }
    #expect(error?.code == .notFound)
    let alone = try await support.verify("three.tar.gz")
    #expect(alone.findings.map(\.rule) == ["archive.series"])
    BundleSupport.isExact(
      try await support.restore("three.tar.gz", "again") {
        $0.bases = ["two", "one"].map { support.folder.path("old/\($0).tar.gz") }
      })
  }

  @Test func `one session is taken out of an archive without reading the rest`() async throws {
    let support = try BundleSupport()
    try await support.backup(BundleSupport.both, "all.tar.gz")
    var bytes = try readFile(support.folder.path("all.tar.gz"))
    let text = String(
      decoding: try readFile(support.folder.path("all.tar.gz.idx.json")), as: UTF8.self)
    let members = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let list = try #require(members["members"] as? [[String: Any]])
    // Everything but the tag files and the session asked for is destroyed.
    for (index, member) in list.enumerated() where index > 0 {
      let first = try #require(member["first"] as? String)
      guard !first.contains("/20260406-100000/") else { continue }
      let offset = try #require(member["off"] as? Int)
      for position in offset..<(offset + (try #require(member["len"] as? Int))) {
        bytes[position] = 0xFF
      }
    }
    try support.folder.write(bytes, to: "all.tar.gz")
    let report = try await support.restore("all.tar.gz", "one") {
      $0.sessions = ["20260406-100000"]
    }
    BundleSupport.isExact(report)
    let name = "20260406-100000.jsonl"
    #expect(
      try readFile(support.folder.path("one/" + name))
        == readFile(BundleSupport.ggcode + "/" + name))
    #expect(try await !support.verify("all.tar.gz").isValid)
  }

  @Test func `side files are not needed, and wrong ones do no harm`() async throws {
    let support = try BundleSupport()
    try await support.backup(BundleSupport.both, "all.tar.gz")
    let index = support.folder.path("all.tar.gz.idx.json")
    let sound = String(decoding: try readFile(index), as: UTF8.self)
    for text in ["", "{}", sound.replacingOccurrences(of: "/ggcode/", with: "/other/"), nil] {
      try? FileManager.default.removeItem(atPath: support.folder.path("one"))
      if let text {
        try support.folder.write(Array(text.utf8), to: "all.tar.gz.idx.json")
      } else {
        for suffix in [".idx.json", ".sha256"] {
          try FileManager.default.removeItem(atPath: support.folder.path("all.tar.gz" + suffix))
        }
      }
      BundleSupport.isExact(
        try await support.restore("all.tar.gz", "one") { $0.sessions = ["20260406-100000"] })
      #expect(try await support.verify("all.tar.gz").isValid)
    }
  }
}
