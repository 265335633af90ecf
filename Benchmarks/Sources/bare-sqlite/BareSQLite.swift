import CSQLite

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The reference for writing a term-llm database: SQLite alone, as fast as it goes.
///
/// `bare-sqlite SOURCE TARGET [--all-tables]` reads the rows of a finished database in batches and
/// loads them into a fresh file: no journal, no fsync, prepared statements, one transaction, then
/// the full-text index in one rebuild, the indexes and the triggers. It prints one line of JSON;
/// `load_seconds` is everything but the reading.
@main
enum BareSQLite {
  private static let batchBytes = 8 << 20

  static func main() {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let allTables = arguments.last == "--all-tables"
    if allTables { arguments.removeLast() }
    guard arguments.count == 2 else { fail("usage: bare-sqlite SOURCE TARGET [--all-tables]") }
    unlink(arguments[1])

    let start = now()
    var reading = 0.0
    var rows = 0
    var bytes = 0
    let source = Database(path: arguments[0], flags: SQLITE_OPEN_READONLY)
    let target = Database(path: arguments[1], flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"] {
      target.execute("PRAGMA \(pragma)")
    }
    let tables = tableNames(source, allTables: allTables)
    for table in tables { target.execute(definition(of: table, in: source)) }

    target.execute("BEGIN")
    for table in tables {
      let select = source.prepare("SELECT * FROM \(quoted(table))")
      let columns = sqlite3_column_count(select.handle)
      let marks = Array(repeating: "?", count: Int(columns)).joined(separator: ",")
      let insert = target.prepare("INSERT INTO \(quoted(table)) VALUES (\(marks))")
      var isDone = false
      while !isDone {
        let readStart = now()
        var batch = Batch()
        while batch.bytes.count < batchBytes {
          guard select.step() else {
            isDone = true
            break
          }
          batch.append(select, columns: columns)
        }
        reading += now() - readStart
        batch.load(with: insert, columns: columns)
        rows += batch.rows
        bytes += batch.bytes.count
      }
    }
    target.execute("COMMIT")

    let fullText = definition(of: "messages_fts", in: source)
    target.execute(fullText)
    target.execute("INSERT INTO messages_fts(messages_fts) VALUES ('rebuild')")
    for statement in indexesAndTriggers(source, tables: tables) { target.execute(statement) }

    let seconds = now() - start
    print(
      "{\"rows\":\(rows),\"value_bytes\":\(bytes),\"seconds\":\(rounded(seconds)),"
        + "\"load_seconds\":\(rounded(seconds - reading))}")
  }

  /// The tables to copy: the sessions first, then what refers to them.
  private static func tableNames(_ source: borrowing Database, allTables: Bool) -> [String] {
    guard allTables else { return ["sessions", "messages"] }
    let query = source.prepare(
      """
      SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
        AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'messages_fts%'
        AND name NOT IN ('sessions', 'messages') ORDER BY rowid
      """)
    var names = ["sessions", "messages"]
    while query.step() { names.append(query.text(0)) }
    return names
  }

  private static func definition(of table: String, in source: borrowing Database) -> String {
    let query = source.prepare(
      "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = '\(table)'")
    guard query.step() else { fail("the source has no table \(table)") }
    return query.text(0)
  }

  private static func indexesAndTriggers(_ source: borrowing Database, tables: [String])
    -> [String]
  {
    let query = source.prepare(
      """
      SELECT sql, tbl_name FROM sqlite_schema
        WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type, rowid
      """)
    var statements: [String] = []
    while query.step() {
      if tables.contains(query.text(1)) { statements.append(query.text(0)) }
    }
    return statements
  }

  private static func quoted(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  private static func rounded(_ seconds: Double) -> Double { (seconds * 10_000).rounded() / 10_000 }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
