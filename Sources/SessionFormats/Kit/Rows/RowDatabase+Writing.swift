import GRDB
import SessionCoding
import SessionModel

extension RowDatabase {
  /// Opens a database that is in use.
  init(live path: String, carriesBeside: Bool) throws(FormatError) {
    // Looking at the header first keeps other files from being opened for writing.
    _ = try SQLiteFile(path)
    var configuration = Configuration()
    configuration.busyMode = .timeout(5)
    configuration.foreignKeysEnabled = true
    try self.init(
      path: path, queue: Self.queue(path, configuration, for: path),
      carryFile: carriesBeside ? CarryTables.file(beside: path) : nil)
  }

  /// Starts a new database in an empty file, in the middle of a transaction.
  ///
  /// - Parameter path: The path for messages.
  init(
    building file: String, for path: String, _ schema: RowSchema, carriesBeside: Bool
  ) throws(FormatError) {
    var configuration = Configuration()
    // Parents may come after children while the database is built.
    configuration.foreignKeysEnabled = false
    let queue = try Self.queue(file, configuration, for: path)
    try queue.access(path) { connection in
      // Nothing is lost with an unfinished file. Taking one session back must work, so the journal is
      // kept in memory; it holds only pages that the session did not itself add.
      try connection.run(
        """
        PRAGMA synchronous = OFF; PRAGMA cache_size = -3000; PRAGMA temp_store = MEMORY;
        PRAGMA secure_delete = OFF;
        """, path: path)
      _ = try connection.rows("PRAGMA journal_mode = MEMORY", path: path)
      try connection.run("BEGIN", path: path)
      for sql in schema.tables { try connection.run(sql, path: path) }
      try connection.run("COMMIT; BEGIN", path: path)
    }
    try self.init(
      path: path, queue: queue,
      carryFile: carriesBeside ? CarryTables.file(beside: file) : nil)
  }

  private static func queue(
    _ file: String, _ configuration: Configuration, for path: String
  ) throws(FormatError) -> DatabaseQueue {
    var configuration = configuration
    configuration.allowsUnsafeTransactions = true
    do {
      return try DatabaseQueue(path: file, configuration: configuration)
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
  }

  /// Adds a row to a table.
  ///
  /// - Parameters:
  ///   - verb: `INSERT`, or a form of it.
  ///   - conflict: What follows the values.
  func insert(
    _ columns: [(name: String, value: SQLiteValue)], into table: String, verb: String = "INSERT",
    conflict: String = ""
  ) throws(FormatError) {
    let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    try rows(
      "\(verb) INTO \(table.quoted) (\(columns.map(\.name).quoted)) VALUES (\(marks)) \(conflict)",
      columns.map(\.value))
  }
}
