import GRDB
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

@Suite struct FindingTests {
  private func findings(_ path: String) throws -> [Finding] {
    let source = try TermLLM().open(path, options: ReadOptions())
    return try source.storeFindings()
      + source.sessions().flatMap { try source.findings(of: $0.id) }
  }

  @Test(arguments: ["head-v46.db", "seed-v7.db", "base-small.db"])
  func `A sound store has no errors`(name: String) throws {
    let found = try findings(Fixture.path(name)).filter { $0.severity == .error }
    #expect(found.isEmpty, "\(found)")
  }

  @Test func `An index out of step is found`() throws {
    let found = try findings(Fixture.path("fts-stale.db")).filter { $0.severity == .error }
    #expect(found.map(\.rule) == ["term-llm.search-index"])
  }

  /// SQL that breaks one rule of a sound store, the rule, and its severity.
  static let damage: [(sql: String, rule: String, severity: Severity)] = [
    ("DELETE FROM schema_version", "schema-version", .error),
    ("INSERT INTO schema_version VALUES (3)", "schema-version", .error),
    ("UPDATE schema_version SET version = 99", "schema-newer", .warning),
    ("DROP INDEX idx_sessions_number", "schema-objects", .error),
    ("DROP TRIGGER messages_ad", "search-triggers", .warning),
    ("UPDATE sessions SET number = NULL WHERE number = 1", "number", .warning),
    ("UPDATE sessions SET parent_id = 'gone' WHERE number = 1", "parent-exists", .error),
    ("UPDATE sessions SET parent_id = id WHERE number = 1", "parent-cycle", .warning),
    ("UPDATE messages SET session_id = 'gone' WHERE id = 1", "orphans", .warning),
    ("UPDATE metadata SET value = 'gone'", "current-session", .info),
    ("UPDATE messages SET parts = '{}' WHERE id = 1", "parts-decode", .error),
    ("UPDATE messages SET parts = '' WHERE id = 1", "parts-empty", .warning),
    (
      "UPDATE messages SET parts = '[{\"Type\":\"new\"}]', text_content = '' WHERE id = 1",
      "part-type", .info
    ),
    ("UPDATE messages SET role = 'user' WHERE role = 'tool'", "part-role", .warning),
    ("DELETE FROM messages WHERE parts LIKE '%\"tool_call\"%'", "tool-result-call", .warning),
    ("DELETE FROM messages WHERE role = 'tool'", "tool-call-result", .warning),
    ("UPDATE messages SET text_content = 'else' WHERE id = 1", "text-content", .warning),
    ("UPDATE messages SET text_content = NULL WHERE id = 1", "null", .error),
    ("UPDATE sessions SET name = NULL WHERE number = 1", "null", .error),
    ("UPDATE sessions SET updated_at = 5 WHERE number = 1", "time", .error),
    ("UPDATE messages SET created_at = 'soon' WHERE id = 1", "time", .error),
    (
      "UPDATE messages SET created_at = '2026-03-23 10:40:18 +0545 +0545' WHERE id = 1",
      "time", .error
    ),
    ("UPDATE messages SET created_at = '2026-01-01' WHERE id = 3", "time-zones", .warning),
    ("UPDATE messages SET created_at = '2020-01-01' WHERE id = 3", "message-time-order", .info),
    ("UPDATE sessions SET updated_at = '2020-01-01' WHERE number = 1", "time-order", .info),
    ("UPDATE sessions SET archived = 2 WHERE number = 1", "boolean", .error),
    ("UPDATE sessions SET message_count = 99 WHERE number = 1", "message-count", .warning),
    ("UPDATE sessions SET transcript_rev = -1 WHERE number = 1", "transcript-rev", .info),
    ("UPDATE sessions SET tool_calls = 0 WHERE number = 1", "turn-counters", .info),
    ("UPDATE sessions SET output_tokens = -5 WHERE number = 1", "counter-negative", .info),
    (
      "UPDATE sessions SET compaction_seq = 2, compaction_count = 1 WHERE number = 1",
      "compaction-boundary", .warning
    ),
    (
      "UPDATE sessions SET compaction_seq = 9999, compaction_count = 1 WHERE number = 1",
      "compaction-boundary", .warning
    ),
    ("UPDATE messages SET compaction_tail = 1 WHERE id = 3", "compaction-tail", .warning),
    ("UPDATE sessions SET mode = 'dream' WHERE number = 1", "word", .info),
    ("UPDATE sessions SET tags = 'a, b' WHERE number = 1", "tags", .info),
    ("UPDATE messages SET sequence = 50 WHERE id = 3", "sequence-gap", .info),
    ("UPDATE messages SET sequence = -2 WHERE id = 3", "sequence-negative", .warning),
    (
      "DROP INDEX idx_messages_session_sequence; UPDATE messages SET sequence = 0 WHERE id = 2",
      "sequence-unique", .error
    ),
    (
      "INSERT INTO session_branches SELECT id, 'gone', 1, 500, '', '2026-01-01' FROM sessions "
        + "WHERE number = 1", "branch-parent", .info
    ),
    (
      "INSERT INTO session_branches SELECT id, id, 1, 500, '', '2026-01-01' FROM sessions "
        + "WHERE number = 1", "branch-anchor", .info
    ),
    (
      "INSERT INTO session_redo SELECT id, 1, '[{\"sequence\":0}]', '{}', '2026-01-01' "
        + "FROM sessions WHERE number = 1", "redo-sequence", .warning
    ),
    (
      "INSERT INTO session_plans (session_id, snapshot) SELECT id, '{}' FROM sessions "
        + "WHERE number = 1", "plan", .info
    ),
    ("UPDATE sessions SET summary = CAST(x'41C3' AS TEXT) WHERE number = 1", "summary-utf8", .info),
    ("INSERT INTO messages_fts(messages_fts) VALUES('delete-all')", "search-index", .error),
  ]

