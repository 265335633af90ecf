import FileIO
import JSONText
import SessionCoding
import SessionModel

/// A database opened for reading.
final class TermLLMSource: SessionSource {
  let connection: TermLLMConnection
  let snapshot: SQLiteSnapshot

  /// Opens a database; see ``SQLiteSnapshot`` for how its files stay untouched.
  ///
  /// - Throws: `.notRecognised`, `.unsupportedVersion`, and what opening reports.
  init(path: String) throws(FormatError) {
    snapshot = try SQLiteSnapshot(path: path)
    let layout = try snapshot.read { try TermLLMLayout($0, path: path) }
    try layout.checkReadable(path: path)
    connection = TermLLMConnection(
      path: path, queue: snapshot.queue, layout: layout, snapshot: snapshot)
  }

  func sessions() throws(FormatError) -> [SessionSummary] {
    let layout = connection.layout
    let names = TermLLMTable.sessions.spelledColumns(of: layout.columns["sessions"] ?? [])
    let counts = try messageCounts()
    let all = counts.values.reduce(0, +)
    let size = (try? FileStatus(path: connection.path))?.map(\.size) ?? 0
    let order = layout.has("number", in: "sessions") ? "number, id" : "id"
    return try connection.rows(
      connection.select(names, from: "sessions") + " ORDER BY \(order)"
    ).map { values in
      let row = SessionRow(columns: names, values: values)
      let head = row.head(branch: nil)
      let count = counts[row["id"] ?? .null] ?? 0
      return SessionSummary(
        id: head.id, path: connection.path, title: head.title, created: head.created,
        updated: head.updated, workspace: head.workspace, messageCount: count,
        byteCount: all > 0 ? UInt64(Double(size) * Double(count) / Double(all)) : 0,
        isArchived: head.archived ?? false)
    }
  }

  private func messageCounts() throws(FormatError) -> [SQLiteValue: Int] {
    let rows = try connection.rows(
      "SELECT session_id, count(*) FROM messages GROUP BY session_id")
    return Dictionary(rows.map { ($0[0], Int($0[1].int64 ?? 0)) }) { first, _ in first }
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try TermLLMReader(connection, id: id)
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try connection.carryHeader(of: SQLiteValue(id))
  }

  // MARK: Rows of the store

  func storeRecords() throws(FormatError) -> StoreRecords {
    var records: [[UInt8]] = []
    for table in TermLLMTable.storeTables { try append(table, to: &records) }
    for table in [TermLLMTable.messages] + TermLLMTable.satellites {
      guard let owner = table.owner, connection.layout.has(owner, in: table.name) else { continue }
      try append(
        table.withOwner, where: "\(owner.quoted) NOT IN (SELECT id FROM sessions)", to: &records)
    }
    for name in connection.layout.unknownTables {
      let columns = connection.layout.columns[name] ?? []
      try append(
        TermLLMTable(name: name, owner: nil, order: columns, columns: columns), to: &records)
    }
    return StoreRecords(records, of: TermLLM())
  }

  var profile: String? {
    connection.layout.version.map { String($0) }.flatMap { version in
      TermLLMSchema.written.contains { String($0.version) == version } ? version : nil
    }
  }

  private func append(
    _ table: TermLLMTable, where condition: String? = nil, to records: inout [[UInt8]]
  ) throws(FormatError) {
    guard let present = connection.layout.columns[table.name] else { return }
    let names = table.spelledColumns(of: present)
    let order = table.order.filter(present.contains)
    let rows = try connection.rows(
      connection.select(names, from: table.name) + (condition.map { " WHERE " + $0 } ?? "")
        + (order.isEmpty ? "" : " ORDER BY " + order.map(\.quoted).joined(separator: ", ")))
    for values in rows {
      var writer = JSONWriter()
      writer.row(table: table.name, columns: names, values: values)
      records.append(writer.bytes)
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
