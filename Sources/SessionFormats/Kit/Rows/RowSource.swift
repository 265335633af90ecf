import FileIO
import JSONText
import SessionCoding
import SessionModel

/// A database of a tool, opened for reading.
final class RowSource<Format: RowFormat>: SessionSource {
  let format: Format
  let database: RowDatabase
  let profile: String?
  private let opening: [Finding]
  private let log = LeftOutLog()

  /// Opens a database, or the one in the tool's folder.
  ///
  /// - Throws: `.notRecognised`, `.unsupportedVersion`, and what opening reports.
  init(_ format: Format, path: String, options: ReadOptions) throws(FormatError) {
    self.format = format
    database = try RowDatabase(
      path: format.database(at: path), options: options, carriesBeside: Format.carriesBeside)
    try format.check(database)
    profile = try format.profile(of: database)
    var log = FindingLog(Format.id)
    try format.checkOpening(database, &log)
    opening = log.findings
  }

  func list() throws(FormatError) -> [ListedSession] {
    let files = SQLiteFile.files(of: database.path)
    let id = Format.sessionID.quoted
    return try database.rows("SELECT \(id) FROM \(Format.sessions.name.quoted) ORDER BY \(id)")
      .compactMap { row in row[0].displayText.map { ListedSession(id: $0, files: files) } }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    let counts = try messageCounts()
    let all = counts.values.reduce(0, +)
    // Only for progress.
    let size = FileStatus.guess(database.path)?.size ?? 0
    var cursor = try RowCursor(database, Format.sessions)
    var summaries: [SessionSummary] = []
    while let (number, row) = try cursor.next() {
      guard let row else {
        // Reading such a session tells why nothing is known of it.
        if let id = try identifier(ofSession: number) {
          summaries.append(SessionSummary(id: id, path: database.path))
        }
        continue
      }
      let head = Format.Decoder.head(of: row)
      let count = counts[row[Format.sessionID] ?? .null] ?? 0
      summaries.append(
        SessionSummary(
          id: head.id, path: database.path, title: head.title, created: head.created,
          updated: head.updated, workspace: head.workspace, messageCount: count,
          byteCount: all > 0 ? UInt64(Double(size) * Double(count) / Double(all)) : 0,
          isArchived: head.archived ?? false))
    }
    return summaries.filter { wanted?.contains($0.id) ?? true }
  }

  private func identifier(ofSession number: Int64) throws(FormatError) -> String? {
    guard let name = database.layout.number(of: Format.sessions.name) else { return nil }
    return try database.value(
      "SELECT \(Format.sessionID.quoted) FROM \(Format.sessions.name.quoted) WHERE \(name) = ?1",
      [.integer(number)])?.displayText
  }

  private func messageCounts() throws(FormatError) -> [SQLiteValue: Int] {
    guard let table = Format.tables.last, let owner = table.owner,
      database.layout.has(owner, in: table.name)
    else { return [:] }
    let rows = try database.rows(
      "SELECT \(owner.quoted), count(*) FROM \(table.name.quoted) GROUP BY 1")
    return Dictionary(rows.map { ($0[0], Int($0[1].int64 ?? 0)) }) { first, _ in first }
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try RowReader<Format>(database, id: id, log: log)
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    guard database.longestValue != nil else { return LeftOutRecords() }
    if let known = log[id] { return known }
    let rows = try SessionRows(of: Format.self, database, id: id)
    while try rows.next() != nil {}
    log[id] = rows.leftOut
    return rows.leftOut
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    try SessionRows(of: Format.self, database, id: id).fingerprint(of: Format.self)
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try database.carryHeader(of: SQLiteValue(id))
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    try format.findings(of: SessionRows(of: Format.self, database, id: id))
  }

  var openingFindings: [Finding] {
    // What cannot be read is told when it is converted.
    ((try? storeLeftOut()) ?? []) + opening
  }

  func storeFindings() throws(FormatError) -> [Finding] {
    var log = FindingLog(Format.id)
    try format.checkStore(database, &log)
    try RowStoreRules<Format>(format, database).check(&log)
    return openingFindings + log.findings
  }

  // MARK: Rows of the store

  func files(of id: String) -> [SessionFile]? { nil }

  func storeFiles() -> [StoreFile] { [] }

  func storeRecords() throws(FormatError) -> StoreRecords {
    StoreRecords(try storeRows().records, of: format)
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try database.storeCarry()
  }

  /// Rows of no session that are left out; what belongs to a session is told with it.
  private func storeLeftOut() throws(FormatError) -> [Finding] {
    guard database.longestValue != nil else { return [] }
    return try storeRows().leftOut.findings.map { finding in
      var finding = finding
      finding.severity = .error
      return finding
    }
  }

  /// The rows that belong to no session, and those of them that are left out.
  private func storeRows() throws(FormatError) -> (records: [[UInt8]], leftOut: LeftOutRecords) {
    var (records, leftOut): ([[UInt8]], LeftOutRecords) = ([], LeftOutRecords())
    func append(_ table: RowTable, where condition: String? = nil) throws(FormatError) {
      var cursor = try RowCursor(database, table, where: condition)
      while let (number, row) = try cursor.next() {
        guard let row else {
          try cursor.noteLeftOut(number, in: &leftOut)
          continue
        }
        var json = JSONWriter()
        json.row(row)
        records.append(json.bytes)
      }
    }
    for table in Format.storeTables { try append(table) }
    for table in Format.tables.suffix(1) + Format.tables.dropLast() {
      guard let condition = database.withoutSession(table, of: format) else { continue }
      try append(table.withOwner, where: condition)
    }
    for name in unknownTables {
      let columns = database.layout.columns[name] ?? []
      try append(RowTable(name: name, order: columns, columns: columns))
    }
    return (records, leftOut)
  }

  /// Tables that are not known, in order.
  private var unknownTables: [String] {
    let known = Set(
      ([Format.sessions] + Format.allTables + Format.storeTables).map(\.name)
        + [CarryTables.origin, CarryTables.store]
    ).union(Format.ignoredTables)
    return database.layout.columns.filter { name, columns in
      !known.contains(name) && !name.hasPrefix("sqlite_") && !columns.isEmpty
        && !Format.searchIndexes.contains { name.hasPrefix($0) }
    }.keys.sorted()
  }
}

extension RowDatabase {
  /// The condition for rows of a table whose session is not there; nil when it has none of sessions.
  func withoutSession<Format: RowFormat>(_ table: RowTable, of format: Format) -> String? {
    guard let owner = table.owner, layout.has(owner, in: table.name) else { return nil }
    let sessions = "SELECT \(Format.sessionID.quoted) FROM \(Format.sessions.name.quoted)"
    return "\(owner.quoted) NOT IN (\(sessions))"
  }
}
