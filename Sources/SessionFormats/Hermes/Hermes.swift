import FileIO
import SessionCoding
import SessionModel

/// Hermes Agent's sessions: `state.db` in its folder, seen from 0.19.0 (schema 22) and its newer columns.
///
/// A row of `messages` is a message; which of them the model gets, `active` tells. Written are new databases
/// with the tables of 0.19.0, to which Hermes adds its search indexes when it starts, and rows in one that
/// it made. A session's stored system prompt is sent verbatim, so it never comes from elsewhere; a child
/// without its marker would take over its parent's resume, so it is written with it, or without a parent.
/// Calls without a result get one from Hermes when it sends them.
struct Hermes: SessionFormat {
  /// The format's identifier.
  static let id = "hermes"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "Hermes Agent", summary: "folder with state.db, or that database",
      holdsRows: true, carry: "extra tables in the database, which Hermes ignores",
      neverCarried: ["gateway_routing", "config.yaml", ".env", "auth.json"],
      defaultLocation: { ToolFolder.path("HERMES_HOME", otherwise: ".hermes") })
  }

  func storeRecordName(_ record: [UInt8]) -> String? { TableRow(record)?.table }
}

extension Hermes: WritableRowFormat {
  typealias Decoder = HermesDecoder
  typealias Encoder = HermesEncoder

  static let fileName = "state.db"
  static let parentColumn: String? = "parent_session_id"
  static let ignoredTables = Set(
    ["schema_version"]
      + ["messages_fts", "messages_fts_trigram"].flatMap { name in
        [name] + ["data", "idx", "content", "docsize", "config"].map { "\(name)_\($0)" }
      })
  static let sessions = RowTable(
    name: "sessions", order: ["started_at", "id"],
    columns: [
      "id", "source", "model", "title", "parent_session_id", "started_at", "ended_at", "end_reason",
      "cwd", "message_count", "tool_call_count",
    ], lastColumns: ["model_config", "system_prompt"], json: ["model_config"])
  static let tables = [
    RowTable(name: "session_model_usage", owner: "session_id", order: ["first_seen", "model"]),
    RowTable(
      name: "messages", owner: "session_id", order: ["id"],
      columns: ["id", "role", "timestamp", "tool_call_id", "tool_name", "active", "compacted"],
      lastColumns: ["content", "tool_calls"], json: ["tool_calls"], identity: "id"),
  ]
  static let storeTables = [
    RowTable(name: "state_meta", order: ["key"]),
    RowTable(name: "gateway_routing", order: ["scope", "session_key"]),
    RowTable(name: "compression_locks", order: ["session_id"]),
    RowTable(name: "async_delegations", order: ["delegation_id"]),
  ]
  static let schemas = [RowSchema.hermes22]

  func check(_ database: RowDatabase) throws(FormatError) {
    let layout = database.layout
    guard layout.has(["id", "source", "started_at"], in: "sessions"),
      layout.has(["session_id", "role", "content", "tool_calls", "timestamp"], in: "messages")
    else {
      throw FormatError(
        .notRecognised, "the database has not the tables of Hermes",
        at: .file(path: database.path))
    }
  }

  func profile(of database: RowDatabase) throws(FormatError) -> String? {
    guard database.layout.has("version", in: "schema_version"),
      database.layout.has(["active", "compacted"], in: "messages")
    else { return nil }
    let version = try database.value("SELECT max(version) FROM schema_version")?.int64
    return version == 22 ? "22" : nil
  }

  func schema(of database: RowDatabase) -> RowSchema { .hermes22 }

  func resumeCommand(for id: String, home: String) -> ResumeCommand? {
    ResumeCommand(
      ["hermes", "--resume", id], variable: "HERMES_HOME", home: home,
      usual: info.defaultLocation())
  }

  /// What Hermes does to whole databases.
  func checkStore(_ database: RowDatabase, _ log: inout FindingLog) throws(FormatError) {
    guard database.layout.has("title", in: "sessions") else { return }
    for row in try database.rows(
      "SELECT min(rowid), title FROM sessions WHERE title IS NOT NULL GROUP BY title HAVING count(*) > 1"
    ) {
      log.add(
        "title-unique", .error, database.place("sessions", row[0].int64 ?? 0),
        "several sessions have the title \(row[1].displayText ?? ""); only the newest keeps it")
    }
    guard database.layout.has(["parent_session_id", "model_config", "end_reason"], in: "sessions")
    else { return }
    for row in try database.rows(
      """
      SELECT child.rowid FROM sessions child JOIN sessions parent ON parent.id = child.parent_session_id
      WHERE COALESCE(parent.end_reason, '') NOT IN ('compression', 'branched')
      AND COALESCE(child.model_config, '') NOT LIKE '%"_branched_from"%'
      AND COALESCE(child.model_config, '') NOT LIKE '%"_delegate_from"%'
      """)
    {
      log.add(
        "parent-marker", .error, database.place("sessions", row[0].int64 ?? 0),
        "nothing says what the session is to its parent; Hermes resumes it in the parent's place")
    }
  }
}
