import GRDB
import JSONText
import SessionCoding
import SessionModel

extension TermLLMStore {
  /// Stores a chunk of a session's carry; −1 is the header.
  func insertCarry(_ data: SQLiteValue, chunk: Int64, of id: String) throws(FormatError) {
    try access { database in
      if chunk <= 0 { try database.run(CarryTables.create(CarryTables.origin), path: path) }
      try CarryTables.insert(data, chunk: chunk, of: id, database, path: path)
    }
  }

  /// The carry header of a session, when a conversion stored one.
  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try connection().carryHeader(of: SQLiteValue(id))
  }

  /// Points sessions that waited for parents at those that have arrived, and keeps their carry
  /// headers true.
  func adoptOrphans() throws(FormatError) {
    for parent in missingParents where try holds(session: parent) {
      for child in takeOrphans(of: parent) { try setParent(of: child, SQLiteValue(parent)) }
    }
  }

  /// Lets go of sessions that wait for a parent again, because it does not come after all.
  func releaseChildren(of parent: String) throws(FormatError) {
    let children = try connection().rows(
      "SELECT id FROM sessions WHERE parent_id = ?1", [SQLiteValue(parent)])
    for child in children.compactMap({ $0[0].string }) {
      try setParent(of: child, .null)
      noteOrphan(child, of: parent)
    }
  }

  private func setParent(of child: String, _ parent: SQLiteValue) throws(FormatError) {
    let connection = try connection()
    _ = try connection.rows(
      "UPDATE sessions SET parent_id = ?2 WHERE id = ?1", [SQLiteValue(child), parent])
    guard var header = try carryHeader(of: child)?.header else { return }
    let reader = try TermLLMReader(connection, id: child)
    header.targetHead = CanonicalJSON.json(of: reader.head)
    header.target = try reader.fingerprint()
    try insertCarry(.text(header.json), chunk: -1, of: child)
  }
}

extension TermLLMTarget {
  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard !records.isEmpty else { return }
    try store.access { [path = store.path] database in
      try database.run("SAVEPOINT records", path: path)
      try database.run(CarryTables.create(CarryTables.store), path: path)
      _ = try database.rows(
        "DELETE FROM \(CarryTables.store) WHERE format = ?1", [SQLiteValue(format)], path: path)
      for (position, record) in records.enumerated() {
        _ = try database.rows(
          "INSERT INTO \(CarryTables.store) (format, position, record) VALUES (?1, ?2, ?3)",
          [SQLiteValue(format), .integer(Int64(position)), .text(record)], path: path)
      }
      try database.run("RELEASE records", path: path)
    }
    store.noteContent()
  }

  /// Restores rows that belong to no session.
  ///
  /// In a live database what is there wins, and rows of sessions that do not exist stay out.
  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {
    let layout = try store.layout()
    var refused: (count: Int, error: FormatError)?
    for record in StoreRecords(records, of: TermLLM()).records {
      guard let row = TermLLMRow(record), let present = layout.columns[row.table] else { continue }
      let columns = row.columns.filter { present.contains($0.name) }
      guard !columns.isEmpty else { continue }
      do throws(FormatError) {
        if row.table == "sqlite_sequence" {
          try raiseSequence(row)
        } else if !store.isLive
          || TermLLMTable.storeTables.contains(where: { $0.name == row.table })
        {
          try store.insert(columns, into: row.table, verb: "INSERT OR IGNORE")
        }
      } catch  where !error.concernsAll {
        refused = ((refused?.count ?? 0) + 1, refused?.error ?? error)
      }
    }
    if !records.isEmpty { store.noteContent() }
    guard let refused else { return }
    var error = refused.error
    error.message = "\(refused.count) rows that belong to no session: \(error.message)"
    throw error
  }

  /// Keeps identifiers from being given twice.
  private func raiseSequence(_ row: TermLLMRow) throws(FormatError) {
    guard let name = row["name"], let value = row["seq"]?.int64 else { return }
    try store.access { [path = store.path] database in
      _ = try database.rows(
        "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", [name, .integer(value)],
        path: path)
      _ = try database.rows(
        """
        INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2
        WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)
        """, [name, .integer(value)], path: path)
    }
  }
}
