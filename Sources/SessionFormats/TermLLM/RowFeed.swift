import SessionCoding
import SessionModel

/// Gives the rows of `messages` of one session in order, holding a bounded batch of them.
///
/// Rows with a value that is too long are left out.
struct RowFeed {
  /// Rows and bytes that are fetched at once; one more row than this may be held.
  private static let batchRows = 256
  private static let batchBytes = 256 << 10

  private let connection: TermLLMConnection
  private let session: SQLiteValue
  private let columns: MessageColumns
  private let firstQuery: String
  private let nextQuery: String
  private let oneQuery: String
  /// What is left out so far.
  private(set) var leftOut = LeftOutRecords()
  /// Whether a row that is too long was met, so that rows are fetched by their identifiers.
  private var isOneByOne = false
  private var batch: [[SQLiteValue]] = []
  private var position = 0
  private var last: (sequence: SQLiteValue, id: SQLiteValue)?
  private var isAtEnd = false

  init(_ connection: TermLLMConnection, session: SQLiteValue, columns: MessageColumns) {
    self.connection = connection
    self.session = session
    self.columns = columns
    let all = connection.select(columns.names, from: "messages")
    let select = all + " WHERE session_id = ?1"
    oneQuery = all + " WHERE id = ?1"
    firstQuery = select + " ORDER BY sequence, id"
    nextQuery = select + " AND (sequence, id) > (?2, ?3) ORDER BY sequence, id"
  }

  /// The next row without moving on; nil at the end.
  mutating func peek() throws(FormatError) -> [SQLiteValue]? {
    while position == batch.count, !isAtEnd { try fetch() }
    return position < batch.count ? batch[position] : nil
  }

  /// Moves behind the row that ``peek()`` gave.
  mutating func advance() { position += 1 }

  private mutating func fetch() throws(FormatError) {
    position = 0
    if !isOneByOne {
      do throws(FormatError) {
        (batch, isAtEnd) = try rows(last == nil ? firstQuery : nextQuery)
        if let row = batch.last { last = (row[columns.sequence], row[columns.id]) }
        return
      } catch  where error.code == .limit {
        isOneByOne = true
      }
    }
    try fetchOneByOne()
  }

  private mutating func fetchOneByOne() throws(FormatError) {
    batch = []
    var places = "SELECT sequence, id FROM messages WHERE session_id = ?1"
    var arguments = [session]
    if let last {
      places += " AND (sequence, id) > (?2, ?3)"
      arguments += [last.sequence, last.id]
    }
    let ids = try connection.rows(
      places + " ORDER BY sequence, id LIMIT \(Self.batchRows)", arguments)
    var bytes = 0
    for place in ids where bytes < Self.batchBytes {
      last = (place[0], place[1])
      do throws(FormatError) {
        for row in try connection.limitedRows(oneQuery, [place[1]]) {
          bytes += row[columns.parts].byteCount + row[columns.text].byteCount
          batch.append(row)
        }
      } catch  where error.code == .limit {
        let row = place[1].int64 ?? 0
        let count = try connection.read {
          $0.longestValue(in: columns.names, of: "messages", row: row)
        }
        leftOut.add(.row(path: connection.path, table: "messages", row: row), count: count)
      }
    }
    isAtEnd = ids.isEmpty
  }

  /// Rows until a batch is full, and whether they are the last.
  private func rows(_ query: String) throws(FormatError) -> (rows: [[SQLiteValue]], isLast: Bool) {
    try connection.read { database in
      try database.withLongestValue(connection.longestValue) {
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
    }
  }
}
