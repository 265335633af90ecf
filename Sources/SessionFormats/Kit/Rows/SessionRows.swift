import SessionCoding
import SessionModel

/// The rows of one session in order: its own, then those of the other tables.
final class SessionRows {
  let database: RowDatabase
  /// The session's own row.
  let session: TableRow
  /// The session's identifier as it is stored.
  let id: SQLiteValue
  /// What is left out so far.
  private(set) var leftOut = LeftOutRecords()
  private var tables: ArraySlice<RowTable>
  private var cursor: RowCursor?
  private var isBegun = false

  /// Looks for a session.
  ///
  /// - Throws: `.notFound` if there is none, `.limit` if its own row is too long.
  init<Format: RowFormat>(
    of format: Format.Type, _ database: RowDatabase, id: String
  ) throws(FormatError) {
    self.database = database
    tables = format.tables[...]
    var cursor = try RowCursor(
      database, format.sessions, where: format.sessionID.quoted + " = ?1", [SQLiteValue(id)])
    guard let (number, row) = try cursor.next() else {
      throw FormatError(
        .notFound, "there is no session '\(id)'", at: .file(path: database.path),
        advice: "list the sessions of the database")
    }
    guard let row else {
      throw FormatError(
        .limit, "a value is longer than --max-record allows",
        at: database.place(format.sessions.name, number), advice: "give a larger --max-record")
    }
    session = row
    self.id = row[format.sessionID] ?? .null
  }

  /// The next row, those with a value that is too long left out; nil at the end.
  func next() throws(FormatError) -> TableRow? {
    if !isBegun {
      isBegun = true
      return session
    }
    while true {
      if let (number, row) = try cursor?.next() {
        if let row { return row }
        try cursor?.noteLeftOut(number, in: &leftOut)
        continue
      }
      guard let table = tables.popFirst() else { return nil }
      cursor = nil
      guard let owner = table.owner, database.layout.has(owner, in: table.name) else { continue }
      cursor = try RowCursor(database, table, where: owner.quoted + " = ?1", [id])
    }
  }
}
