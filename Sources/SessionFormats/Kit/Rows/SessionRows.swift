import FileIO
import JSONText
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
  /// Those of a table and of the details of its last row.
  private var cursors: [RowCursor] = []
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
      if cursors.isEmpty {
        guard let table = tables.popFirst() else { return nil }
        try open(table, of: id)
        continue
      }
      let last = cursors.count - 1
      guard let (number, row) = try cursors[last].next() else {
        cursors.removeLast()
        continue
      }
      guard let row else {
        try cursors[last].noteLeftOut(number, in: &leftOut)
        continue
      }
      // Details of the first kind come first.
      let table = cursors[last].table
      for details in table.details.reversed() { try open(details, of: row[table.key] ?? .null) }
      return row
    }
  }

  private func open(_ table: RowTable, of owner: SQLiteValue) throws(FormatError) {
    guard let condition = database.condition(of: table) else { return }
    cursors.append(try RowCursor(database, table, where: condition, [owner]))
  }

  /// The fingerprint over all rows as entries have them for their origins; nothing is left to be read.
  func fingerprint<Format: RowFormat>(of format: Format.Type) throws(FormatError) -> Fingerprint {
    var fingerprint = Fingerprint()
    while let row = try next() {
      var json = JSONWriter(reserving: 1_024)
      json.row(row, of: format)
      fingerprint.update(json.bytes[...])
    }
    return fingerprint
  }
}

extension JSONWriter {
  /// Appends a row of a session.
  mutating func row<Format: RowFormat>(_ row: TableRow, of format: Format.Type) {
    self.row(row, json: format.table(row.table)?.json ?? [])
  }
}
