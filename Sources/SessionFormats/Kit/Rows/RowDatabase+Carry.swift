import JSONText
import SessionCoding
import SessionModel

/// The tables that a conversion adds, which tools do not look at.
enum CarryTables {
  /// Carry of a session: chunk −1 is its header, as JSON, the others are compressed.
  static let origin = "carryover_origin"
  /// Store-wide records of another format.
  static let store = "carryover_store"

  /// Chunks are large, so their table has an index of its own: a search in one `WITHOUT ROWID` would
  /// read every chunk that it passes.
  fileprivate static let originSQL = """
    CREATE TABLE IF NOT EXISTS \(origin) (
      session_id TEXT NOT NULL, chunk INTEGER NOT NULL, data BLOB NOT NULL,
      PRIMARY KEY (session_id, chunk))
    """
  fileprivate static let storeSQL = """
    CREATE TABLE IF NOT EXISTS \(store) (
      format TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL,
      PRIMARY KEY (format, position)) WITHOUT ROWID
    """
}

extension RowDatabase {
  /// The carry header of a session, when a conversion stored a carry.
  func carryHeader(of session: SQLiteValue) throws(FormatError) -> StoredCarryHeader? {
    if let data = try carryChunk(-1, of: session) { return StoredCarryHeader(json: data) }
    return try carryChunk(0, of: session).map { _ in .unreadable([]) }
  }

  /// One chunk of a session's carry; nil after the last one.
  func carryChunk(_ chunk: Int64, of session: SQLiteValue) throws(FormatError) -> [UInt8]? {
    guard try hasTable(CarryTables.origin) else { return nil }
    let rows = try limitedRows(
      "SELECT data FROM \(CarryTables.origin) WHERE session_id = ?1 AND chunk = ?2",
      [session, .integer(chunk)], atLeast: ReadOptions.leastCarryLength)
    guard let value = rows.first?[0] else { return nil }
    if case .blob(let bytes) = value { return CarryChunk.json(bytes) }
    return value.bytes
  }

  /// Stores a chunk of a session's carry; −1 is the header.
  func insertCarry(_ data: SQLiteValue, chunk: Int64, of id: String) throws(FormatError) {
    if chunk <= 0 { try run(CarryTables.originSQL) }
    try rows(
      "INSERT OR REPLACE INTO \(CarryTables.origin) VALUES (?1, ?2, ?3)",
      [SQLiteValue(id), .integer(chunk), data])
  }

  /// Stores records of another format's store in the place of those that are there.
  func insertStoreCarry(_ records: [[UInt8]], of format: String) throws(FormatError) {
    try run(CarryTables.storeSQL)
    try rows("DELETE FROM \(CarryTables.store) WHERE format = ?1", [SQLiteValue(format)])
    for (position, record) in records.enumerated() {
      try rows(
        "INSERT INTO \(CarryTables.store) (format, position, record) VALUES (?1, ?2, ?3)",
        [SQLiteValue(format), .integer(Int64(position)), .text(record)])
    }
  }

  /// Records of another format's store.
  func storeCarry() throws(FormatError) -> (format: String, records: StoreRecords)? {
    guard layout.columns[CarryTables.store] != nil else { return nil }
    let rows = try rows(
      "SELECT format, record FROM \(CarryTables.store) ORDER BY format, position")
    guard let format = rows.first?[0].string else { return nil }
    let records = rows.filter { $0[0].string == format }.compactMap { $0[1].bytes }
    return (format, StoreRecords(carried: records, of: format))
  }
}
