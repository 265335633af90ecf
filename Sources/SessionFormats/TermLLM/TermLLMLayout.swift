import GRDB
import SessionCoding
import SessionModel

/// The tables and columns that a database really has, whatever its version says.
struct TermLLMLayout: Sendable {
  /// The version that is in force; nil when the table or its row is missing or holds no integer.
  let version: Int64?
  /// What `schema_version` holds, nil when there is no such table.
  let versionRows: [SQLiteValue]?
  /// Columns of each table, in the database's order.
  let columns: [String: [String]]
  /// Indexes and triggers.
  let objects: Set<String>

  /// The version up to which the schema is known.
  static let newestVersion: Int64 = 46

  /// Reads the schema.
  init(_ database: Database, path: String) throws(FormatError) {
    var columns: [String: [String]] = [:]
    var objects: Set<String> = []
    let schema = try database.rows("SELECT type, name FROM sqlite_schema", path: path)
    for row in schema {
      guard let name = row[1].string else { continue }
      if row[0].string == "table" {
        // A virtual table of an unknown module has no columns that could be told.
        var info: [[SQLiteValue]] = []
        do throws(FormatError) {
          info = try database.rows("PRAGMA table_info(\(name.quoted))", path: path)
        } catch {
          if error.concernsAll { throw error }
        }
        columns[name] = info.compactMap { $0[1].string }
      } else {
        objects.insert(name)
      }
    }
    self.columns = columns
    self.objects = objects
    if columns["schema_version"]?.contains("version") == true {
      let rows = try database.rows("SELECT version FROM schema_version", path: path)
      versionRows = rows.map { $0[0] }
      version = rows.first?[0].int64
    } else {
      versionRows = nil
      version = nil
    }
  }

  /// Whether a table has a column.
  func has(_ column: String, in table: String) -> Bool {
    columns[table]?.contains(column) ?? false
  }

  /// Whether this is a session store at all: the columns that no other known tool has together.
  var isSessionStore: Bool {
    ["id", "provider", "model", "created_at", "updated_at"].allSatisfy { has($0, in: "sessions") }
      && ["id", "session_id", "role", "parts", "text_content", "created_at", "sequence"]
        .allSatisfy { has($0, in: "messages") }
  }

  /// Makes sure that the store can be read.
  ///
  /// - Throws: `.notRecognised` for another database, `.unsupportedVersion` for versions 1 to 3.
  func checkReadable(path: String) throws(FormatError) {
    guard isSessionStore else {
      throw FormatError(
        .notRecognised, "the database holds no term-llm sessions", at: .file(path: path))
    }
    if let version, (1...3).contains(version) { throw Self.tooOld(version, path) }
    if version == nil, !has("mode", in: "sessions") { throw Self.tooOld(nil, path) }
  }

  private static func tooOld(_ version: Int64?, _ path: String) -> FormatError {
    FormatError(
      .unsupportedVersion,
      "the database has schema version \(version.map { "\($0)" } ?? "1 to 3"), which no current "
        + "version of term-llm opens", at: .file(path: path),
      advice: "open it once with term-llm v0.0.55 to v0.0.72")
  }

  /// Tables whose rows belong to no session and are not known, in order.
  var unknownTables: [String] {
    let known = Set(
      [TermLLMTable.sessions, TermLLMTable.messages].map(\.name)
        + TermLLMTable.satellites.map(\.name) + TermLLMTable.storeTables.map(\.name)
        + ["schema_version", CarryTables.origin, CarryTables.store])
    return columns.keys.filter {
      !known.contains($0) && !$0.hasPrefix("sqlite_") && !$0.hasPrefix("messages_fts")
        && !(columns[$0] ?? []).isEmpty
    }.sorted()
  }
}

/// The tables that a conversion adds.
enum CarryTables {
  /// Carry of a session: chunk −1 is its header, as JSON, the others are compressed.
  static let origin = "carryover_origin"
  /// Store-wide records of another format.
  static let store = "carryover_store"

  /// Stores a chunk of a session's carry.
  static func insert(
    _ data: SQLiteValue, chunk: Int64, of id: String, _ database: Database, path: String
  ) throws(FormatError) {
    let statement = try RowStatement(
      database, "INSERT OR REPLACE INTO \(origin) VALUES (?1, ?2, ?3)", path: path)
    try statement.bind(id, at: 1)
    try statement.bind(chunk, at: 2)
    try statement.bind(data, at: 3)
    try statement.run()
  }

  /// The statement that makes a carry table unless it exists.
  ///
  /// Chunks are large, so their table has an index of its own: a search in one `WITHOUT ROWID` would
  /// read every chunk that it passes.
  static func create(_ table: String) -> String {
    switch table {
    case origin:
      """
      CREATE TABLE IF NOT EXISTS \(origin) (
        session_id TEXT NOT NULL, chunk INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (session_id, chunk))
      """
    default:
      """
      CREATE TABLE IF NOT EXISTS \(store) (
        format TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (format, position)) WITHOUT ROWID
      """
    }
  }
}

extension String {
  /// The name as a quoted SQL identifier.
  var quoted: String {
    if !utf8.contains(UInt8(ascii: "\"")) { return "\"\(self)\"" }
    return "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
