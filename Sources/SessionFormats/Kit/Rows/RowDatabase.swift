import GRDB
import SessionCoding
import SessionModel

/// An open database as those who read its rows see it.
struct RowDatabase: Sendable {
  /// The path for messages.
  let path: String
  /// The connection.
  let queue: DatabaseQueue
  /// What the database has.
  let layout: RowLayout
  /// The transaction in which a source reads; nil for the connection of a target.
  let snapshot: SQLiteSnapshot?
  /// The longest value that is read; nil where nothing is left out.
  let longestValue: Int?
  /// The database of ours that holds carries; nil where they stand in tables of this one.
  let carryFile: String?

  /// Opens a database for reading; see ``SQLiteSnapshot`` for how its files stay untouched.
  ///
  /// - Parameter carriesBeside: Whether carries stand in a file of their own.
  init(path: String, options: ReadOptions, carriesBeside: Bool) throws(FormatError) {
    let snapshot = try SQLiteSnapshot(path: path, isWrittenTo: options.isWrittenTo)
    let longest = options.maximumRecordLength
    self.path = path
    self.snapshot = snapshot
    queue = snapshot.queue
    layout = try snapshot.read { try RowLayout($0, path: path) }
    longestValue = UInt64(longest) < snapshot.byteCount ? longest : nil
    carryFile = carriesBeside ? CarryTables.file(beside: path) : nil
    try attachCarry(creating: false)
  }

  /// The database of a target.
  init(path: String, queue: DatabaseQueue, carryFile: String?) throws(FormatError) {
    self.path = path
    self.queue = queue
    self.carryFile = carryFile
    snapshot = nil
    longestValue = nil
    layout = try queue.access(path) { try RowLayout($0, path: path) }
    try attachCarry(creating: false)
  }

  /// Runs a block on the connection.
  func access<Result>(_ body: (Database) throws -> Result) throws(FormatError) -> Result {
    do throws(FormatError) {
      let result = try queue.access(path, body)
      try snapshot?.checkUnchanged()
      return result
    } catch {
      var error = error
      if snapshot == nil { error.isAboutTarget = true }
      throw error
    }
  }

  /// All rows of a query.
  @discardableResult
  func rows(_ sql: String, _ arguments: [SQLiteValue] = []) throws(FormatError) -> [[SQLiteValue]] {
    try access { try $0.rows(sql, arguments, path: path) }
  }

  /// The only value of a query that gives one; nil when it gives none.
  func value(_ sql: String, _ arguments: [SQLiteValue] = []) throws(FormatError) -> SQLiteValue? {
    try rows(sql, arguments).first?.first
  }

  /// Runs SQL text that gives no rows, one statement or several.
  func run(_ sql: String) throws(FormatError) { try access { try $0.run(sql, path: path) } }

  /// The rows of a query; a value that is too long is an error.
  ///
  /// - Parameter least: The least length that is too long in no case.
  func limitedRows(
    _ sql: String, _ arguments: [SQLiteValue], atLeast least: Int
  ) throws(FormatError) -> [[SQLiteValue]] {
    try access { database in
      try database.withLongestValue(longestValue.map { max($0, least) }) {
        try database.rows(sql, arguments, path: path)
      }
    }
  }

  /// Whether a table exists now; the layout was read before a writer may have added it.
  func hasTable(_ name: String) throws(FormatError) -> Bool {
    if layout.columns[name] != nil { return true }
    return try !rows("PRAGMA table_info(\(name.quoted))").isEmpty
  }

  /// Whether a column of a table holds a value.
  func has(_ value: SQLiteValue, in column: String, of table: String) throws(FormatError) -> Bool {
    try self.value(
      "SELECT 1 FROM \(table.quoted) WHERE \(column.quoted) = ?1 LIMIT 1", [value]) != nil
  }

  /// What picks rows of a table for `?1`; nil when the database has no such table.
  func condition(of table: RowTable) -> String? {
    guard layout.columns[table.name] != nil || table.name == CarryTables.origin else { return nil }
    if let condition = table.condition { return condition }
    guard let owner = table.owner else { return nil }
    let isThere = layout.has(owner, in: table.name) || table.name == CarryTables.origin
    return isThere ? owner.quoted + " = ?1" : nil
  }

  /// The place of a row.
  func place(of row: TableRow) -> Place { place(row.table, row.number) }

  /// The place of a row of a table.
  func place(_ table: String, _ number: Int64) -> Place {
    .row(path: path, table: table, row: number)
  }
}
