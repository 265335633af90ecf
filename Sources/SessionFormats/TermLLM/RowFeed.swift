import SessionCoding

/// Gives the rows of `messages` of one session in order, holding a bounded batch of them.
struct RowFeed {
  /// Rows and bytes that are fetched at once; one more row than this may be held.
  private static let batchRows = 256
  private static let batchBytes = 256 << 10

  private let connection: TermLLMConnection
  private let session: SQLiteValue
  private let columns: MessageColumns
  private let firstQuery: String
  private let nextQuery: String
  private var batch: [[SQLiteValue]] = []
  private var position = 0
  private var last: (sequence: SQLiteValue, id: SQLiteValue)?
  private var isAtEnd = false

  init(_ connection: TermLLMConnection, session: SQLiteValue, columns: MessageColumns) {
    self.connection = connection
    self.session = session
    self.columns = columns
    let select = connection.select(columns.names, from: "messages") + " WHERE session_id = ?1"
    firstQuery = select + " ORDER BY sequence, id"
    nextQuery = select + " AND (sequence, id) > (?2, ?3) ORDER BY sequence, id"
  }

  /// The next row without moving on; nil at the end.
  mutating func peek() throws(FormatError) -> [SQLiteValue]? {
    if position == batch.count, !isAtEnd { try fetch() }
    return position < batch.count ? batch[position] : nil
  }

  /// Moves behind the row that ``peek()`` gave.
  mutating func advance() { position += 1 }

  private mutating func fetch() throws(FormatError) {
    let (connection, columns, session, last) = (connection, columns, session, last)
    let query = last == nil ? firstQuery : nextQuery
    (batch, isAtEnd) = try connection.read { database in
      let statement = try RowStatement(database, query, path: connection.path)
      defer { statement.reset() }
      try statement.bind(session, at: 1)
      if let last {
        try statement.bind(last.sequence, at: 2)
        try statement.bind(last.id, at: 3)
      }
      var rows: [[SQLiteValue]] = []
      var bytes = 0
      while rows.count < Self.batchRows, bytes < Self.batchBytes {
        guard try statement.step() else { return (rows, true) }
        let row = statement.row
        bytes += row[columns.parts].byteCount + row[columns.text].byteCount
        rows.append(row)
      }
      return (rows, false)
    }
    position = 0
    try connection.aside?.index(batch, columns)
    if let row = batch.last { self.last = (row[columns.sequence], row[columns.id]) }
  }
}
