internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Judges what stands at the target under the name of a session that is to be written there.
struct ReplacementCheck {
  let source: any SessionSource
  let sourceID: String
  let targetID: String
  let options: ConversionOptions
  let interruption: Interruption

  /// Whether a header was written for a session of the source.
  func isOurs(_ header: CarryHeader, _ id: String) -> Bool {
    header.format == sourceID && header.id == id
  }

  /// Whether what an earlier conversion wrote, and perhaps more, still gives the original back.
  func holdsOriginal(
    _ existing: ExistingSession, _ header: CarryHeader
  ) throws(FormatError) -> Bool {
    guard header.hasItems else { return false }
    let reader = try CarryReturnReader(foreign: try existing.reader(), header: header) {
      () throws(FormatError) in try existing.reader().carry()
    }
    while try reader.next() != nil { try interruption.check() }
    return reader.endsWithAdded && reader.restored == header.restores
  }

  /// Whether what exists is this session, now or earlier, so that it needs no other name.
  func continues(
    _ existing: ExistingSession, _ fingerprint: Fingerprint, _ header: CarryHeader?, id: String
  ) throws(FormatError) -> Bool {
    if try mayReplace(existing, header, id: id) { return true }
    guard sourceID == targetID else { return false }
    let present = try existing.fingerprint()
    if present == fingerprint || present.count == 0 { return true }
    return try beginsWith(present, id: id)
  }

  /// Whether nothing of what exists is lost when what was staged takes its place.
  func losesNothing(
    _ existing: ExistingSession, _ staged: StagedSession, _ written: WrittenRecords
  ) throws(FormatError) -> Bool {
    let present = try existing.fingerprint()
    // What an earlier conversion wrote and is less now was cut there.
    let isCut = existing.header.map { isOurs($0, staged.id) } ?? false
    if !isCut, written.beginsWith(present) { return true }
    if try staged.writer.continuesExisting() { return true }
    let header = staged.wayBack?.header ?? staged.carry?.header
    if try mayReplace(existing, header, id: staged.id) { return true }
    return try isHeld(existing, by: staged.writer, id: staged.id)
  }

  /// Whether what exists is an earlier state of the same session, so that replacing it loses nothing.
  ///
  /// What is left out now may have been read then.
  private func mayReplace(
    _ existing: ExistingSession?, _ header: CarryHeader?, id: String
  ) throws(FormatError) -> Bool {
    guard let existing else { return true }
    if options.onConflict == .replace { return true }
    let present = try existing.fingerprint()
    let isWhole = try source.leftOut(of: id).isEmpty
    if let known = existing.header, isOurs(known, id), known.target == present {
      if isWhole { return true }
      return try beginsWith(known.source, id: id)
    }
    return isWhole && header.map { $0.format == targetID && $0.source == present } ?? false
  }

  /// Whether all that what exists says is in what was written, so that replacing it loses nothing: it grew
  /// in other tools since.
  ///
  /// Heads are compared by what people gave the session; the rest follows every change, or is each tool's
  /// own.
  private func isHeld(
    _ existing: ExistingSession, by writer: any SessionWriter, id: String
  ) throws(FormatError) -> Bool {
    // What is left out now may stand in what exists as an original without a record of its own.
    guard try source.leftOut(of: id).isEmpty else { return false }
    if let known = existing.header, isOurs(known, id), try !holdsOriginal(existing, known) {
      return false
    }
    var present = HeadFollowingReader(try existing.reader())
    var written = HeadFollowingReader(try writer.readBack())
    while let record = try present.nextRecord() {
      try interruption.check()
      var other = try written.nextRecord()
      while other != nil, other != record { other = try written.nextRecord() }
      if other == nil { return false }
    }
    while try written.nextRecord() != nil {}
    return HeadFields.keepsGiven(from: present.head, in: written.head)
  }

  /// Whether an earlier state is a beginning of the session as it is read now.
  private func beginsWith(_ earlier: Fingerprint, id: String) throws(FormatError) -> Bool {
    var beginning = Fingerprint()
    let reader = try source.reader(for: id)
    while beginning.count < earlier.count, let entry = try reader.next() {
      if let origin = entry.origin { beginning.update(origin.bytes) }
    }
    return beginning == earlier
  }
}

/// The records of a session apart from those that state its head, and the head as the last of these has it.
private struct HeadFollowingReader {
  private let reader: any SessionReader
  private(set) var head: SessionHead

  init(_ reader: any SessionReader) {
    self.reader = reader
    head = reader.head
  }

  /// The next record that states more than a head; nil at the end.
  mutating func nextRecord() throws(FormatError) -> ArraySlice<UInt8>? {
    while let entry = try reader.next() {
      if case .headChange(let changed) = entry.content {
        head = changed
      } else if let bytes = entry.origin?.bytes, !bytes.isEmpty {
        return bytes
      }
    }
    return nil
  }
}
