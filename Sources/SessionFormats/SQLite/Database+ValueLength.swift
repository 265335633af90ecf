import GRDB
import GRDBSQLite

extension Database {
  /// Runs a block in which a longer value is an error (`.limit`) as soon as it is met, and not loaded.
  ///
  /// - Parameter count: The longest value in bytes; nil for any.
  func withLongestValue<Result>(_ count: Int?, _ body: () throws -> Result) rethrows -> Result {
    guard let count else { return try body() }
    let before = unsafe sqlite3_limit(
      sqliteConnection, SQLITE_LIMIT_LENGTH, Int32(clamping: max(0, count)))
    defer { _ = unsafe sqlite3_limit(sqliteConnection, SQLITE_LIMIT_LENGTH, before) }
    return try body()
  }
}
