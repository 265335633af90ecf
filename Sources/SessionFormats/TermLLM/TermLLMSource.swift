import FileIO
import JSONText
import SessionCoding
import SessionModel

/// A database opened for reading.
final class TermLLMSource: SessionSource {
  let connection: TermLLMConnection
  let snapshot: SQLiteSnapshot
  private let log = LeftOutLog()

  /// Opens a database; see ``SQLiteSnapshot`` for how its files stay untouched.
  ///
  /// - Throws: `.notRecognised`, `.unsupportedVersion`, and what opening reports.
  init(path: String, options: ReadOptions = ReadOptions()) throws(FormatError) {
    snapshot = try SQLiteSnapshot(path: path)
    let layout = try snapshot.read { try TermLLMLayout($0, path: path) }
    try layout.checkReadable(path: path)
    let longest = options.maximumRecordLength
    connection = TermLLMConnection(
      path: path, queue: snapshot.queue, layout: layout, snapshot: snapshot,
      longestValue: UInt64(longest) < snapshot.byteCount ? longest : nil)
  }

  func list() throws(FormatError) -> [ListedSession] {
    let files = SQLiteFile.files(of: connection.path)
    return try connection.rows("SELECT id FROM sessions ORDER BY id").compactMap { row in
      row[0].displayText.map { ListedSession(id: $0, files: files) }
    }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    let all = try all()
    guard let wanted else { return all }
    return all.filter { wanted.contains($0.id) }
  }

  private func all() throws(FormatError) -> [SessionSummary] {
    let layout = connection.layout
    let names = TermLLMTable.sessions.spelledColumns(of: layout.columns["sessions"] ?? [])
    let counts = try messageCounts()
    let all = counts.values.reduce(0, +)
    // Only for progress.
    let size = (try? FileStatus(path: connection.path))?.map(\.size) ?? 0
    let order = layout.has("number", in: "sessions") ? "number, id" : "id"
    let (rows, long) = try connection.shortRows(
      connection.select(names, from: "sessions") + " ORDER BY \(order)")
    var summaries = rows.map { _, values in
      let row = SessionRow(columns: names, values: values)
      let head = row.head(branch: nil)
      let count = counts[row["id"] ?? .null] ?? 0
      return SessionSummary(
        id: head.id, path: connection.path, title: head.title, created: head.created,
        updated: head.updated, workspace: head.workspace, messageCount: count,
        byteCount: all > 0 ? UInt64(Double(size) * Double(count) / Double(all)) : 0,
        isArchived: head.archived ?? false)
    }
    // Reading such a session tells why nothing is known of it.
    for position in long {
      let ids = try connection.rows(
        "SELECT id FROM sessions ORDER BY \(order) LIMIT 1 OFFSET \(position)")
      guard let id = ids.first?[0].displayText else { continue }
      summaries.insert(
        SessionSummary(id: id, path: connection.path), at: min(position, summaries.count))
    }
    return summaries
  }

  private func messageCounts() throws(FormatError) -> [SQLiteValue: Int] {
    let rows = try connection.rows(
      "SELECT session_id, count(*) FROM messages GROUP BY session_id")
    return Dictionary(rows.map { ($0[0], Int($0[1].int64 ?? 0)) }) { first, _ in first }
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try TermLLMReader(connection, id: id, log: log)
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    guard connection.longestValue != nil else { return LeftOutRecords() }
    if let known = log[id] { return known }
    let reader = try TermLLMReader(connection, id: id)
    while try reader.next() != nil {}
    log[id] = reader.leftOut
    return reader.leftOut
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try connection.carryHeader(of: SQLiteValue(id))
  }

  // MARK: Rows of the store

  func storeRecords() throws(FormatError) -> StoreRecords {
    StoreRecords(try storeRows().records, of: TermLLM())
  }

  /// The rows that belong to no session, and those of them that are left out.
  func storeRows() throws(FormatError) -> (records: [[UInt8]], leftOut: LeftOutRecords) {
    var rows: (records: [[UInt8]], leftOut: LeftOutRecords) = ([], LeftOutRecords())
    for table in TermLLMTable.storeTables { try append(table, to: &rows) }
    for table in [TermLLMTable.messages] + TermLLMTable.satellites {
      guard let owner = table.owner, connection.layout.has(owner, in: table.name) else { continue }
      try append(
        table.withOwner, where: "\(owner.quoted) NOT IN (SELECT id FROM sessions)", to: &rows)
    }
    for name in connection.layout.unknownTables {
      let columns = connection.layout.columns[name] ?? []
      try append(
        TermLLMTable(name: name, owner: nil, order: columns, columns: columns), to: &rows)
    }
    return rows
  }

  var profile: String? {
    connection.layout.version.map { String($0) }.flatMap { version in
      TermLLMSchema.written.contains { String($0.version) == version } ? version : nil
    }
  }

  private func append(
    _ table: TermLLMTable, where condition: String? = nil,
    to list: inout (records: [[UInt8]], leftOut: LeftOutRecords)
  ) throws(FormatError) {
    guard let present = connection.layout.columns[table.name] else { return }
    let names = table.spelledColumns(of: present)
    let order = table.order.filter(present.contains)
    let (rows, long) = try connection.shortRows(
      connection.select(names, from: table.name) + (condition.map { " WHERE " + $0 } ?? "")
        + (order.isEmpty ? "" : " ORDER BY " + order.map(\.quoted).joined(separator: ", ")))
    for (_, values) in rows {
      var writer = JSONWriter()
      writer.row(table: table.name, columns: names, values: values)
      list.records.append(writer.bytes)
    }
    for position in long {
      list.leftOut.add(
        .row(path: connection.path, table: table.name, row: Int64(position) + 1), count: nil)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    guard connection.layout.columns[CarryTables.store] != nil else { return nil }
    let rows = try connection.rows(
      "SELECT format, record FROM \(CarryTables.store) ORDER BY format, position")
    guard let format = rows.first?[0].string else { return nil }
    let records = rows.filter { $0[0].string == format }.compactMap { $0[1].bytes }
    return (format, StoreRecords(carried: records, of: format))
  }
}

extension TermLLMTable {
  /// The table with its owner spelled out, for rows whose session is missing.
  var withOwner: TermLLMTable {
    TermLLMTable(
      name: name, owner: nil, order: (owner.map { [$0] } ?? []) + order,
      columns: (owner.map { [$0] } ?? []) + columns, lastColumns: lastColumns)
  }
}
