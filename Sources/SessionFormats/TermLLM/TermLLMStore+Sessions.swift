import GRDB
import JSONText
import SessionCoding
import SessionModel

extension TermLLMStore {
  /// Starts a session and removes the rows it had.
  ///
  /// In a live database this is a transaction, and the `sessions` row stays for those that refer to
  /// it. In a new one the whole is one transaction; a session that is replaced steps aside.
  ///
  /// - Parameter isNew: Whether no such session was there a moment ago; else what is there is compared
  ///   within the transaction, by ``fingerprint(ofExisting:)``.
  /// - Throws: `.changed` when another program has added such a session since.
  func begin(replacing id: String, isNew: Bool) throws(FormatError) {
    if isLive { try access { try $0.run("BEGIN IMMEDIATE", path: path) } }
    do throws(FormatError) {
      let present = try access {
        try $0.rows("SELECT number FROM sessions WHERE id = ?1", [SQLiteValue(id)], path: path)
      }
      if let number = present.first?[0] {
        guard !isNew else {
          throw FormatError(
            .changed, "another program has just added session \(id)", at: .file(path: path),
            advice: "nothing was overwritten; run again")
        }
        let replaced = Replaced(
          fingerprint: try fingerprint(ofExisting: id), number: number)
        noteReplaced(id, replaced)
        try access { isLive ? try removeRows(of: id, $0) : try stepAside(id, $0) }
      } else if isLive {
        try checkNoOrphans(of: id)
      }
    } catch {
      rollBack(id)
      throw error
    }
  }

  /// Ends a session so that it is visible, or will be when a new database is published.
  func commit(_ id: String) throws(FormatError) {
    if isLive {
      try adoptOrphans()
      try access { try $0.run("COMMIT", path: path) }
    } else {
      if replaced(id) != nil { try access { try removeAll(of: Self.aside(id), $0) } }
    }
    noteReplaced(id, nil)
  }

  /// Ends a session as if it had never begun.
  ///
  /// A new database in which that fails is not published.
  func rollBack(_ id: String) {
    let replaced = replaced(id)
    noteReplaced(id, nil)
    do throws(FormatError) {
      try access { database in
        // Without a transaction, as after a failure that ended it, there is nothing to do.
        guard database.isInsideTransaction else { return }
        if isLive { return try database.run("ROLLBACK", path: path) }
        try removeAll(of: id, database)
        guard let replaced else { return }
        try rename(Self.aside(id), to: id, database)
        _ = try database.rows(
          "UPDATE sessions SET number = ?2 WHERE id = ?1", [SQLiteValue(id), replaced.number],
          path: path)
      }
      if !isLive, replaced == nil { try releaseChildren(of: id) }
    } catch {
      if !isLive { noteBroken(error) }
    }
  }

  /// Makes sure that no rows wait for a session of this name, which would become part of it.
  ///
  /// What a conversion stored beside a session that the tool has deleted since is ours to remove.
  private func checkNoOrphans(of id: String) throws(FormatError) {
    for (table, owner) in try ownedTables() {
      if table == CarryTables.origin {
        try access {
          _ = try $0.rows(
            "DELETE FROM \(table) WHERE \(owner) = ?1", [SQLiteValue(id)], path: path)
        }
        continue
      }
      let rows = try access {
        try $0.rows(
          "SELECT 1 FROM \(table) WHERE \(owner) = ?1 LIMIT 1", [SQLiteValue(id)], path: path)
      }
      if rows.isEmpty { continue }
      throw FormatError(
        .damaged, "\(table) has rows of session '\(id)', which does not exist",
        at: .file(path: path), advice: "remove these rows, or convert under another identifier")
    }
  }

  /// What a session is called while another takes its place; no tool makes such identifiers.
  private static func aside(_ id: String) -> String { "\u{1}" + id }

  private func stepAside(_ id: String, _ database: Database) throws(FormatError) {
    _ = try database.rows(
      "UPDATE sessions SET number = NULL WHERE id = ?1", [SQLiteValue(id)], path: path)
    try rename(id, to: Self.aside(id), database)
  }

  /// Tables with rows of sessions, and the columns that name them.
  private func ownedTables() throws(FormatError) -> [(table: String, owner: String)] {
    let layout = try layout()
    var tables: [(table: String, owner: String)] = []
    for table in [TermLLMTable.messages] + TermLLMTable.satellites {
      guard let owner = table.owner, layout.has(owner, in: table.name) else { continue }
      tables.append((table.name, owner))
    }
    if try connection().hasTable(CarryTables.origin) {
      tables.append((CarryTables.origin, "session_id"))
    }
    return tables
  }

  private func rename(
    _ id: String, to newID: String, _ database: Database
  ) throws(FormatError) {
    for (table, owner) in try ownedTables() + [("sessions", "id")] {
      _ = try database.rows(
        "UPDATE \(table) SET \(owner) = ?2 WHERE \(owner) = ?1",
        [SQLiteValue(id), SQLiteValue(newID)], path: path)
    }
  }

  private func removeRows(of id: String, _ database: Database) throws(FormatError) {
    let key = [SQLiteValue(id)]
    let hasMessages = try !database.rows(
      "SELECT 1 FROM messages WHERE session_id = ?1 LIMIT 1", key, path: path
    ).isEmpty
    if hasMessages { try checkSearchIndex(database) }
    for (table, owner) in try ownedTables() {
      _ = try database.rows("DELETE FROM \(table) WHERE \(owner) = ?1", key, path: path)
    }
  }

