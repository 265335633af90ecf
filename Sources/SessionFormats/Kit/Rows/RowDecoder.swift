import SessionCoding
import SessionModel

/// Says what the rows of one session mean.
protocol RowDecoder {
  /// What a session's own row says of it, for lists.
  static func head(of session: TableRow) -> SessionHead

  /// Starts with the session's own row.
  init(_ session: TableRow, in database: RowDatabase) throws(FormatError)

  /// The head.
  var head: SessionHead { get }

  /// What was found to be damaged so far.
  var log: FindingLog { get }

  /// Whether a row goes on with the record that the row before it is of; asked once for each row
  /// after the session's own, in order.
  mutating func joins(_ row: TableRow) -> Bool

  /// What the rows of a record say, without origins; nothing for rows that are kept as they are.
  ///
  /// An opaque record without bytes gets those of the rows.
  mutating func decode(_ rows: [TableRow]) -> [Entry]
}

extension RowDecoder {
  mutating func joins(_ row: TableRow) -> Bool { false }
}