  @Test(arguments: damage.indices)
  func `Each rule finds its damage`(index: Int) throws {
    let (sql, rule, severity) = Self.damage[index]
    let scratch = try Scratch()
    let path = try scratch.copy("base-small.db")
    let before = try findings(path).map(\.rule)
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let live = try DatabaseQueue(path: path, configuration: configuration)
    try live.write { try $0.execute(sql: sql) }
    try live.close()
    let found = try findings(path)
    let hit = found.first { $0.rule == "term-llm." + rule }
    #expect(hit?.severity == severity, "\(found.map(\.rule)) before \(before)")
    #expect(hit?.place != nil)
    #expect(found.allSatisfy { !$0.stopsWriting })
  }

  @Test func `Neither a boundary nor a count is no compaction`() throws {
    let scratch = try Scratch()
    let path = try scratch.copy("base-small.db")
    let queue = try DatabaseQueue(path: path)
    try queue.write {
      try $0.execute(sql: "UPDATE sessions SET compaction_seq = 0, compaction_count = 0")
    }
    try queue.close()
    let found = try findings(path)
    #expect(!found.contains { $0.rule == "term-llm.compaction-boundary" }, "\(found)")
    let source = try TermLLM().open(path, options: ReadOptions())
    for session in try source.sessions() {
      let entries = try source.reader(for: session.id).entries()
      #expect(!entries.contains { !$0.isEffective })
      let hasCheckpoint = entries.contains {
        if case .checkpoint = $0.content { true } else { false }
      }
      #expect(!hasCheckpoint)
    }
  }

  @Test func `A row with broken parts is kept verbatim and the session still reads`() throws {
    let scratch = try Scratch()
    let path = try scratch.copy("base-small.db")
    let live = try Fixture.database(path, write: true)
    try live.write { try $0.execute(sql: "UPDATE messages SET parts = '[1]' WHERE id = 3") }
    try live.close()
    let source = try termLLMSource(path)
    let reader = try source.reader(for: source.sessions()[0].id)
    let entries = try reader.entries()
    #expect(reader.findings.map(\.rule) == ["term-llm.parts-decode"])
    #expect(reader.findings[0].place == .row(path: path, table: "messages", row: 3))
    let opaque = entries.filter { if case .opaque = $0.content { true } else { false } }
    #expect(opaque.count == 1)
    let target = try TermLLM().target(
      at: scratch.path + "/copy.db", options: WriteOptions(isDurable: false))
    try copyStore(source, to: target)
    let copy = try termLLMSource(scratch.path + "/copy.db")
    let query = "SELECT * FROM messages ORDER BY id"
    #expect(try copy.database.rows(query) == source.database.rows(query))
  }
}
