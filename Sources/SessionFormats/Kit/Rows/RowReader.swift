import JSONText
import SessionCoding
import SessionModel

/// Reads one session of a database, record by record.
final class RowReader<Format: RowFormat>: SessionReader {
  var head: SessionHead { decoder.head }
  var findings: [Finding] { rows.leftOut.findings + decoder.log.findings }
  private let rows: SessionRows
  private var decoder: Format.Decoder
  /// Gets what was left out as soon as all is read.
  private let log: LeftOutLog?
  /// The first row of the next record.
  private var ahead: TableRow?
  private var ready: ArraySlice<Entry> = []

  /// Opens a session.
  ///
  /// - Throws: `.notFound` if there is no such session.
  init(_ database: RowDatabase, id: String, log: LeftOutLog? = nil) throws(FormatError) {
    rows = try SessionRows(of: Format.self, database, id: id)
    decoder = try Format.Decoder(rows.session, in: database)
    self.log = log
    ahead = try rows.next()
  }

  /// What was left out so far.
  var leftOut: LeftOutRecords { rows.leftOut }

  func next() throws(FormatError) -> Entry? {
    if let entry = ready.popFirst() { return entry }
    guard let first = ahead else {
      log?[head.id] = leftOut
      return nil
    }
    ahead = nil
    var record = [first]
    while let row = try rows.next() {
      guard decoder.joins(row) else {
        ahead = row
        break
      }
      record.append(row)
    }
    let isSession = first.table == Format.sessions.name
    var entries = isSession ? [Entry(.headChange(head))] : decoder.decode(record)
    if entries.isEmpty {
      entries = [Entry(.opaque(OpaqueRecord(format: Format.id, type: first.table, bytes: [])))]
    }
    var json = JSONWriter(reserving: 1_024)
    for row in record { json.row(row, of: Format.self) }
    let bytes = json.bytes[...]
    for index in entries.indices {
      if case .opaque(var record) = entries[index].content, record.bytes.isEmpty {
        record.bytes = bytes
        entries[index].content = .opaque(record)
      }
      // What else the record says follows its first entry, without bytes of its own.
      entries[index].origin = Origin(
        format: Format.id, bytes: index == 0 ? bytes : bytes[bytes.endIndex...])
      entries[index].place = rows.database.place(of: first)
    }
    ready = entries.dropFirst()
    return entries[0]
  }

  func carry() throws(FormatError) -> CarryCursor? {
    let (database, session) = (rows.database, rows.id)
    guard let header = try database.carryHeader(of: session) else { return nil }
    var chunk: Int64 = 0
    return CarryCursor(header: header) { () throws(FormatError) in
      defer { chunk += 1 }
      return try database.carryChunk(chunk, of: session)
    }
  }
}
