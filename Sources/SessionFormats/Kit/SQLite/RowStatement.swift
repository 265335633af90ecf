package import GRDB
import GRDBSQLite
package import SessionCoding

/// A prepared statement that binds and reads exact bytes.
///
/// GRDB's own accessors go through C strings, which end at NUL and repair invalid UTF-8. A statement
/// MUST be used inside the database access of its connection only.
@safe package final class RowStatement {
  private let statement: Statement
  private let path: String
  /// The number of result columns.
  package let columnCount: Int32

  /// Prepares SQL, or takes the connection's cached statement for it.
  package init(_ database: Database, _ sql: String, path: String) throws(FormatError) {
    do {
      statement = try database.cachedStatement(sql: sql)
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
    self.path = path
    columnCount = unsafe sqlite3_column_count(statement.sqliteStatement)
    reset()
  }

  /// Makes the statement ready to run again, without its bindings.
  package func reset() {
    // The result repeats an error that stepping has reported already.
    _ = unsafe sqlite3_reset(statement.sqliteStatement)
    _ = unsafe sqlite3_clear_bindings(statement.sqliteStatement)
  }

  /// Moves to the next row; false after the last one.
  package func step() throws(FormatError) -> Bool {
    switch unsafe sqlite3_step(statement.sqliteStatement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw failure(code)
    }
  }

  /// Runs a statement that gives no rows, and resets it.
  func run() throws(FormatError) {
    defer { reset() }
    while try step() {}
  }

  private func failure(_ code: Int32) -> FormatError {
    let database = unsafe sqlite3_db_handle(statement.sqliteStatement)
    let extended = unsafe sqlite3_extended_errcode(database)
    let message = unsafe sqlite3_errmsg(database).map { unsafe String(cString: $0) }
    return FormatError(
      sqliteCode: extended & 0xFF == code & 0xFF ? extended : code, message: message, path: path)
  }

  // MARK: Binding; parameters count from 1

  package func bind(_ value: SQLiteValue, at index: Int32) throws(FormatError) {
    switch value {
    case .null: try check(unsafe sqlite3_bind_null(statement.sqliteStatement, index))
    case .integer(let value): try bind(value, at: index)
    case .real(let value):
      try check(unsafe sqlite3_bind_double(statement.sqliteStatement, index, value))
    case .text(let bytes): try bind(text: bytes, at: index)
    case .blob(let bytes):
      try check(
        unsafe bytes.withContent { content in
          unsafe sqlite3_bind_blob64(
            statement.sqliteStatement, index, content.baseAddress, UInt64(bytes.count),
            Self.transient)
        })
    }
  }

  func bind(_ value: Int64, at index: Int32) throws(FormatError) {
    try check(unsafe sqlite3_bind_int64(statement.sqliteStatement, index, value))
  }

  func bind(text bytes: [UInt8], at index: Int32) throws(FormatError) {
    try check(
      unsafe bytes.withContent { content in
        unsafe sqlite3_bind_text64(
          statement.sqliteStatement, index,
          content.baseAddress?.assumingMemoryBound(to: CChar.self), UInt64(bytes.count),
          Self.transient, UInt8(SQLITE_UTF8))
      })
  }

  func bind(_ text: String, at index: Int32) throws(FormatError) {
    try bind(text: Array(text.utf8), at: index)
  }

  private func check(_ code: Int32) throws(FormatError) {
    if code != SQLITE_OK { throw failure(code) }
  }

  /// Tells SQLite to copy what is bound: `SQLITE_TRANSIENT`, a macro that Swift does not import.
  private static var transient: sqlite3_destructor_type {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }

  // MARK: Reading; columns count from 0

  /// The value of a column of the current row.
  func value(at column: Int32) -> SQLiteValue {
    let handle = unsafe statement.sqliteStatement
    switch unsafe sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, column))
    case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(handle, column))
    case SQLITE_TEXT:
      let start = unsafe sqlite3_column_text(handle, column)
      let count = unsafe Int(sqlite3_column_bytes(handle, column))
      return unsafe .text(Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)))
    case SQLITE_BLOB:
      let start = unsafe sqlite3_column_blob(handle, column)
      let count = unsafe Int(sqlite3_column_bytes(handle, column))
      return unsafe .blob(
        Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)))
    default: return .null
    }
  }

  /// All values of the current row.
  package var row: [SQLiteValue] { (0..<columnCount).map { value(at: $0) } }
}

extension [UInt8] {
  /// Calls `body` with the bytes; the address is never nil, which SQLite would take for NULL.
  fileprivate func withContent(_ body: (UnsafeRawBufferPointer) -> Int32) -> Int32 {
    if isEmpty { return unsafe [0 as UInt8].withUnsafeBytes { unsafe body($0) } }
    return unsafe withUnsafeBytes { unsafe body($0) }
  }
}
