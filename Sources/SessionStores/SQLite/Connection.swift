internal import FileIO
internal import GRDB
internal import GRDBSQLite
internal import SessionCoding
internal import SessionFormats

/// The connection of a store: statements by SQL text, errors in the tool's words.
final class Connection: Sendable {
  private let queue: DatabaseQueue
  let path: String

  /// Opens a database file.
  init(path: String, isReadOnly: Bool) throws(StoreError) {
    var configuration = Configuration()
    // Of a database in log mode without a log, SQLite makes one even for reading. Only a connection
    // that could write removes it again at the end.
    let makesLog =
      isReadOnly && ((try? SQLiteFile(path)).map { $0.usesLog && $0.logSize == nil } ?? false)
    configuration.readonly = isReadOnly && !makesLog
    configuration.busyMode = .timeout(5)
    configuration.allowsUnsafeTransactions = true
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { database in
      if isReadOnly {
        try database.execute(sql: "PRAGMA query_only = 1")
      } else {
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
      }
    }
    self.path = path
    do throws(FileError) {
      // `:memory:` is no path.
      if path != ":memory:" { try SQLiteFile.checkKinds(of: path) }
    } catch {
      throw StoreError(.notAccessible, error.description)
    }
    do {
      queue = try Self.open(path, configuration, makesLog: makesLog)
    } catch let error as DatabaseError {
      throw StoreError(
        .database,
        Self.wording(error.extendedResultCode.rawValue, error.message ?? "unknown error"),
        sqliteCode: error.extendedResultCode.rawValue)
    } catch {
      throw StoreError(.notAccessible, "\(error)")
    }
  }

  private static func open(
    _ path: String, _ configuration: Configuration, makesLog: Bool
  ) throws -> DatabaseQueue {
    guard makesLog else { return try DatabaseQueue(path: path, configuration: configuration) }
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.unsafeReentrantWrite { _ = try Int.fetchOne($0, sql: "PRAGMA schema_version") }
      return queue
    } catch let error as DatabaseError
      where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
    {
      // Where nothing can be made beside it, nobody else can write either.
      var configuration = configuration
      configuration.readonly = true
      return try DatabaseQueue(
        path: SQLiteFile.immutableAddress(of: path), configuration: configuration)
    }
  }

  /// Runs a block alone on the connection.
  func use<Result>(
    _ body: (borrowing Access) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    do {
      return try queue.unsafeReentrantWrite { database in
        try body(Access(database: database, path: path))
      }
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(.closed, "sql: database is closed")
    }
  }

  /// Runs a block in one transaction that is undone if it fails.
  ///
  /// A database that another program keeps locked is tried again up to five times, as the tool does.
  func write<Result>(
    _ body: (borrowing Access) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    try retrying { () throws(StoreError) in
      try use { access throws(StoreError) in
        try access.run("BEGIN IMMEDIATE")
        do throws(StoreError) {
          let result = try body(access)
          try access.run("COMMIT")
          return result
        } catch {
          // A failure may have ended the transaction already.
          _ = try? access.run("ROLLBACK")
          throw error
        }
      }
    }
  }

  private func retrying<Result>(
    _ body: () throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    for milliseconds: UInt32 in [10, 20, 40, 80] {
      do throws(StoreError) {
        return try body()
      } catch {
        guard error.code == .busy else { throw error }
        SystemClock.sleep(milliseconds: milliseconds)
      }
    }
    return try body()
  }

  /// Closes; later calls fail.
  func close() throws(StoreError) {
    do {
      try queue.close()
    } catch {
      throw StoreError(.database, "\(error)")
    }
  }

  static func wording(_ code: Int32, _ message: String) -> String {
    let meaning = unsafe String(cString: sqlite3_errstr(code))
    return "\(meaning): \(message) (\(code))"
  }

  /// The connection while a block has it.
  struct Access: ~Copyable {
    fileprivate let database: Database
    fileprivate let path: String

    /// All rows of a query.
    func rows(_ sql: String, _ arguments: [SQLiteValue] = []) throws(StoreError) -> [[SQLiteValue]]
    {
      var rows: [[SQLiteValue]] = []
      try run(sql, arguments) { rows.append($0) }
      return rows
    }

    /// Runs a statement.
    ///
    /// - Returns: How many rows it changed.
    @discardableResult
    func run(
      _ sql: String, _ arguments: [SQLiteValue] = [], onRow: ([SQLiteValue]) -> Void = { _ in }
    ) throws(StoreError) -> Int {
      do throws(FormatError) {
        let statement = try RowStatement(database, sql, path: path)
        defer { statement.reset() }
        for (index, value) in arguments.enumerated() {
          try statement.bind(value, at: Int32(index) + 1)
        }
        while try statement.step() { onRow(statement.row) }
      } catch {
        throw failure(error)
      }
      return database.changesCount
    }

    /// The identifier that the last insertion gave.
    var lastRowID: Int64 { database.lastInsertedRowID }

    private func failure(_ error: FormatError) -> StoreError {
      let connection = unsafe database.sqliteConnection
      let code = unsafe sqlite3_extended_errcode(connection)
      guard code & 0xFF != SQLITE_OK, code & 0xFF != SQLITE_ROW, code & 0xFF != SQLITE_DONE else {
        return StoreError(.database, error.description)
      }
      let message = unsafe sqlite3_errmsg(connection).map { unsafe String(cString: $0) } ?? ""
      let isBusy = code & 0xFF == SQLITE_BUSY || code & 0xFF == SQLITE_LOCKED
      return StoreError(
        isBusy ? .busy : .database, Connection.wording(code, message), sqliteCode: code)
    }
  }
}
