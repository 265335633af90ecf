import Bundles
import Conversion
import FileIO
import Foundation
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

@Suite struct BundleRoundTripTests {
  @Test(arguments: ["all.tar.gz", "vault"])
  func `both sample stores come back as they were`(name: String) async throws {
    let support = try BundleSupport()
    try await support.backup(
      try BundleSupport.both + [BundleSupport.source("term-llm", BundleSupport.seed)], name)
    let verified = try await support.verify(name)
    #expect(verified.isValid, "\(verified.findings)")
    #expect(verified.findings.isEmpty, "\(verified.findings)")
    #expect(verified.sessions == 19)
    let report = try await support.restore(name, "back")
    BundleSupport.isExact(report)
    #expect(
      try BundleSupport.sessionFiles(support.folder.path("back/ggcode"))
        == BundleSupport.sessionFiles(BundleSupport.ggcode))
    for store in report.stores where store.tool == "term-llm" {
      let isSeed = store.destination.hasSuffix("seed-v7.db")
      let original = isSeed ? BundleSupport.seed : BundleSupport.termLLM
      #expect(try BundleSupport.rows(store.destination) == BundleSupport.rows(original))
    }
    #expect(report.stores.count == 3)
  }

  @Test func `every ggcode fixture comes back byte for byte`() async throws {
    for folder in try listDirectory(Fixtures.root + "/ggcode") where folder.kind == .directory {
      let path = Fixtures.root + "/ggcode/" + folder.name
      guard GGCode().recognizes(path) else { continue }
      let files = try BundleSupport.sessionFiles(path)
      guard !files.isEmpty else { continue }
      let support = try BundleSupport()
      try await support.backup([BundleSupport.source("ggcode", path)], "b.tar.gz")
      let verified = try await support.verify("b.tar.gz", .standard)
      #expect(verified.findings.isEmpty, "\(folder.name): \(verified.findings)")
      BundleSupport.isExact(try await support.restore("b.tar.gz", "back"))
      #expect(
        try BundleSupport.sessionFiles(support.folder.path("back")) == files, "\(folder.name)")
    }
  }

  @Test func `equal input gives equal bytes, with any number of jobs`() async throws {
    let support = try BundleSupport()
    try FileManager.default.createDirectory(
      atPath: support.folder.path("other"), withIntermediateDirectories: true)
    try await support.backup(BundleSupport.both, "same.tar.gz") { $0.jobs = 1 }
    try await support.backup(BundleSupport.both.reversed(), "other/same.tar.gz") { $0.jobs = 4 }
    for suffix in ["", ".sha256", ".idx.json"] {
      let one = try readFile(support.folder.path("same.tar.gz" + suffix))
      #expect(try readFile(support.folder.path("other/same.tar.gz" + suffix)) == one)
    }
    // Nothing is written where the same is there, and nothing is overwritten unasked.
    let again = try await support.backup(BundleSupport.both, "same.tar.gz")
    #expect(!again.isWritten)
    let error = await #expect(throws: FormatError.self) {
      try await support.backup(
        [BundleSupport.source("ggcode", BundleSupport.ggcode)], "same.tar.gz")
    }
    #expect(error?.code == .notWritable)
    try await support.backup(
      [BundleSupport.source("ggcode", BundleSupport.ggcode)], "same.tar.gz"
    ) { $0.replaces = true }
    #expect(try await support.verify("same.tar.gz").isValid)
  }

  @Test func `the canonical form is kept and comes out the same again`() async throws {
    let support = try BundleSupport()
    try await support.backup(BundleSupport.both, "c.tar.gz") {
      $0.canonical = try BundleSupport.format("canonical") as? any WritableSessionFormat
    }
    let report = try await support.verify("c.tar.gz")
    #expect(report.findings.isEmpty, "\(report.findings)")
    let entries = try Bundle(support.folder.path("c.tar.gz")).entries
    for entry in entries where entry.kind == .session {
      #expect(entry.sessionDigest != nil)
      #expect(entry.fidelity == "lossless")
    }
  }

  @Test func `a bundle restores into the other format and from there back`() async throws {
    let support = try BundleSupport()
    try await support.backup([BundleSupport.source("ggcode", BundleSupport.ggcode)], "g.tar.gz")
    let there = try await support.restore("g.tar.gz", "g.db") {
      $0.format = try BundleSupport.format("term-llm") as? any WritableSessionFormat
    }
    for session in there.sessions {
      #expect(session.status == .written, "\(session.reason ?? "")")
      #expect(session.fidelity != .lossy, "\(session.source)")
    }
    // The way back is carried through another backup.
    let database = support.folder.path("g.db")
    try await support.backup([BundleSupport.source("term-llm", database)], "t.tar.gz")
    BundleSupport.isExact(try await support.restore("t.tar.gz", "again.db"))
    try await support.backup(
      [BundleSupport.source("term-llm", support.folder.path("again.db"))], "u.tar.gz")
    let back = try await support.restore("u.tar.gz", "back") {
      $0.format = try BundleSupport.format("ggcode") as? any WritableSessionFormat
    }
    BundleSupport.isExact(back)
    #expect(
      try BundleSupport.sessionFiles(support.folder.path("back"))
        == BundleSupport.sessionFiles(BundleSupport.ggcode))
  }

  @Test func `a carry that cannot be read is said when it is restored`() async throws {
    let support = try BundleSupport()
    try await support.backup([BundleSupport.source("ggcode", BundleSupport.ggcode)], "g.tar.gz")
    try await support.restore("g.tar.gz", "g.db") {
      $0.format = try BundleSupport.format("term-llm") as? any WritableSessionFormat
    }
    let database = support.folder.path("g.db")
    let member = Array("source_head".utf8)
    var bytes = try readFile(database)
    for index in bytes.indices where bytes[index...].starts(with: member) { bytes[index] = 0x53 }
    try Data(bytes).write(to: URL(fileURLWithPath: database))

    try await support.backup([BundleSupport.source("term-llm", database)], "t.tar.gz")
    let restored = try await support.restore("t.tar.gz", "again.db")
    #expect(!restored.sessions.isEmpty)
    for session in restored.sessions {
      #expect(session.status == .written, "\(session.reason ?? "")")
      #expect(session.findings.map(\.rule).contains("carry.unreadable"), "\(session.source)")
      #expect(session.fidelity != .exact, "\(session.source)")
    }
  }

  @Test(arguments: ["claude-code", "codex", "canonical", "markdown"])
  func `what is said of restored files is so, also where a carry stands in them`(
    format: String
  ) async throws {
    let support = try BundleSupport()
    let store = support.folder.path("store")
    let target = try #require(try BundleSupport.format(format) as? any WritableSessionFormat)
    _ = try await StoreConversion(
      from: BundleSupport.format("ggcode"), at: BundleSupport.ggcode, to: target, at: store
    ).run()
    // One of them was gone on with.
    let files = try target.open(store, options: ReadOptions()).sessions()
    let file = try #require(files.first).path
    try Data(readFile(file) + Array("\n{\"type\":\"event_msg\"}\n".utf8))
      .write(to: URL(fileURLWithPath: file))
    try await support.backup([BundleSupport.source(format, store)], "all.tar.gz")
    let report = try await support.restore("all.tar.gz", "back")
    #expect(report.sessions.count == files.count)
    let back = try target.open(support.folder.path("back"), options: ReadOptions())
    for session in try back.sessions() {
      let original = try #require(files.first { $0.id == session.id })
      let isSame = try readFile(original.path) == readFile(session.path)
      let said = report.sessions.first { $0.target == session.id }?.fidelity
      #expect(said == .exact ? isSame : said == .complete, "\(session.id)")
      // Others are the files they were.
      #expect(said == .exact || original.path == file, "\(session.id)")
    }
  }

  @Test func `sessions of several tools become one store`() async throws {
    let support = try BundleSupport()
    try await support.backup(BundleSupport.both, "all.tar.gz")
    for id in ["term-llm", "canonical"] {
      let report = try await support.restore("all.tar.gz", id == "canonical" ? "all" : "all.db") {
        $0.format = try BundleSupport.format(id) as? any WritableSessionFormat
      }
      #expect(report.sessions.count == 13)
      for session in report.sessions {
        #expect(session.status == .written, "\(session.source): \(session.reason ?? "")")
      }
    }
  }

  @Test func `a session larger than what is held takes several members`() async throws {
    let support = try BundleSupport()
    let seed = UInt64.random(in: 0...(.max))
    var generator = SeededGenerator(seed: seed)
    var file =
      #"{"type":"meta","session_id":"large","title":"L","created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T11:00:00Z"}"#
      + "\n"
    let line =
      #"{"type":"message","session_id":"large","message":{"role":"user","content":[{"type":"text","text":""#
    for _ in 0..<20 {
      let text = String(generator.next(), radix: 36)
      file += line + String(repeating: text, count: 90_000) + #""}]}}"# + "\n"
    }
    let bytes = Array(file.utf8)
    #expect(bytes.count > 17 << 20)
    try support.folder.write(bytes, to: "store/large.jsonl")
    try support.folder.write(Array(file.utf8.prefix(118)), to: "store/small.jsonl")
    try await support.backup(
      [BundleSupport.source("ggcode", support.folder.path("store"))], "b.tar.gz")
    #expect(try support.run("gzip -t b.tar.gz && tar tzf b.tar.gz").code == 0)
    let verified = try await support.verify("b.tar.gz")
    #expect(verified.findings.isEmpty, "seed \(seed): \(verified.findings)")
    for selection in [["large"], []] {
      BundleSupport.isExact(
        try await support.restore("b.tar.gz", "back-\(selection.count)") {
          $0.sessions = selection
        })
      #expect(try readFile(support.folder.path("back-\(selection.count)/large.jsonl")) == bytes)
    }
  }

  @Test func `restoring never overwrites unasked`() async throws {
    let support = try BundleSupport()
    try await support.backup([BundleSupport.source("ggcode", BundleSupport.ggcode)], "g.tar.gz")
    BundleSupport.isExact(try await support.restore("g.tar.gz", "back"))
    let again = try await support.restore("g.tar.gz", "back")
    #expect(again.sessions.allSatisfy { $0.status == .unchanged })
    let name = "back/20260406-100000.jsonl"
    let changed = try readFile(support.folder.path(name)) + Array("{}\n".utf8)
    try support.folder.write(changed, to: name)
    let third = try await support.restore("g.tar.gz", "back")
    #expect(third.sessions.filter { $0.status == .skipped }.map(\.source) == ["20260406-100000"])
    #expect(try readFile(support.folder.path(name)) == changed)
    let replaced = try await support.restore("g.tar.gz", "back") { $0.onConflict = .replace }
    #expect(replaced.sessions.contains { $0.status == .written })
    #expect(
      try BundleSupport.sessionFiles(support.folder.path("back"))
        == BundleSupport.sessionFiles(BundleSupport.ggcode))
  }

  @Test func `authentication tables are left out and named`() async throws {
    let support = try BundleSupport()
    let report = try await support.backupUnpacked(
      [BundleSupport.source("term-llm", BundleSupport.termLLM)], "bag")
    #expect(report.omissions.map(\.name) == ["push_subscriptions"])
    let files = try support.files("bag")
    for (name, bytes) in files where name != "bag-info.txt" {
      #expect(!String(decoding: bytes, as: UTF8.self).contains("push_subscriptions"), "\(name)")
    }
    let info = String(decoding: try #require(files["bag-info.txt"]), as: UTF8.self)
    #expect(info.contains("Session-Bag-Omitted: term-llm push_subscriptions (1 records"))
  }

  @Test func `a generated session of any kind comes back`() async throws {
    let seed = UInt64.random(in: 0...(.max))
    var generator = SessionGenerator(seed: seed)
    let support = try BundleSupport()
    let canonical = try BundleSupport.format("canonical") as? any WritableSessionFormat
    let target = try #require(canonical).target(
      at: support.folder.path("store"), options: WriteOptions(isDurable: false))
    for number in 0..<12 {
      let (head, entries) = generator.session(id: "s\(number)")
      let writer = try target.writer(for: head, id: head.id)
      for entry in entries { _ = try writer.write(entry) }
      try writer.finishEntries()
      try writer.publish(header: nil)
    }
    try target.publish()
    let store = support.folder.path("store")
    try await support.backup([BundleSupport.source("canonical", store)], "b.tar.gz")
    let verified = try await support.verify("b.tar.gz")
    #expect(verified.isValid, "seed \(seed): \(verified.findings)")
    BundleSupport.isExact(try await support.restore("b.tar.gz", "back"))
    #expect(
      try BundleSupport.sessionFiles(support.folder.path("back"))
        == BundleSupport.sessionFiles(store), "seed \(seed)")
  }
}
