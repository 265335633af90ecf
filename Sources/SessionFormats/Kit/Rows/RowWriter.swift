import SessionCoding
import SessionModel

/// Writes one session: rows of the format itself by copying them, all else by its encoder.
final class RowWriter<Format: RestorableRowFormat>: SessionWriter {
  private let target: RowTarget<Format>
  private let id: String
  private let rows: NewRows
  private var encoder: Format.Encoder
  private var isOpen = true
  private var chunk: Int64 = 0
  private(set) var trailingEntryCount = 0

  /// Begins the transaction, removing what stands under the identifier.
  init(
    _ target: RowTarget<Format>, head: SessionHead, id: String,
    replacing existing: ExistingSession?
  ) throws(FormatError) {
    self.target = target
    self.id = id
    rows = NewRows(
      of: Format.self, id, target.database, isLive: target.isLive,
      stripsSettings: target.options.stripsSettings)
    var head = head
    head.id = id
    rows.freed = try target.begin(id, replacing: existing)
    do throws(FormatError) {
      encoder = try Format.Encoder(head, target.schema, to: rows)
    } catch {
      target.rollBack()
      throw error
    }
  }

  var files: [String] { SQLiteFile.files(of: target.database.path) }

  var findings: [Finding] {
    encoder.stripped.findings(rule: Format.id + ".grants", path: target.database.path)
  }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == Format.id {
      // What else a record says stands in the bytes of its first entry.
      if origin.bytes.isEmpty { return 0 }
      if let copied = TableRow.rows(of: origin.bytes) {
        return try encoder.copy(copied, of: entry, to: rows)
      }
    }
    let entry = ModelAPI(format: Format.id).accepted(entry)
    return try encoder.write(entry, to: rows)
  }

  func finishEntries() throws(FormatError) { trailingEntryCount = try encoder.finish(to: rows) }

  func readBack() throws(FormatError) -> any SessionReader {
    try RowReader<Format>(target.database, id: id)
  }

  func appendCarry(_ data: [UInt8]) throws(FormatError) {
    try target.database.insertCarry(.blob(CarryChunk.bytes(data) ?? []), chunk: chunk, of: id)
    chunk += 1
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header { try target.database.insertCarry(.text(header.json), chunk: -1, of: id) }
    try target.commit(id, awaiting: rows.awaited)
    isOpen = false
  }

  func discard() {
    if isOpen { target.rollBack() }
    isOpen = false
  }

  deinit { if isOpen { target.rollBack() } }
}
