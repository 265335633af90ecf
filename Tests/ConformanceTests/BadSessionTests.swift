import Conversion
import FileIO
import Foundation
import GRDB
import JSONText
import SessionCoding
import SessionFormats
import TestSupport
import Testing

/// A session that fails is one session: the others are converted, and nothing of it stays.
@Suite struct BadSessionTests {
  static let ids = (1...5).map { "session-\($0)" }

  /// A canonical file with several plain sessions.
  func canonical(_ ids: [String] = Self.ids, in folder: TemporaryFolder) throws -> String {
    let text = ids.map { id in
      """
      {"record":"session","version":1,"head":{"id":"\(id)","title":"\(id.prefix(20))",\
      "created":"2026-03-01T10:00:00Z"}}
      {"record":"message","role":"user","content":[{"type":"text","text":"Question"}]}
      {"record":"message","role":"assistant","content":[{"type":"text","text":"Answer"}]}\n
      """
    }
    return try folder.write(Array(text.joined().utf8), to: "in.session.jsonl")
  }

  static let targets = Registry.writable.map(\.info.id).filter { $0 != "canonical" }

  @Test(arguments: targets + ["canonical"], ConversionWay.allCases)
  func `something that stands at a session's place fails that session`(
    _ target: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    var (source, from) = (try canonical(in: folder), "canonical")
    if target == from {
      try await convert(source, from, to: folder.path("store"), "ggcode")
      (source, from) = (folder.path("store"), "ggcode")
    }
    // Where the session goes is learnt by writing it.
    try await convert(source, from, to: folder.path("probe"), target)
    let probe = folder.path("probe")
    guard try FileStatus(path: probe)?.kind == .directory else { return }
    let before = try open(target, probe).sessions()
    guard Set(before.map(\.path)).count == before.count else { return }
    let path = before[2].path
    let place = folder.path("target") + path.dropFirst(probe.utf8.count)
    try FileManager.default.createDirectory(
      atPath: place + "/something", withIntermediateDirectories: true)
    let report = try await convert(
      source, from, to: folder.path("target"), target, options: way.options())
    let failed = report.sessions.filter { $0.status == .failed }
    #expect(failed.count == 1, "\(failed.map(\.reason))")
    #expect(failed.first?.target == before[2].id)
    #expect(report.sessions.count { $0.status == .written } == Self.ids.count - 1)
    let after = try open(target, folder.path("target"))
    for summary in before where summary.id != before[2].id {
      #expect(try after.whole(summary.id).entries.count >= 2)
    }
  }

  @Test(arguments: targets, ConversionWay.allCases)
  func `a name that no file can have fails no other session`(
    _ target: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    let odd = [
      String(repeating: "x", count: 5_000), String(repeating: "é", count: 120), "a/b", "..",
    ]
    let source = try canonical(Self.ids + odd, in: folder)
    let report = try await convert(
      source, "canonical", to: folder.path("target"), target, options: way.options())
    for session in report.sessions where Self.ids.contains(session.source) {
      #expect(session.status == .written, "\(session.reason ?? "")")
    }
    #expect(report.sessions.count == Self.ids.count + odd.count)
  }

  /// A database whose second session has a row that no current database takes.
  func database(_ fault: String, in folder: TemporaryFolder) async throws -> (
    path: String, id: String
  ) {
    let path = folder.path("source.db")
    try await convert(try canonical(in: folder), "canonical", to: path, "term-llm")
    let queue = try DatabaseQueue(path: path)
    let id = Self.ids[1]
    try await queue.writeWithoutTransaction { database in
      try database.execute(
        sql: """
          PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF;
          DROP INDEX idx_messages_client_message_id;
          \(fault)
          """)
    }
    try queue.close()
    return (path, id)
  }

  static let faults = [
    "role":
      "UPDATE messages SET role = 'nobody' WHERE session_id = 'session-2' AND role = 'assistant'",
    "client": "UPDATE messages SET client_message_id = 'c' WHERE session_id = 'session-2'",
    "grant": """
    INSERT INTO session_workspace_grants (session_id, id, path, access, provenance, rationale,
    created_at, updated_at) VALUES ('session-2', '1', '/', 'own', '', '', '', '')
    """,
  ]

  @Test(arguments: faults.keys.sorted(), ConversionWay.allCases)
  func `a row that a database does not take fails its session`(
    _ fault: String, _ way: ConversionWay
  ) async throws {
    let folder = try TemporaryFolder()
    let (source, id) = try await database(try #require(Self.faults[fault]), in: folder)
    // A new database, and one that is in use.
    try await convert(
      try canonical(["there"], in: folder), "canonical", to: folder.path("live.db"), "term-llm")
    for name in ["new.db", "live.db"] {
      let path = folder.path(name)
      let report = try await convert(
        source, "term-llm", to: path, "term-llm", options: way.options())
      let failed = report.sessions.filter { $0.status == .failed }
      #expect(failed.map(\.source) == [id], "\(failed.map(\.reason))")
      #expect(failed.first?.reason?.contains("constraint failed") == true)
      #expect(report.sessions.count { $0.status == .written } == Self.ids.count - 1)
      let queue = try DatabaseQueue(path: path)
      let rows = try await queue.read { database in
        let tables = try String.fetchAll(
          database,
          sql: """
            SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
            WHERE m.type = 'table' AND c.name = 'session_id'
            """)
        var rows = try Int.fetchOne(
          database, sql: "SELECT count(*) FROM sessions WHERE id = ?", arguments: [id])
        for table in tables {
          rows? +=
            try Int.fetchOne(
              database, sql: "SELECT count(*) FROM \(table) WHERE session_id = ?", arguments: [id])
            ?? 0
        }
        #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check").isEmpty)
        #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
        return rows
      }
      #expect(rows == 0)
      try await queue.writeWithoutTransaction { database in
        try database.execute(
          sql: "INSERT INTO messages_fts(messages_fts, rank) VALUES('integrity-check', 1)")
      }
      try queue.close()
    }
  }

  @Test func `what fails of the store as a whole fails no session`() async throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      atPath: Fixtures.root + "/ggcode/store", toPath: folder.path("store"))
    try FileManager.default.removeItem(atPath: folder.path("store/index.json"))
    try FileManager.default.createDirectory(
      atPath: folder.path("store/index.json"), withIntermediateDirectories: true)
    for target in Registry.writable.map(\.info.id) {
      let report = try await convert(
        folder.path("store"), "ggcode", to: folder.path(target), target)
      #expect(report.sessions.allSatisfy { $0.status == .written })
      #expect(report.sessions.count == 6)
      #expect(report.storeFindings.contains { $0.rule == "store.special-file" }, "\(target)")
    }
  }

  @Test func `a place where nothing can be written ends the run at once`() async throws {
    let folder = try TemporaryFolder()
    let source = try canonical(in: folder)
    try folder.write([1], to: "file")
    for target in Self.targets {
      let error = await #expect(throws: FormatError.self) {
        try await convert(source, "canonical", to: folder.path("file/below/target"), target)
      }
      #expect(error?.isAboutTarget == true, "\(target)")
    }
  }
}
