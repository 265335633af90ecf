import GRDB
import SessionCoding
import Synchronization

/// What is gathered for a new database while its sessions are read back: their carry and the search
/// index.
///
/// Sessions overlap, and the pages of the new database must come from the session that is written
/// alone. So both lie in files of their own, and neither session waits for the other. Making the index
/// at the end would take a walk over the whole database when everything else is done.
final class TermLLMAside: Sendable {
  /// The path for messages.
  private let path: String
  private let file: String
  /// The database in which the index is made.
  private let queue: DatabaseQueue
  /// The carry, which is inserted when the new database is finished.
  let carry: CarryFile
  /// How many rows the search index has; nil when one of them is gone again.
  private let indexedRows = Mutex<Int64?>(0)
  /// The first failure of making the index.
  private let failure = Mutex<FormatError?>(nil)

  /// Starts in a file that is not there yet.
  init(file: String, schema: TermLLMSchema, path: String) throws(FormatError) {
    self.path = path
    self.file = file
    carry = CarryFile(path: file + "-carry")
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    do {
      queue = try DatabaseQueue(path: file, configuration: configuration)
    } catch {
      throw FormatError(sqlite: error, path: path)
    }
    try queue.access(path) { database in
      _ = try database.rows("PRAGMA journal_mode = OFF", path: path)
      try database.run(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -1000; BEGIN", path: path)
      if let index = schema.search.first { try database.run(index, path: path) }
    }
  }

  // MARK: Search index

  /// Puts rows of `messages` into the search index, while the caller goes on.
  ///
  /// - Throws: What went wrong with rows before.
  func index(_ rows: [[SQLiteValue]], _ columns: MessageColumns) throws(FormatError) {
    try finishIndexing()
    queue.asyncWriteWithoutTransaction { [self] database in
      do throws(FormatError) {
        try insert(rows, columns, database)
        indexedRows.withLock { $0? += Int64(rows.count) }
      } catch  where !error.concernsAll {
        // The index is made anew at the end, from the rows that are there then.
        noteRemoval()
      } catch {
        var error = error
        error.isAboutTarget = true
        failure.withLock { $0 = $0 ?? error }
      }
    }
  }

  private func insert(
    _ rows: [[SQLiteValue]], _ columns: MessageColumns, _ database: Database
  ) throws(FormatError) {
    let statement = try RowStatement(
      database, "INSERT INTO messages_fts(rowid, text_content) VALUES (?1, ?2)", path: path)
    for row in rows {
      try statement.bind(row[columns.id], at: 1)
      try statement.bind(row[columns.text], at: 2)
      try statement.run()
    }
  }

  /// Waits until the rows that were given are in the index.
  private func finishIndexing() throws(FormatError) {
    try queue.access(path) { _ in }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  /// Notes that rows which may be in the index are gone.
  func noteRemoval() { indexedRows.withLock { $0 = nil } }

  // MARK: Finishing

  /// Ends the work here and moves everything into the new database.
  ///
  /// - Parameter noteGrowth: Called again and again while the database grows.
  func move(
    into database: Database, _ schema: TermLLMSchema, noteGrowth: () -> Void
  ) throws(FormatError) {
    try finishIndexing()
    try queue.access(path) { try $0.run("COMMIT", path: path) }
    close()
    _ = try database.rows("ATTACH ?1 AS aside", [SQLiteValue(file)], path: path)
    // Each page of it is read once.
    try database.run("PRAGMA aside.cache_size = -100; BEGIN", path: path)
    if !carry.isEmpty {
      try database.run(CarryTables.create(CarryTables.origin), path: path)
      try carry.forEach { (id, chunk, data) throws(FormatError) in
        try CarryTables.insert(data, chunk: chunk, of: id, database, path: path)
        noteGrowth()
      }
    }
    for sql in schema.search { try database.run(sql, path: path) }
    let count = try database.rows("SELECT count(*) FROM messages", path: path).first?[0].int64
    if indexedRows.withLock({ $0 }) != count || !Self.isIndexMoved(database, path) {
      try database.run("INSERT INTO messages_fts(messages_fts) VALUES ('rebuild')", path: path)
    }
    try database.run("COMMIT; DETACH aside", path: path)
  }

  /// Copies the tables in which the search index is kept; false where SQLite guards them.
  private static func isIndexMoved(_ database: Database, _ path: String) -> Bool {
    do throws(FormatError) {
      for part in ["data", "idx", "docsize"] {
        try database.run(
          """
          DELETE FROM main.messages_fts_\(part);
          INSERT INTO main.messages_fts_\(part) SELECT * FROM aside.messages_fts_\(part)
          """, path: path)
      }
      return true
    } catch {
      return false
    }
  }

  /// Closes the connection.
  func close() { try? queue.close() }
}
