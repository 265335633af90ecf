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
  /// How many bytes of records there were at the first pass; what came since is left for the next run.
  private let end: UInt64
  private var offset: UInt64 = 0
  private var decoder: Format.Decoder
  /// What the last record says and was not handed out yet.
  private var ready: ArraySlice<Entry> = []

  init(
    file: LocatedSession, _ format: Format, _ decoder: Format.Decoder, leftOut: LeftOutRecords,
    end: UInt64, stream: any RecordStream, longestCarry: Int
  ) {
    self.file = file
    self.decoder = decoder
    self.stream = stream
    self.end = end
    self.longestCarry = longestCarry
    var head = decoder.head
    let usual = (format as? any RestorableFileFormat)?.path(of: file.id, head)
    if let place = FilePlace.extra(file, of: Format.id, usual: usual) { head.extras.append(place) }
    self.head = head
    findings = leftOut.findings + decoder.log.findings
  }

  func next() throws(FormatError) -> Entry? {
    if let entry = ready.popFirst() { return entry }
    guard offset < end, let record = try stream.next() else { return nil }
    offset += UInt64(record.bytes.count)
    guard offset <= end else {
      throw FormatError(
        .changed, "the file changed while it was read", at: record.place, advice: "run again")
    }
    var entries: [Entry]
    switch record.content {
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
    try SideCarry.cursor(of: file, longest: longestCarry)
  }
}
