internal import FileIO
internal import SessionFormats
internal import SessionModel

/// The session store of term-llm: one SQLite database.
///
/// Original: `SQLiteStore`.
///
/// It works on the same file as the tool and at the same time as it. Calls may come from any task;
/// calls on one store run one after the other, and several processes may use one database. A
/// database that another program keeps locked is waited for, five seconds and four times more.
///
///     let store = try SQLiteStore()
///     var session = Session(provider: "OpenAI", model: "gpt")
///     try store.create(&session)
///     var message = Message(role: "user", parts: "Hello", textContent: "Hello")
///     try store.addMessage(&message, to: session.id)
///
/// The schema decides how it behaves, see ``release``. Databases that the tool would migrate first
/// are not opened for writing.
public final class SQLiteStore: SessionStore {
  /// The release that the database's schema belongs to.
  public let release: Release
  /// What the database says its schema version is.
  public let schemaVersion: Int64
  /// The database.
  public let path: String
  let connection: Connection
  let now: @Sendable () -> Timestamp
  /// The folder whose images are stored without their bytes; nil for none.
  private let uploads: String?

  /// Opens a store, which is made if it is missing.
  ///
  /// Original: `NewSQLiteStore`.
  ///
  /// Deletes what the configuration's limits exclude, unless it is read-only.
  /// - Throws: `.unsupportedVersion` with advice for a schema that is neither 7 nor 46 or later.
  public init(_ config: Config = Config()) throws(StoreError) {
    path = try Self.location(config)
    now = config.now
    if config.stripsImageBase64 {
      let data = if let given = config.dataDirectory { given } else { try getDataDir() }
      uploads = data + "/uploads"
    } else {
      uploads = nil
    }
    if !config.isReadOnly, path != ":memory:" { try Self.prepareFile(path) }
    connection = try Connection(path: path, isReadOnly: config.isReadOnly)
    let found = try connection.use { access throws(StoreError) in
      try Self.version(access, isReadOnly: config.isReadOnly)
    }
    if let found {
      schemaVersion = found
      release = found <= 7 ? .documented : .current
      if config.isReadOnly {
        try OlderSchema.complete(connection, for: release)
        return
      }
      try enterLogMode()
    } else {
      release = config.newDatabaseRelease
      schemaVersion = release.schemaVersion
      try enterLogMode()
      try connection.write { access throws(StoreError) in try createSchema(access) }
    }
    if release == .current {
      try connection.write { access throws(StoreError) in
        for sql in CountTriggers.all { try access.run(sql) }
      }
    }
    cleanUp(config)
  }

  /// Ends the store; later calls fail.
  ///
  /// Original: `Close`.
  public func close() throws(StoreError) { try connection.close() }

  private static func location(_ config: Config) throws(StoreError) -> String {
    let path = config.path.trimmingUnicodeWhiteSpace
    if path.isEmpty { return try getDBPath() }
    if path == ":memory:" || path.hasPrefix("/") { return path }
    do throws(FileError) {
      if path.hasPrefix("~/"), let home = homeDirectory() {
        return cleanPath(home + String(path.dropFirst(1)))
      }
      return cleanPath(try currentDirectory() + "/" + path)
    } catch {
      throw StoreError(.notAccessible, error.description)
    }
  }

  /// Makes the folder and an empty file, which only its owner can read.
  private static func prepareFile(_ path: String) throws(StoreError) {
    do throws(FileError) {
      let folder = cleanPath(path + "/..")
      try createDirectory(folder, permissions: 0o755, intermediates: true)
      try createFileIfAbsent(path, permissions: 0o600)
    } catch {
      throw StoreError(.notAccessible, error.description)
    }
  }

  /// A message as it is stored.
  func stored(_ message: Message) -> Message {
    guard release == .current, let folder = uploads.flatMap(pathFollowingLinks) else {
      return message
    }
    var message = message
    message.parts = message.parts.withoutImages(below: folder)
    return message
  }