  private func removeAll(of id: String, _ database: Database) throws(FormatError) {
    try removeRows(of: id, database)
    _ = try database.rows("DELETE FROM sessions WHERE id = ?1", [SQLiteValue(id)], path: path)
  }

  /// Inserts the session's row, or sets all its columns when it is there.
  func insertSession(
    id: String, head: SessionHead, origin: TermLLMRow?, _ layout: TermLLMLayout
  ) throws(FormatError) {
    let names = TermLLMTable.sessions.spelledColumns(of: layout.columns["sessions"] ?? [])
    let native = SessionColumns.values(of: head)
    try access { database in
      var values: [SQLiteValue] = []
      for name in names {
        switch name {
        case "id": values.append(SQLiteValue(id))
        case "number": values.append(try number(of: id, origin, database))
        case "parent_id":
          values.append(try parent(of: id, origin.map { $0[name] } ?? native[name], database))
        default:
          let value = origin.map { $0[name] } ?? native[name]
          values.append(value ?? SessionColumns.requiredValue(name))
        }
      }
      let marks = names.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
      let list = names.map(\.quoted).joined(separator: ", ")
      let updates = names.filter { $0 != "id" }
        .map { "\($0.quoted) = excluded.\($0.quoted)" }.joined(separator: ", ")
      _ = try database.rows(
        "INSERT INTO sessions (\(list)) VALUES (\(marks)) ON CONFLICT (id) DO UPDATE SET \(updates)",
        values, path: path)
    }
  }

  /// The session's own number where it has one or brings one that is free, else the next.
  private func number(
    of id: String, _ origin: TermLLMRow?, _ database: Database
  ) throws(FormatError) -> SQLiteValue {
    if let number = replaced(id)?.number, !number.isNull { return number }
    if !isLive, let number = origin?["number"] {
      let isFree = try database.rows(
        "SELECT 1 FROM sessions WHERE number = ?1", [number], path: path
      ).isEmpty
      if isFree { return number }
    }
    return try database.rows(
      "SELECT COALESCE(MAX(number), 0) + 1 FROM sessions", path: path
    ).first?[0] ?? .integer(1)
  }

  /// The parent if it is there; else NULL, to be set when the parent arrives in the same run.
  private func parent(
    of id: String, _ parent: SQLiteValue?, _ database: Database
  ) throws(FormatError) -> SQLiteValue {
    guard let parent, let name = parent.displayText, !name.isEmpty, name != id else {
      return parent ?? .null
    }
    let isThere = try !database.rows(
      "SELECT 1 FROM sessions WHERE id = ?1", [parent], path: path
    ).isEmpty
    if isThere { return parent }
    noteOrphan(id, of: name)
    return .null
  }

  /// Sets columns of a session that the database has.
  func update(
    session id: String, _ values: [String: SQLiteValue], _ layout: TermLLMLayout
  ) throws(FormatError) {
    var values = values
    values["id"] = nil
    let names = values.keys.filter { layout.has($0, in: "sessions") }.sorted()
    guard !names.isEmpty else { return }
    try access { database in
      if let parent = values["parent_id"] {
        values["parent_id"] = try self.parent(of: id, parent, database)
      }
      let list = names.enumerated().map { "\($1.quoted) = ?\($0 + 2)" }.joined(separator: ", ")
      _ = try database.rows(
        "UPDATE sessions SET \(list) WHERE id = ?1",
        [SQLiteValue(id)] + names.map { values[$0] ?? .null }, path: path)
    }
  }

  /// The session's row as it is now.
  func sessionRow(_ id: String, _ layout: TermLLMLayout) throws(FormatError) -> SessionRow? {
    let names = TermLLMTable.sessions.spelledColumns(of: layout.columns["sessions"] ?? [])
    let connection = try connection()
    return try connection.rows(
      connection.select(names, from: "sessions") + " WHERE id = ?1", [SQLiteValue(id)]
    ).first.map { SessionRow(columns: names, values: $0) }
  }

  /// Inserts a row of another table of the session; false if the database has no such table.
  func insertSatellite(
    _ row: TermLLMRow, session id: String, _ layout: TermLLMLayout
  ) throws(FormatError) -> Bool {
    guard let table = TermLLMTable.satellites.first(where: { $0.name == row.table }),
      let owner = table.owner, let present = layout.columns[table.name]
    else { return false }
    try insert(
      row.columns.filter { present.contains($0.name) && $0.name != owner } + [
        (owner, SQLiteValue(id))
      ], into: table.name)
    return true
  }

  func insert(
    _ columns: [(name: String, value: SQLiteValue)], into table: String, verb: String = "INSERT"
  ) throws(FormatError) {
    let list = columns.map(\.name.quoted).joined(separator: ", ")
    let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    try access { database in
      _ = try database.rows(
        "\(verb) INTO \(table.quoted) (\(list)) VALUES (\(marks))", columns.map(\.value),
        path: path)
    }
  }
}

extension SessionColumns {
  /// A default for columns that may not be NULL; the time for lack of any other is the epoch.
  static func requiredValue(_ column: String) -> SQLiteValue {
    switch column {
    case "created_at", "updated_at": SQLiteValue(time: Timestamp(seconds: 0))
    default: defaultValue(column)
    }
  }
}
