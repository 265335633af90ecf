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
  private let session: [UInt8]
  private let store: TermLLMStore
  /// The sequence that the next row gets when it brings none that is free.
  private(set) var nextSequence: Int64 = 0

  /// Prepares the statement for one session.
  init(
    _ database: Database, _ store: TermLLMStore, layout: TermLLMLayout, session: String
  ) throws(FormatError) {
    let names = TermLLMTable.messages.spelledColumns(of: layout.columns["messages"] ?? [])
    columns = names.map { Column($0) }
    let list = (["session_id"] + names).map(\.quoted).joined(separator: ", ")
    let marks = (1...(names.count + 1)).map { "?\($0)" }.joined(separator: ", ")
    statement = try RowStatement(
      database, "INSERT INTO messages (\(list)) VALUES (\(marks))", path: store.path)
    self.session = Array(session.utf8)
    self.store = store
  }

  /// Inserts a row that was copied; columns it does not have get their defaults, ones the table lacks
  /// are left out.
  ///
  /// An identifier that is taken is replaced by a fresh one, a sequence that does not follow the last
  /// one by the next.
  mutating func insert(_ database: Database, _ row: TermLLMRow) throws(FormatError) {
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

  /// Inserts a row that was encoded here.
  ///
  /// - Parameter time: The row's time as it is stored.
  mutating func insert(
    _ database: Database, _ row: NativeRow, time: SQLiteValue
  ) throws(FormatError) {
    try statement.bind(text: session, at: 1)
    for (index, column) in columns.enumerated() {
      let place = Int32(index) + 2
      switch column.content {
      case .identifier:
        try statement.bind(try store.messageIdentifier(.null, database), at: place)
      case .sequence: try statement.bind(takeSequence(.null), at: place)
      case .created: try statement.bind(time, at: place)
      case .turn: try statement.bind(row.turn, at: place)
      case .duration: try statement.bind(row.milliseconds, at: place)
      case .tail: try statement.bind(row.isTail ? 1 : 0, at: place)
      case .role: try statement.bind(row.role, at: place)
      case .parts: try statement.bind(text: row.parts, at: place)
      case .text: try statement.bind(text: row.text, at: place)
      case .other: try statement.bind(row.value(column.name) ?? column.defaultValue, at: place)
      }
    }
    try statement.run()
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