  private func enterLogMode() throws(StoreError) {
    if path == ":memory:" { return }
    // Other connections that are just opening the database may be in the way.
    for milliseconds: UInt32 in [20, 40, 80, 160, 320] {
      let mode = try? connection.use { access throws(StoreError) in
        try access.rows("PRAGMA journal_mode = WAL").first?[0].string
      }
      if mode == "wal" { return }
      SystemClock.sleep(milliseconds: milliseconds)
    }
    _ = try connection.use { access throws(StoreError) in
      try access.rows("PRAGMA journal_mode = WAL")
    }
  }

  /// The version of the schema; nil for a database without tables.
  private static func version(
    _ access: borrowing Connection.Access, isReadOnly: Bool
  ) throws(StoreError) -> Int64? {
    let tables = try access.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .compactMap { $0[0].string }
    guard tables.contains("sessions") else {
      if tables.isEmpty, !isReadOnly { return nil }
      throw StoreError(.unsupportedVersion, "the database holds no term-llm sessions")
    }
    let row =
      tables.contains("schema_version")
      ? try access.rows("SELECT version FROM schema_version").first?[0] : nil
    guard let row else {
      if isReadOnly { return 46 }
      throw StoreError(
        .unsupportedVersion,
        "the database does not say its schema version, so term-llm would migrate it anew and lose "
          + "columns; open it read-only, or enter the version in the table schema_version")
    }
    guard let version = row.int64 else {
      throw StoreError(
        .unsupportedVersion, "get current version: the schema version is not a number")
    }
    if version == 7 || version >= 46 || (isReadOnly && version >= 4) { return version }
    throw StoreError(
      .unsupportedVersion,
      version < 4
        ? "the database has schema version \(version), which no current term-llm opens; open it "
          + "once with term-llm v0.0.55 to v0.0.72"
        : "the database has schema version \(version), which term-llm would migrate; open it once "
          + "with the current term-llm, or read-only")
  }

  private func createSchema(_ access: borrowing Connection.Access) throws(StoreError) {
    // Another process may have been faster.
    if try !access.rows("SELECT 1 FROM sqlite_schema WHERE name = 'sessions'").isEmpty { return }
    let schema = release.schema
    for sql in schema.tables + schema.search { try access.run(sql) }
  }

  /// Deletes what is too old or too much, sessions that were put away excepted.
  ///
  /// The tool compares times as texts, so that texts of different zones may deceive it; here both the
  /// text and the instant must be too old.
  private func cleanUp(_ config: Config) {
    do throws(StoreError) {
      if config.maxAgeDays > 0 {
        var limit = now()
        limit.seconds -= Int64(clamping: config.maxAgeDays) &* 86_400
        let cutoff = limit
        try connection.write { access throws(StoreError) in
          let rows = try access.rows(
            "SELECT id, updated_at FROM sessions WHERE archived = FALSE AND updated_at < ?1",
            [.time(cutoff)])
          let old = rows.filter {
            if case .text(let text) = $0[1], let time = TermLLMTime.parse(text) {
              time < cutoff
            } else {
              false
            }
          }
          try deleteTogether(old.map { $0[0] }, access)
        }
      }
      if config.maxCount > 0 {
        try connection.write { access throws(StoreError) in
          let rows = try access.rows(
            "SELECT id FROM sessions WHERE archived = FALSE ORDER BY updated_at DESC "
              + "LIMIT -1 OFFSET ?1", [.integer(Int64(config.maxCount))])
          try deleteTogether(rows.map { $0[0] }, access)
        }
      }
    } catch {
      config.warn("warning: session cleanup failed: \(error)")
    }
  }

  /// Deletes in one statement, so that parents may go with their children.
  private func deleteTogether(
    _ ids: [SQLiteValue], _ access: borrowing Connection.Access
  ) throws(StoreError) {
    if ids.isEmpty { return }
    try access.run("CREATE TEMP TABLE IF NOT EXISTS carryover_delete (id TEXT PRIMARY KEY)")
    try access.run("DELETE FROM temp.carryover_delete")
    for id in ids { try access.run("INSERT INTO temp.carryover_delete VALUES (?1)", [id]) }
    try access.run("DELETE FROM sessions WHERE id IN (SELECT id FROM temp.carryover_delete)")
    try access.run("DELETE FROM temp.carryover_delete")
  }
}
