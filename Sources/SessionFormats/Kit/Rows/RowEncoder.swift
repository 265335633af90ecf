import SessionCoding
import SessionModel

/// Says entries in rows of a format.
///
/// The first thing that is read back is the session's own row, so it counts with the first entry.
protocol RowEncoder {
  /// Starts a session without rows; its own row may be there, when the session replaces another.
  init(_ head: SessionHead, _ schema: RowSchema, to rows: NewRows) throws(FormatError)

  /// Adds the rows of an entry that was read from this format; as they are, unless a format says
  /// otherwise.
  ///
  /// - Returns: How many entries reading them gives.
  mutating func copy(_ copied: [TableRow], of entry: Entry, to rows: NewRows) throws(FormatError)
    -> Int

  /// Adds the rows that say an entry of another format; none for what the format has no place for.
  ///
  /// - Returns: How many entries reading them gives.
  mutating func write(_ entry: Entry, to rows: NewRows) throws(FormatError) -> Int

  /// Ends the session: its own row is there afterwards.
  ///
  /// - Returns: How many entries reading what is added gives.
  mutating func finish(to rows: NewRows) throws(FormatError) -> Int

  /// What was left out because it changes what the tool may do.
  var stripped: StrippedSettings { get }
}

extension RowEncoder {
  mutating func copy(_ copied: [TableRow], of entry: Entry, to rows: NewRows) throws(FormatError)
    -> Int
  {
    for row in copied { try rows.insert(row) }
    return 1
  }

  var stripped: StrippedSettings { StrippedSettings() }
}
