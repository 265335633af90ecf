internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads one session of a file-based format, record by record.
final class RecordReader<Format: FileFormat>: SessionReader {
  let head: SessionHead
  let findings: [Finding]
  private let file: LocatedSession
  private let stream: any RecordStream
  private let longestCarry: Int
  /// The first pass; what came since is left for the next run.
  private let scanned: FileSource<Format>.Scanned
  private var offset: UInt64 = 0
  private var decoder: Format.Decoder
  /// What the last record says and was not handed out yet.
  private var ready: ArraySlice<Entry> = []

  init(
    file: LocatedSession, _ format: Format, _ scanned: FileSource<Format>.Scanned,
    stream: any RecordStream, longestCarry: Int
  ) {
    self.file = file
    self.scanned = scanned
    self.stream = stream
    self.longestCarry = longestCarry
    decoder = scanned.decoder
    var head = decoder.head
    if let writable = format as? any RestorableFileFormat,
      let place = FilePlace.extra(file, of: Format.id, usual: writable.path(of: file.id, head))
    {
      head.extras.append(place)
    }
    self.head = head
    findings = scanned.leftOut.findings + decoder.log.findings
  }

  func next() throws(FormatError) -> Entry? {
    if let entry = ready.popFirst() { return entry }
    while offset < scanned.end, let record = try stream.next() {
      offset += UInt64(record.bytes.count)
      guard offset <= scanned.end else {
        throw FormatError(
          .changed, "the file changed while it was read", at: record.place, advice: "run again")
      }
      if let entry = entry(for: record) { return entry }
    }
    return nil
  }

  /// The first entry for a record, after which the others are ready; nil for none of the session's own.
  private func entry(for record: NativeRecord) -> Entry? {
    if scanned.carry?.holds(record.number) == true { return nil }
    var entries: [Entry]
    switch record.content {
    case .tooLong: return nil
    case .blank: entries = [opaque(record)]
    case .damaged(let message, _): entries = [opaque(record, damage: message)]
    case .object(let object):
      entries = decoder.decode(object, record)
      if entries.isEmpty { entries = [opaque(record, type: object["type"]?.string?.string)] }
    }
    for index in entries.indices {
      // What else the record says follows its first entry, without bytes of its own.
      let bytes = index == 0 ? record.bytes : record.bytes[record.bytes.endIndex...]
      entries[index].origin = Origin(format: Format.id, bytes: bytes)
      entries[index].place = record.place
    }
    ready = entries.dropFirst()
    return entries[0]
  }

  private func opaque(_ record: NativeRecord, type: String? = nil, damage: String? = nil) -> Entry {
    Entry(
      .opaque(OpaqueRecord(format: Format.id, type: type, damage: damage, bytes: record.bytes)),
      isEffective: false)
  }

  func carry() throws(FormatError) -> CarryCursor? {
    guard scanned.carry == nil else { return try scanned.carryCursor(of: file) }
    return try SideCarry.cursor(of: file, longest: longestCarry)
  }
}
