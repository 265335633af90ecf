import FileIO
import SessionCoding
import SessionModel

/// The tables that a conversion adds, which tools do not look at.
enum CarryTables {
  /// Carry of a session: chunk −1 is its header, as JSON, the others are compressed.
  static let origin = "carryover_origin"
  /// Store-wide records of another format.
  static let store = "carryover_store"

  /// The database of ours that has them beside a database whose schema must not be touched.
  static func file(beside path: String) -> String { path + ".carryover" }
}

extension RowDatabase {
  /// Makes carries that stand in a file of their own readable, if there are any.
  ///
  /// - Parameter creating: Whether the file is made when it is missing.
  func attachCarry(creating: Bool) throws(FormatError) {
    guard let file = carryFile,
      try !rows("PRAGMA database_list").contains(where: { $0[1].string == "carry" })
    else { return }
    do throws(FileError) {
      if creating {
        try createFileIfAbsent(file, permissions: 0o600)
      } else if try FileStatus(path: file) == nil {
        return
      }
    } catch {
      throw FormatError(writing: error)
    }
    try rows("ATTACH ?1 AS carry", [SQLiteValue(file)])
  }

  /// Makes a table for carries unless it exists.
  private func createCarryTable(_ name: String, _ definition: String) throws(FormatError) {
    try attachCarry(creating: true)
    let schema = carryFile == nil ? "main" : "carry"
    try run("CREATE TABLE IF NOT EXISTS \(schema).\(name) \(definition)")
  }

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
    if chunk <= 0 {
      // Chunks are large, so their table has an index of its own: a search in one `WITHOUT ROWID` would
      // read every chunk that it passes.
      try createCarryTable(
        CarryTables.origin,
        """
        (
          session_id TEXT NOT NULL, chunk INTEGER NOT NULL, data BLOB NOT NULL,
          PRIMARY KEY (session_id, chunk))
        """)
    }
    try rows(
      "INSERT OR REPLACE INTO \(CarryTables.origin) VALUES (?1, ?2, ?3)",
      [SQLiteValue(id), .integer(chunk), data])
  }

  /// Stores records of another format's store in the place of those that are there; nothing changes where
  /// these are the same.
  func insertStoreCarry(_ records: [[UInt8]], of format: String) throws(FormatError) {
    if try storeCarryRows(of: format) == records { return }
    try createCarryTable(
      CarryTables.store,
      """
      (
        format TEXT NOT NULL, position INTEGER NOT NULL, record TEXT NOT NULL,
        PRIMARY KEY (format, position)) WITHOUT ROWID
      """)
    try rows("DELETE FROM \(CarryTables.store) WHERE format = ?1", [SQLiteValue(format)])
    for (position, record) in records.enumerated() {
      try rows(
        "INSERT INTO \(CarryTables.store) (format, position, record) VALUES (?1, ?2, ?3)",
        [SQLiteValue(format), .integer(Int64(position)), .text(record)])
    }
  }

  /// The records of a format's store as they are stored; nil without any.
  private func storeCarryRows(of format: String) throws(FormatError) -> [[UInt8]]? {
    guard try hasTable(CarryTables.store) else { return nil }
    return try rows(
      "SELECT record FROM \(CarryTables.store) WHERE format = ?1 ORDER BY position",
      [SQLiteValue(format)]
    ).compactMap { $0[0].bytes }
  }

  /// Records of another format's store.
  func storeCarry() throws(FormatError) -> (format: String, records: StoreRecords)? {
    guard try hasTable(CarryTables.store) else { return nil }
    let rows = try rows(
      "SELECT format, record FROM \(CarryTables.store) ORDER BY format, position")
    guard let format = rows.first?[0].string else { return nil }
    let records = rows.filter { $0[0].string == format }.compactMap { $0[1].bytes }
    return (format, StoreRecords(carried: records, of: format))
  }
}
