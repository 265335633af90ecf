import JSONText
import SessionCoding

extension TermLLMConnection {
  /// The carry header of a session, when a conversion stored a carry.
  func carryHeader(of session: SQLiteValue) throws(FormatError) -> StoredCarryHeader? {
    if let data = try carryChunk(-1, of: session) { return StoredCarryHeader(json: data) }
    return try carryChunk(0, of: session).map { _ in .unreadable([]) }
  }

  /// One chunk of a session's carry; nil behind the last one.
  func carryChunk(_ chunk: Int64, of session: SQLiteValue) throws(FormatError) -> [UInt8]? {
    guard try hasTable(CarryTables.origin) else { return nil }
    let rows = try limitedRows(
      "SELECT data FROM \(CarryTables.origin) WHERE session_id = ?1 AND chunk = ?2",
      [session, .integer(chunk)], atLeast: ReadOptions.leastCarryLength)
    guard let value = rows.first?[0] else { return nil }
    if case .blob(let bytes) = value { return CarryChunk.json(bytes) }
    return value.bytes
  }

  /// Whether a table exists now; the layout was read before a writer may have added it.
  func hasTable(_ name: String) throws(FormatError) -> Bool {
    if layout.columns[name] != nil { return true }
    if snapshot != nil { return false }
    return try !rows("PRAGMA table_info(\(name.quoted))").isEmpty
  }
}
