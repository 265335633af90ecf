import SessionCoding
import SessionModel

extension RowTarget {
  /// Keeps records of another format's store until the end, so that a run that is stopped changes nothing.
  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    if !records.isEmpty { noteStoreCarry((format, records)) }
  }

  /// Stores what `carryStoreRecords` has kept.
  func writeStoreCarry(_ carry: (format: String, records: [[UInt8]])) throws(FormatError) {
    try database.run("SAVEPOINT records")
    try database.insertStoreCarry(carry.records, of: carry.format)
    try database.run("RELEASE records")
  }

  /// Restores rows that belong to no session.
  ///
  /// In a live database what is there wins, and rows of sessions that do not exist stay out.
  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {
    var refused: (count: Int, error: FormatError)?
    for record in StoreRecords(records, of: format).records {
      guard let row = TableRow(record), let present = database.layout.columns[row.table] else {
        continue
      }
      let columns = row.columns.filter { present.contains($0.name) }
      guard !columns.isEmpty else { continue }
      do throws(FormatError) {
        if row.table == "sqlite_sequence" {
          try raiseSequence(row)
        } else if !isLive || Format.storeTables.contains(where: { $0.name == row.table }) {
          try database.insert(columns, into: row.table, verb: "INSERT OR IGNORE")
        }
      } catch  where !error.concernsAll {
        refused = ((refused?.count ?? 0) + 1, refused?.error ?? error)
      }
    }
    if !records.isEmpty { noteContent() }
    guard let refused else { return }
    var error = refused.error
    error.message = "\(refused.count) rows that belong to no session: \(error.message)"
    throw error
  }

  /// Keeps identifiers from being given twice.
  private func raiseSequence(_ row: TableRow) throws(FormatError) {
    guard let name = row["name"], let value = row["seq"]?.int64 else { return }
    try database.rows(
      "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1", [name, .integer(value)])
    try database.rows(
      """
      INSERT INTO sqlite_sequence (name, seq) SELECT ?1, ?2
      WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)
      """, [name, .integer(value)])
  }
}
