import GRDB
import SessionCoding

/// Inserts rows into `messages` through one prepared statement.
struct MessageInserter {
  /// A column of the table and what a row that is encoded here puts there.
  private struct Column {
    enum Content {
      case identifier, sequence, created, turn, duration, tail, role, parts, text
      /// Anything else, looked up by name.
      case other
    }

    var name: String
    var content: Content
    /// What a row that says nothing of the column gets.
    var defaultValue: SQLiteValue

    init(_ name: String) {
      self.name = name
      defaultValue = SessionColumns.defaultMessageValue(name)
      content =
        switch name {
        case "id": .identifier
        case "sequence": .sequence
        case "created_at": .created
        case "turn_index": .turn
        case "duration_ms": .duration
        case "compaction_tail": .tail
        case "role": .role
        case "parts": .parts
        case "text_content": .text
        default: .other
        }
    }
  }

  /// Columns of the table in the order they are bound; the session comes before them.
  private let columns: [Column]
  private let statement: RowStatement
  /// Inserts as many rows as wait at most; nil where rows do not wait.
  private let batchStatement: RowStatement?
  private let session: [UInt8]
  private let store: TermLLMStore
  /// The sequence that the next row gets when it brings none that is free.
  private(set) var nextSequence: Int64 = 0

  private struct Waiting {
    var row: NativeRow
    var time: SQLiteValue
    var sequence: Int64
  }
  private var waiting: [Waiting] = []
  private var waitingBytes = 0

  /// What one statement costs is shared by this many rows: the table's counter, the lock of the
  /// connection.
  private static let batchRows = 16
  private static let batchBytes = 256 << 10

  /// Prepares the statements for one session.
  init(
    _ database: Database, _ store: TermLLMStore, layout: TermLLMLayout, session: String
  ) throws(FormatError) {
    let names = TermLLMTable.messages.spelledColumns(of: layout.columns["messages"] ?? [])
    columns = names.map { Column($0) }
    func prepare(rows: Int) throws(FormatError) -> RowStatement {
      let list = (["session_id"] + names).map(\.quoted).joined(separator: ", ")
      let marks = (0..<rows).map { row in
        let first = 2 + row * names.count
        return "(?1, " + names.indices.map { "?\(first + $0)" }.joined(separator: ", ") + ")"
      }
      // A batch is not undone by itself, for which SQLite would copy pages: its session is.
      let verb = rows == 1 ? "INSERT" : "INSERT OR FAIL"
      return try RowStatement(
        database, "\(verb) INTO messages (\(list)) VALUES \(marks.joined(separator: ", "))",
        path: store.path)
    }
    statement = try prepare(rows: 1)
    // Where triggers are, SQLite would put the rows of a batch into a table of their own first.
    batchStatement = store.isLive ? nil : try prepare(rows: Self.batchRows)
    self.session = Array(session.utf8)
    self.store = store
  }

  /// Inserts a row that was copied; columns it does not have get their defaults, ones the table lacks
  /// are left out.
  ///
  /// An identifier that is taken is replaced by a fresh one, a sequence that does not follow the last
  /// one by the next.
  mutating func insert(_ database: Database, _ row: TermLLMRow) throws(FormatError) {
    try flush(database)
    try store.setChecking(true, database)
    try statement.bind(text: session, at: 1)
    for (index, column) in columns.enumerated() {
      var value = row[column.name] ?? column.defaultValue
      switch column.content {
      case .identifier: value = try store.messageIdentifier(value, database)
      case .sequence: value = .integer(takeSequence(value))
      default: break
      }
      try statement.bind(value, at: Int32(index) + 2)
    }
    try statement.run()
  }

  /// Adds a row that was encoded here to those that wait for ``flush(_:)``.
  ///
  /// - Parameter time: The row's time as it is stored.
  mutating func add(_ row: NativeRow, time: SQLiteValue) {
    waiting.append(Waiting(row: row, time: time, sequence: takeSequence(.null)))
    waitingBytes += row.parts.count + row.text.count
  }

  /// Whether no more rows should wait.
  var isFull: Bool {
    batchStatement == nil || waiting.count >= Self.batchRows || waitingBytes >= Self.batchBytes
  }

  /// Inserts the rows that wait.
  mutating func flush(_ database: Database) throws(FormatError) {
    guard !waiting.isEmpty else { return }
    try store.setChecking(false, database)
    defer {
      waiting.removeAll(keepingCapacity: true)
      waitingBytes = 0
    }
    if let batchStatement, waiting.count == Self.batchRows {
      return try insert(database, waiting[...], with: batchStatement)
    }
    for index in waiting.indices {
      try insert(database, waiting[index...index], with: statement)
    }
  }

  private func insert(
    _ database: Database, _ rows: ArraySlice<Waiting>, with statement: RowStatement
  ) throws(FormatError) {
    try statement.bind(text: session, at: 1)
    var texts: [(text: [UInt8], index: Int32)] = []
    texts.reserveCapacity(3 * rows.count)
    var place: Int32 = 1
    for waiting in rows {
      let row = waiting.row
      for column in columns {
        place += 1
        switch column.content {
        case .identifier:
          try statement.bind(try store.messageIdentifier(.null, database), at: place)
        case .sequence: try statement.bind(waiting.sequence, at: place)
        case .created: try statement.bind(waiting.time, at: place)
        case .turn: try statement.bind(row.turn, at: place)
        case .duration: try statement.bind(row.milliseconds, at: place)
        case .tail: try statement.bind(row.isTail ? 1 : 0, at: place)
        case .role: try statement.bind(row.role, at: place)
        case .parts: texts.append((row.parts, place))
        case .text: texts.append((row.text, place))
        case .other:
          try statement.bind(row.value(column.name) ?? column.defaultValue, at: place)
        }
      }
    }
    try statement.run(lending: texts)
  }

  private mutating func takeSequence(_ value: SQLiteValue) -> Int64 {
    var sequence = value.int64 ?? nextSequence
    if hasRows, sequence < nextSequence { sequence = nextSequence }
    hasRows = true
    nextSequence = sequence == .max ? sequence : sequence + 1
    return sequence
  }

  private var hasRows = false
}
