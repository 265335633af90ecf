internal import Archive
internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

extension StagedStore {
  /// Writes the rows of sessions into a new database, and proves that it gives them back.
  mutating func writeRows(_ staged: [StagedSession]) throws(FormatError) {
    guard let writable = format as? any WritableSessionFormat else { return }
    let target = try writable.target(
      at: path, options: WriteOptions(profile: profile, isDurable: false))
    do throws(FormatError) {
      for session in staged {
        do throws(FormatError) {
          try writeRows(of: session, to: target)
          sessions.append(session)
        } catch {
          if error.concernsAll { throw error }
          failures.append((session.note.id, error.description))
        }
      }
      try restoreRecords(to: target)
      try target.publish()
    } catch {
      target.discard()
      throw error
    }
    try compareRows()
  }

  private mutating func writeRows(of session: StagedSession, to target: any SessionTarget)
    throws(FormatError)
  {
    let writer = try target.writer(
      for: SessionHead(id: session.note.id), id: session.note.id)
    var records = Fingerprint()
    do throws(FormatError) {
      try Self.forEachLine(of: session, "records.jsonl") { (line) throws(FormatError) in
        records.update(line)
        _ = try writer.write(
          Entry(
            .opaque(OpaqueRecord(format: tool, bytes: line)),
            origin: Origin(format: tool, bytes: line)))
      }
      try writer.finishEntries()
      var header: CarryHeader?
      var isFirst = true
      try Self.forEachLine(of: session, "carry.jsonl") { (line) throws(FormatError) in
        let bytes = Array(line.last == 0x0A ? line.dropLast() : line)
        if isFirst {
          header = StoredCarryHeader(json: bytes).header
          if header == nil { unreadableCarries.insert(session.note.id) }
          let isMoved = !format.info.holdsRows && header?.target != records
          if isMoved { movedCarries.insert(session.note.id) }
        } else {
          try writer.appendCarry(bytes)
        }
        isFirst = false
      }
      try writer.publish(header: header)
    } catch {
      writer.discard()
      throw error
    }
  }

  private static func forEachLine(
    of session: StagedSession, _ name: String,
    _ body: (ArraySlice<UInt8>) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard let file = session.files[name] else { return }
    var lines = try reading { () throws(FileError) in try LineReader(path: file) }
    while true {
      let line = try reading { () throws(FileError) in try lines.next(keepingLineFeed: true) }
      guard let line else { return }
      try body(line.bytes[...])
    }
  }

  /// Proves that the store gives the rows that the bundle holds.
  private mutating func compareRows() throws(FormatError) {
    guard !sessions.isEmpty else { return }
    let source = try format.open(path, options: .unlimited)
    var proven: [StagedSession] = []
    for session in sessions {
      let problem: String?
      do throws(FormatError) {
        problem = try compareRows(of: session, with: source.reader(for: session.note.id))
      } catch {
        problem = error.description
      }
      if let problem {
        failures.append((session.note.id, problem))
      } else {
        proven.append(session)
      }
    }
    sessions = proven
  }

  /// What differs of a session's rows; nil when nothing does that matters.
  private mutating func compareRows(
    of session: StagedSession, with reader: any SessionReader
  ) throws(FormatError) -> String? {
    var rest: ArraySlice<UInt8> = []
    var isAtEnd = false
    func nextRow() throws(FormatError) -> ArraySlice<UInt8>? {
      while true {
        if let end = rest.firstIndex(of: 0x0A) {
          defer { rest = rest[(end + 1)...] }
          return rest[...end]
        }
        guard !isAtEnd, let entry = try reader.next() else {
          isAtEnd = true
          defer { rest = [] }
          return rest.isEmpty ? nil : rest
        }
        if let origin = entry.origin { rest = rest.isEmpty ? origin.bytes : rest + origin.bytes }
      }
    }
    var problem: String?
    try Self.forEachLine(of: session, "records.jsonl") { (line) throws(FormatError) in
      guard let row = try nextRow() else {
        problem = "rows are missing when it is read back"
        return
      }
      if row.elementsEqual(line) { return }
      if Self.says(row, atLeast: line) {
        changedRows[session.note.id, default: 0] += 1
      } else {
        problem = "a row differs when it is read back"
      }
    }
    if problem == nil, try nextRow() != nil { problem = "there are more rows than were written" }
    return problem
  }

  /// Whether a row has every column of another one, and perhaps more that a later schema added.
  private static func says(_ row: ArraySlice<UInt8>, atLeast other: ArraySlice<UInt8>) -> Bool {
    guard let row = JSONDocument(ifValid: Array(row)),
      let other = JSONDocument(ifValid: Array(other)),
      row.root.kind == .object, other.root.kind == .object
    else { return false }
    return other.root.members.allSatisfy { key, value in
      row.root[name: key.string]?.raw.elementsEqual(value.raw) ?? false
    }
  }
}
