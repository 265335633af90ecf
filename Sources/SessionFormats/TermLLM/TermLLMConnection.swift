import GRDB
import SessionCoding

/// An open database as the reader of a session sees it.
struct TermLLMConnection: Sendable {
  /// The path for messages.
  let path: String
  /// The connection.
  let queue: DatabaseQueue
  /// What the database has.
  let layout: TermLLMLayout
  /// The source that keeps the connection's transaction, when it is a source's.
  let snapshot: SQLiteSnapshot?
  /// The longest value that is read; nil where nothing is left out.
  var longestValue: Int?

  /// Runs a block on the connection.
  func read<Result>(_ body: (Database) throws -> Result) throws(FormatError) -> Result {
    let result = try queue.access(path, body)
    try snapshot?.checkUnchanged()
    return result
  }

  /// All rows of a query.
  func rows(_ sql: String, _ arguments: [SQLiteValue] = []) throws(FormatError) -> [[SQLiteValue]] {
    try read { try $0.rows(sql, arguments, path: path) }
  }

  /// The rows of a query without those that have too long a value, and the positions of these.
  ///
  /// - Parameter sql: A query with an order, without a limit.
  func shortRows(
    _ sql: String, _ arguments: [SQLiteValue] = []
  ) throws(FormatError) -> (rows: [(position: Int, values: [SQLiteValue])], long: [Int]) {
    do throws(FormatError) {
      let rows = try limitedRows(sql, arguments)
      return (rows.enumerated().map { (position: $0, values: $1) }, [])
    } catch  where error.code == .limit {
      let count = try self.rows("SELECT count(*) FROM (\(sql))", arguments).first?[0].int64 ?? 0
      var rows: [(position: Int, values: [SQLiteValue])] = []
      var long: [Int] = []
      for position in 0..<Int(clamping: count) {
        do throws(FormatError) {
          rows += try limitedRows(sql + " LIMIT 1 OFFSET \(position)", arguments)
            .map { (position: position, values: $0) }
        } catch  where error.code == .limit {
          long.append(position)
        }
      }
      return (rows, long)
    }
  }

  /// All rows of a query; a value that is too long is an error.
  ///
  /// - Parameter least: The least length that is too long in no case.
  func limitedRows(
    _ sql: String, _ arguments: [SQLiteValue], atLeast least: Int = 0
  ) throws(FormatError) -> [[SQLiteValue]] {
    try read { database in
      try database.withLongestValue(longestValue.map { max($0, least) }) {
        try database.rows(sql, arguments, path: path)
      }
    }
  }

  /// The SQL that reads the columns of a table as rows spell them.
  func select(_ columns: [String], from table: String) -> String {
    "SELECT \(columns.map(\.quoted).joined(separator: ", ")) FROM \(table.quoted)"
  }
}
