import GRDB
import SessionCoding
import Synchronization

/// What is gathered for a new database while its sessions are read back: their carry and the search
/// index.
///
/// It lies in a database of its own, because sessions overlap: the pages of the new one must come from
/// the session that is written alone, and neither waits for the other. Making the index at the end
/// would take a walk over the whole database when everything else is done.
final class TermLLMAside: Sendable {
  /// The path for messages.
  private let path: String
  private let file: String
  private let queue: DatabaseQueue
  /// How many rows the search index has; nil when one of them is gone again.
  private let indexedRows = Mutex<Int64?>(0)

  /// Starts in a file that is not there yet.
  init(file: String, schema: TermLLMSchema, path: String) throws(FormatError) {
    self.path = path
    self.file = file
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
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -2000; BEGIN;"
          + CarryTables.create(CarryTables.origin), path: path)
      if let index = schema.search.first { try database.run(index, path: path) }
    }
  }

  // MARK: Carry

  /// Stores a chunk of a session's carry; −1 is the header.
  func insertCarry(_ data: [UInt8], chunk: Int64, of id: String) throws(FormatError) {
    try queue.access(path) { try CarryTables.insert(data, chunk: chunk, of: id, $0, path: path) }
  }

  /// The carry header of a session.
  func carryHeader(of id: String) throws(FormatError) -> CarryHeader? {
    try queue.access(path) { database in
      try database.rows(
        "SELECT data FROM \(CarryTables.origin) WHERE session_id = ?1 AND chunk = -1",
        [SQLiteValue(id)], path: path
      ).first?[0].bytes
    }.flatMap { CarryHeader(json: $0) }
  }

  /// Removes the carry of a session.
  func removeCarry(of id: String) throws(FormatError) {
    try queue.access(path) { database in
      _ = try database.rows(
        "DELETE FROM \(CarryTables.origin) WHERE session_id = ?1", [SQLiteValue(id)], path: path)
    }
  }

  /// Gives the carry of a session to another identifier.
  func renameCarry(of id: String, to newID: String) throws(FormatError) {
    try queue.access(path) { database in
      _ = try database.rows(
        "UPDATE \(CarryTables.origin) SET session_id = ?2 WHERE session_id = ?1",
        [SQLiteValue(id), SQLiteValue(newID)], path: path)
    }
  }

  // MARK: Search index

  /// Puts rows of `messages` into the search index.
  func index(_ rows: [[SQLiteValue]], _ columns: MessageColumns) throws(FormatError) {
    try queue.access(path) { database in
      let statement = try RowStatement(
        database, "INSERT INTO messages_fts(rowid, text_content) VALUES (?1, ?2)", path: path)
      for row in rows {
        try statement.bind(row[columns.id], at: 1)
        try statement.bind(row[columns.text], at: 2)
        try statement.run()
      }
    }
    indexedRows.withLock { $0? += Int64(rows.count) }
  }

  /// Notes that rows which may be in the index are gone.
  func noteRemoval() { indexedRows.withLock { $0 = nil } }

  // MARK: Finishing

  /// Ends the work here and moves everything into the new database.
  func move(into database: Database, _ schema: TermLLMSchema) throws(FormatError) {
    let hasCarry = try queue.access(path) { aside in
      let rows = try aside.rows("SELECT 1 FROM \(CarryTables.origin) LIMIT 1", path: path)
      try aside.run("COMMIT", path: path)
      return !rows.isEmpty
    }
    close()
    _ = try database.rows("ATTACH ?1 AS aside", [SQLiteValue(file)], path: path)
    try database.run("BEGIN", path: path)
    if hasCarry {
      try database.run(CarryTables.create(CarryTables.origin), path: path)
      try database.run(
        "INSERT INTO main.\(CarryTables.origin) SELECT * FROM aside.\(CarryTables.origin)",
        path: path)
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
