import SessionCoding
import SessionModel

/// The rows of a session that is being written.
final class NewRows {
  /// The session's identifier.
  let id: String
  /// The database, in the middle of a transaction.
  let database: RowDatabase
  /// Whether the database is in use.
  let isLive: Bool
  /// Whether rows that change what the tool may do are left out of copies.
  let stripsSettings: Bool
  /// The session that this one refers to and that is not here yet.
  private(set) var awaited: String?
  /// Numbers that order rows, by table, which the session had before, the least first.
  ///
  /// They are given again, so that what the tool added after such rows keeps its own.
  var freed: [String: [Int64]] = [:]
  /// The last of these numbers that was given, by table.
  private var last: [String: Int64] = [:]
  private let sessions: RowTable
  private let sessionID: String
  private let tables: [RowTable]

  init<Format: RowFormat>(
    of format: Format.Type, _ id: String, _ database: RowDatabase, isLive: Bool,
    stripsSettings: Bool
  ) {
    self.id = id
    self.database = database
    self.isLive = isLive
    self.stripsSettings = stripsSettings
    (sessions, sessionID, tables) = (format.sessions, format.sessionID, format.allTables)
  }

  /// The columns of a table as rows of a session spell them, the one that names the session left out.
  func columns(of table: String) -> [String] {
    let known = table == sessions.name ? sessions : tables.first { $0.name == table }
    return known?.spelledColumns(of: database.layout.columns[table] ?? []) ?? []
  }

  /// The session's own row as it is now.
  func session() throws(FormatError) -> TableRow? {
    var cursor = try RowCursor(
      database, sessions, where: sessionID.quoted + " = ?1", [SQLiteValue(id)])
    return try cursor.next()?.row
  }

  /// Adds the session's own row, or sets columns of the one that is there.
  func setSession(_ columns: [(name: String, value: SQLiteValue)]) throws(FormatError) {
    let columns = columns.filter { $0.name != sessionID } + [(sessionID, SQLiteValue(id))]
    let updates = columns.dropLast().map { "\($0.name.quoted) = excluded.\($0.name.quoted)" }
    try database.insert(
      columns, into: sessions.name,
      conflict: "ON CONFLICT (\(sessionID.quoted)) DO UPDATE SET "
        + updates.joined(separator: ", "))
  }

  /// Sets columns of the session's own row that the database has.
  func updateSession(_ values: [String: SQLiteValue]) throws(FormatError) {
    let columns = values.sorted { $0.key < $1.key }
      .filter { $0.key != sessionID && database.layout.has($0.key, in: sessions.name) }
    guard !columns.isEmpty else { return }
    let list = columns.enumerated().map { "\($1.key.quoted) = ?\($0 + 2)" }
    try database.rows(
      "UPDATE \(sessions.name.quoted) SET \(list.joined(separator: ", "))"
        + " WHERE \(sessionID.quoted) = ?1", [SQLiteValue(id)] + columns.map(\.value))
  }

  /// What the session's own row can say of the session that it refers to: its identifier if it is there;
  /// else NULL, which becomes the identifier when it arrives in the same run.
  func reference(to parent: SQLiteValue?) throws(FormatError) -> SQLiteValue {
    awaited = nil
    guard let parent, let name = parent.displayText, !name.isEmpty, name != id else {
      return parent ?? .null
    }
    let isThere = try database.has(parent, in: sessionID, of: sessions.name)
    awaited = isThere ? nil : name
    return isThere ? parent : .null
  }

  /// Adds a row to a table, or sets the session's own.
  ///
  /// - Returns: Whether there is such a table; columns that it lacks are left out.
  @discardableResult
  func insert(_ row: TableRow) throws(FormatError) -> Bool {
    if row.table == sessions.name {
      try setSession(row.columns.filter { database.layout.has($0.name, in: sessions.name) })
      return true
    }
    guard let table = tables.first(where: { $0.name == row.table }),
      let present = database.layout.columns[table.name]
    else { return false }
    var columns = row.columns.filter { present.contains($0.name) && $0.name != table.owner }
    if let identity = table.identity, present.contains(identity) {
      let stated = columns.first { $0.name == identity }?.value ?? .null
      columns.removeAll { $0.name == identity }
      columns.insert((identity, try number(stated, of: identity, in: table)), at: 0)
    }
    if let owner = table.owner { columns.insert((owner, SQLiteValue(id)), at: 0) }
    try database.insert(columns, into: table.name)
    return true
  }

  /// The number of a row: the stated one unless it is taken, or would put the row before others; else one
  /// that the session had, or NULL, for which the database gives the next one.
  private func number(
    _ stated: SQLiteValue, of identity: String, in table: RowTable
  ) throws(FormatError) -> SQLiteValue {
    let isOrder = table.order == [identity]
    let least = isOrder ? last[table.name] ?? 0 : 0
    var number = stated.int64.flatMap { $0 > least ? $0 : nil }
    if number != nil, try database.has(stated, in: identity, of: table.name) { number = nil }
    guard isOrder else { return number == nil ? .null : stated }
    if number == nil { number = freed[table.name]?.first { $0 > least } }
    guard let number else {
      last[table.name] = .max
      return .null
    }
    last[table.name] = number
    return .integer(number)
  }
}
