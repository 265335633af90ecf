import FileIO
import SessionCoding
import SessionModel

/// The session store of term-llm: one SQLite database.
///
/// It lies at `$XDG_DATA_HOME/term-llm/sessions.db`, else `~/.local/share/term-llm/sessions.db`.
/// Schema versions 4 to 46 (v0.0.55 to v0.0.403) are read, columns that an era lacks as absent and
/// columns that are not known as extras. Versions 7 and 46 are written. Each entry's origin is its
/// rows, see ``TableRow``.
///
/// What a foreign session loses is stored beside it in tables that term-llm does not look at.
struct TermLLM: SessionFormat {
  /// The format's identifier.
  static let id = "term-llm"

  /// Creates the format.
  init() {}

  /// What the format says of itself.
  var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "term-llm",
      summary: "One SQLite database for all sessions, searchable",
      profiles: [
        FormatProfile("46", "schema 46, as of v0.0.403"),
        FormatProfile("7", "schema 7, the documented one, read by v0.0.73 and later"),
      ],
      holdsRows: true, carry: "extra tables in the database, which term-llm ignores",
      // Their holder may send notifications.
      neverCarried: ["push_subscriptions"],
      defaultLocation: {
        if let folder = environmentVariable("XDG_DATA_HOME"), !folder.isEmpty {
          return folder + "/term-llm/sessions.db"
        }
        return homeDirectory().map { $0 + "/.local/share/term-llm/sessions.db" }
      })
  }

  /// The table of a row, and with it a column or key that is named like a credential.
  func storeRecordName(_ record: [UInt8]) -> String? {
    guard let row = TableRow(record) else { return nil }
    if Self.storeTables.contains(where: { $0.name == row.table }) {
      guard row.table == "metadata", let key = row["key"]?.string else { return row.table }
      return "metadata.\(key)"
    }
    let secret = row.columns.first { Self.credentials.contains($0.name.lowercased()) }
    return secret.map { "\(row.table).\($0.name)" } ?? row.table
  }

  private static let credentials: Set<String> = [
    "access_token", "api_key", "auth", "auth_token", "credential", "credentials", "key_auth",
    "password", "refresh_token", "secret", "token",
  ]
}

extension TermLLM: WritableRowFormat {
  typealias Decoder = TermLLMDecoder
  typealias Encoder = TermLLMEncoder

  static let fileName = "sessions.db"
  static let parentColumn: String? = "parent_id"
  static let ignoredTables: Set<String> = ["schema_version"]
  static let searchIndexes = ["messages_fts"]
  static let schemas = [RowSchema.termLLM46, .termLLM7]

  func check(_ database: RowDatabase) throws(FormatError) {
    try TermLLMVersion(of: database).checkReadable(database)
  }

  func profile(of database: RowDatabase) throws(FormatError) -> String? {
    try TermLLMVersion(of: database).schema?.profile
  }

  func schema(of database: RowDatabase) throws(FormatError) -> RowSchema {
    try TermLLMVersion(of: database).writtenSchema(database)
  }

  func findings(of rows: SessionRows) throws(FormatError) -> [Finding] {
    var rules = TermLLMRules(rows)
    while let row = try rows.next() { rules.check(row) }
    return try rows.leftOut.findings + rules.findings(isWhole: rows.leftOut.isEmpty)
  }

  func checkOpening(_ database: RowDatabase, _ log: inout FindingLog) throws(FormatError) {
    try TermLLMVersion(of: database).check(&log, .file(path: database.path))
  }

  /// Invariant 12.
  func checkStore(_ database: RowDatabase, _ log: inout FindingLog) throws(FormatError) {
    guard database.layout.has("value", in: "metadata") else { return }
    let current = try database.rows(
      """
      SELECT value FROM metadata WHERE key = 'current_session'
      AND (value IS NULL OR value NOT IN (SELECT id FROM sessions))
      """)
    if !current.isEmpty {
      log.add(
        "current-session", .info, .file(path: database.path), "the current session does not exist")
    }
  }
}
