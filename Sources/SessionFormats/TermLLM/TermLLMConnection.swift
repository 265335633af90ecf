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
  /// Where the rows of a new database that are read back are put into the search index.
  var aside: TermLLMAside?

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

  /// The SQL that reads the columns of a table as rows spell them.
  func select(_ columns: [String], from table: String) -> String {
    "SELECT \(columns.map(\.quoted).joined(separator: ", ")) FROM \(table.quoted)"
  }
}
