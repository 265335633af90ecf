internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The records of a session after the first pass.
struct ScannedRecords<Decoder: RecordDecoder>: Sendable {
  var decoder: Decoder
  /// The head that the decoder gives, with what the place of the file says.
  var head: SessionHead
  var leftOut: LeftOutRecords
  /// The fingerprint of the records, the carry excluded.
  var fingerprint: Fingerprint
  /// How many bytes of records there were; what came since is left for the next run.
  var end: UInt64
  /// The carry in lines of the file.
  var carry: LineCarry?
  /// The file to read, where it had to be unpacked.
  var content: UnpackedFile?

  /// - Parameter end: How many bytes of records there were; nil when they are those of the fingerprint.
  init(
    decoder: Decoder, head: SessionHead, leftOut: LeftOutRecords, fingerprint: Fingerprint,
    end: UInt64? = nil, carry: LineCarry? = nil, content: UnpackedFile? = nil
  ) {
    self.decoder = decoder
    self.head = head
    self.leftOut = leftOut
    self.fingerprint = fingerprint
    self.end = end ?? fingerprint.count
    self.carry = carry
    self.content = content
  }

  /// What is wrong with them.
  var findings: [Finding] { leftOut.findings + decoder.log.findings }
}

/// Reads one session of a file-based format, record by record.
final class RecordReader<Decoder: RecordDecoder>: SessionReader {
  let head: SessionHead
  let findings: [Finding]
  private let format: String
  private let stream: any RecordStream
  private let openCarry: () throws(FormatError) -> CarryCursor?
  private let scanned: ScannedRecords<Decoder>
  private var offset: UInt64 = 0
  private var decoder: Decoder
  /// What the last record says and was not handed out yet.
  private var ready: ArraySlice<Entry> = []

  /// - Parameters:
  ///   - format: The identifier of the format.
  ///   - stream: The records from the first one on.
  init(
    _ format: String, _ scanned: ScannedRecords<Decoder>, stream: any RecordStream,
    carry: @escaping () throws(FormatError) -> CarryCursor?
  ) {
    self.format = format
    head = scanned.head
    self.stream = stream
    openCarry = carry
    decoder = scanned.decoder
    self.scanned = scanned
    findings = scanned.findings
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
      entries[index].origin = Origin(format: format, bytes: bytes)
      entries[index].place = record.place
    }
    ready = entries.dropFirst()
    return entries[0]
  }

  private func opaque(_ record: NativeRecord, type: String? = nil, damage: String? = nil) -> Entry {
    Entry(
      .opaque(OpaqueRecord(format: format, type: type, damage: damage, bytes: record.bytes)),
      isEffective: false)
  }

  func carry() throws(FormatError) -> CarryCursor? { try openCarry() }
}
