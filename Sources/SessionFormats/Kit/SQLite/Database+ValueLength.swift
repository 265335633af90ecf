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

  /// The length of the longest text or blob in a row, none of which is loaded; nil without any.
  func longestValue(in columns: [String], of table: String, row: Int64) -> Int? {
    columns.compactMap { column -> Int? in
      var blob: OpaquePointer?
      guard
        unsafe sqlite3_blob_open(sqliteConnection, "main", table, column, row, 0, &blob)
          == SQLITE_OK
      else { return nil }
      defer { _ = unsafe sqlite3_blob_close(blob) }
      return unsafe Int(sqlite3_blob_bytes(blob))
    }.max()
  }
}
