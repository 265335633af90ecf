import FileIO
public import SessionCoding

/// The session store of term-llm: one SQLite database.
///
/// It lies at `$XDG_DATA_HOME/term-llm/sessions.db`, else `~/.local/share/term-llm/sessions.db`.
/// Schema versions 4 to 46 (v0.0.55 to v0.0.403) are read, columns that an era lacks as absent and
/// columns that are not known as extras. Versions 7 and 46 are written. Each entry's origin is its
/// row, see ``TermLLMRow``.
///
/// What a foreign session loses is stored beside it in tables that term-llm does not look at.
public struct TermLLM: WritableSessionFormat {
  /// The format's identifier.
  static let id = "term-llm"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
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
      defaultLocation: { Self.defaultLocation })
  }

  private static var defaultLocation: String? {
    if let folder = environmentVariable("XDG_DATA_HOME"), !folder.isEmpty {
      return folder + "/term-llm/sessions.db"
    }
    return homeDirectory().map { $0 + "/.local/share/term-llm/sessions.db" }
  }

  /// Whether a location holds sessions of this format.
  public func recognizes(_ path: String) -> Bool {
    // A source that is busy or damaged is reported when it is opened.
    (try? TermLLMSource(path: Self.databasePath(path))) != nil
  }

  /// Opens a location for reading.
  public func open(
    _ path: String, options: ReadOptions
  ) throws(FormatError) -> any SessionSource {
    try TermLLMSource(path: Self.databasePath(path), options: options)
  }

  /// Opens a location for writing, or prepares a new one.
  public func target(
    at path: String, options: WriteOptions
  ) throws(FormatError) -> any SessionTarget {
    try TermLLMTarget(path: Self.databasePath(path), options: options)
  }

  /// The table of a row, and with it a column or key that is named like a credential.
  public func storeRecordName(_ record: [UInt8]) -> String? {
    guard let row = TermLLMRow(record) else { return nil }
    if TermLLMTable.storeTables.contains(where: { $0.name == row.table }) {
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

  /// The database of a location: the file itself, or the one in the tool's folder.
  static func databasePath(_ path: String) -> String {
    guard let status = FileStatus.guess(path), status.kind == .directory else { return path }
    return path + "/sessions.db"
  }
}
