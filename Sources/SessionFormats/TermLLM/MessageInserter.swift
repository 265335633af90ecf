import GRDB
import SessionCoding

/// Inserts rows into `messages` through one prepared statement.
struct MessageInserter {
  /// Columns of the table in the order they are bound; the session comes before them.
  private let columns: [String]
  private let statement: RowStatement
  private let session: String
  private let store: TermLLMStore
  private let identifier: Int?
  private let sequence: Int?
  /// The sequence that the next row gets when it brings none that is free.
  private(set) var nextSequence: Int64 = 0

  /// Prepares the statement for one session.
  init(
    _ database: Database, _ store: TermLLMStore, layout: TermLLMLayout, session: String
  ) throws(FormatError) {
    columns = TermLLMTable.messages.spelledColumns(of: layout.columns["messages"] ?? [])
    let names = (["session_id"] + columns).map(\.quoted).joined(separator: ", ")
    let marks = (0...columns.count).map { "?\($0 + 1)" }.joined(separator: ", ")
    statement = try RowStatement(
      database, "INSERT INTO messages (\(names)) VALUES (\(marks))", path: store.path)
    self.session = session
    self.store = store
    identifier = columns.firstIndex(of: "id")
    sequence = columns.firstIndex(of: "sequence")
  }

  /// Inserts a row; columns it does not have get their defaults, ones the table lacks are left out.
  ///
  /// An identifier that is taken is replaced by a fresh one, a sequence that does not follow the last
  /// one by the next.
  mutating func insert(
    _ database: Database, _ value: (String) -> SQLiteValue?
  ) throws(FormatError) {
    try statement.bind(session, at: 1)
    for (index, column) in columns.enumerated() {
      var value = value(column) ?? SessionColumns.defaultMessageValue(column)
      if index == identifier {
        value = try store.messageIdentifier(value, database)
      } else if index == sequence {
        value = .integer(takeSequence(value))
      }
      try statement.bind(value, at: Int32(index) + 2)
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
