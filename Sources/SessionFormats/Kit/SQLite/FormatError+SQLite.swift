import GRDB
import GRDBSQLite
import SessionCoding
import SessionModel

extension FormatError {
  /// The failure of a database call.
  init(sqlite error: any Error, path: String) {
    switch error {
    case let error as FormatError: self = error
    case let error as DatabaseError:
      self.init(
        sqliteCode: error.extendedResultCode.rawValue, message: error.message, path: path)
    default:
      self.init(.notReadable, "\(error)", at: .file(path: path))
    }
  }

  /// The failure that an SQLite result code stands for.
  init(sqliteCode code: Int32, message: String?, path: String) {
    let text = message ?? "SQLite error \(code)"
    let place = Place.file(path: path)
    switch code & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED:
      self.init(
        .busy, "another program is using the database (\(text))", at: place,
        advice: "close that program or try again later")
    case SQLITE_NOTADB:
      self.init(
        .notRecognised, "this is not a database (\(text))", at: place,
        advice: "it may be encrypted, overwritten or another kind of file")
    case SQLITE_CORRUPT:
      self.init(
        .damaged, "the database is damaged (\(text))", at: place,
        advice: "run 'sqlite3 FILE .recover' on a copy, then convert the recovered database")
    case SQLITE_READONLY where code == SQLITE_READONLY_ROLLBACK_CODE:
      self.init(
        .interruptedWrite, "an interrupted write must be rolled back first (\(text))", at: place,
        advice: "open the database once with its own tool")
    case SQLITE_READONLY, SQLITE_FULL, SQLITE_PERM:
      self.init(.notWritable, "the database cannot be written (\(text))", at: place)
    case SQLITE_CONSTRAINT, SQLITE_MISMATCH:
      self.init(
        .notWritable, "the database does not take a row (\(text))", at: place,
        advice: "correct that row where it comes from, or convert to another format")
    case SQLITE_TOOBIG:
      self.init(
        .limit, "a value is longer than --max-record allows", at: place,
        advice: "give a larger --max-record")
    case SQLITE_IOERR where code >> 8 > 2:
      // All but failures of reading, which are the first two.
      self.init(.notWritable, "the database cannot be written (\(text))", at: place)
    case SQLITE_CANTOPEN:
      self.init(.notReadable, "the database cannot be opened (\(text))", at: place)
    default:
      self.init(.notReadable, "\(text) (SQLite code \(code))", at: place)
    }
    concernsAll = Self.concernsWholeDatabase(code & 0xFF)
  }

  private static func concernsWholeDatabase(_ code: Int32) -> Bool {
    switch code {
    case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_READONLY, SQLITE_FULL,
      SQLITE_PERM, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM:
      true
    default: false
    }
  }
}

/// `SQLITE_READONLY_ROLLBACK`, a macro that Swift does not import.
private let SQLITE_READONLY_ROLLBACK_CODE: Int32 = SQLITE_READONLY | 3 << 8

extension DatabaseQueue {
  /// Runs a block on the connection; errors become format errors.
  func access<Result>(
    _ path: String, _ body: (Database) throws -> Result
  ) throws(FormatError) -> Result {
    do {
      return try unsafeReentrantWrite(body)
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }
}

extension Database {
  /// Runs SQL text that gives no rows.
  func run(_ sql: String, path: String) throws(FormatError) {
    do {
      try execute(sql: sql)
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }

  /// All rows of a query.
  func rows(
    _ sql: String, _ arguments: [SQLiteValue] = [], path: String
  ) throws(FormatError) -> [[SQLiteValue]] {
    let statement = try RowStatement(self, sql, path: path)
    defer { statement.reset() }
    for (index, value) in arguments.enumerated() {
      try statement.bind(value, at: Int32(index) + 1)
    }
    var rows: [[SQLiteValue]] = []
    while try statement.step() { rows.append(statement.row) }
    return rows
  }
}
