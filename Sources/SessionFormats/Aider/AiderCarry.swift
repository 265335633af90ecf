internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What conversions note in a history: headings `# carryover {…}`, which aider skips.
enum AiderCarry {
  private static let lead = Array("# carryover {\"".utf8)

  static func line(_ name: StaticString, _ json: [UInt8]) -> [UInt8] {
    var writer = JSONWriter(reserving: json.count + 32)
    writer.beginObject()
    writer.field(name, RawJSON(json[...]))
    writer.endObject()
    return Array("# carryover ".utf8) + writer.bytes + [UInt8(ascii: "\n")]
  }

  /// The line that names a chat by something else than its time.
  static func line(identifier id: String) -> [UInt8] {
    var json = JSONWriter()
    json.string(id)
    return line("session", json.bytes)
  }

  static func isCarry(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.starts(with: lead) else { return false }
    let rest = line.dropFirst(lead.count)
    return rest.starts(with: "chunk\":".utf8) || rest.starts(with: "carry\":".utf8)
  }

  static func identifier(_ line: ArraySlice<UInt8>) -> String? {
    guard line.starts(with: lead), line.dropFirst(lead.count).starts(with: "session\":".utf8)
    else { return nil }
    return value(line, "session")?.string?.string
  }

  private static func value(_ line: ArraySlice<UInt8>, _ name: StaticString) -> JSONValue? {
    (JSONDocument(ifValid: Array(line.dropFirst(lead.count - 2)), limits: .go))?.root[name]
  }

  private typealias Place = (offset: UInt64, count: Int)

  private static func places(
    in session: TranscriptSource.Session, options: ReadOptions
  ) throws(FileError) -> [Place] {
    var places: [Place] = []
    for part in session.parts {
      var lines = try LineReader(
        path: session.path, maximumLineLength: options.maximumRecordLength, startingAt: part.start)
      func note(_ line: LongLine) {
        guard line.offset < part.end, isCarry(line.beginning[...]) else { return }
        places.append((line.offset, line.count))
      }
      while try lines.advance(passingOver: note), lines.lineOffset < part.end {
        let count = lines.withLine { line in
          line.count > lead.count && line[0] == lead[0] && line[2] == lead[2] ? line.count : 0
        }
        if count > 0, isCarry(lines.copyLine()[...]) { places.append((lines.lineOffset, count)) }
      }
    }
    return places
  }

  static func cursor(
    _ session: TranscriptSource.Session, options: ReadOptions
  ) throws(FormatError) -> CarryCursor? {
    let places: [Place]
    let file: RandomAccessFile
    do throws(FileError) {
      places = try Self.places(in: session, options: options)
      file = try RandomAccessFile(path: session.path)
    } catch {
      throw FormatError(reading: error)
    }
    guard !places.isEmpty else { return nil }
    return try cursor(places) { (place, name) throws(FormatError) in
      guard place.count <= options.maximumCarryLength else {
        throw .tooLong(
          "what a conversion stored for the way back (at byte \(place.offset))", place.count,
          at: .file(path: session.path))
      }
      do throws(FileError) {
        return value(try file.read(at: place.offset, count: place.count)[...], name)
      } catch {
        throw FormatError(reading: error)
      }
    }
  }

  private static func cursor(
    _ places: [Place],
    _ json: @escaping (Place, StaticString) throws(FormatError) -> JSONValue?
  ) throws(FormatError) -> CarryCursor? {
    let header = try StoredCarryHeader(lastOf: places) { (place) throws(FormatError) in
      try json(place, "carry").map { StoredCarryHeader($0) }
    }
    var remaining = places[...]
    return CarryCursor(header: header) { () throws(FormatError) -> [UInt8]? in
      while let place = remaining.popFirst() {
        if let chunk = try json(place, "chunk") { return Array(chunk.raw) }
      }
      return nil
    }
  }
}

extension CarryingTranscriptParser {
  /// Both ways of reading a history find the same notes.
  func carry(
    of session: TranscriptSource.Session, options: ReadOptions
  ) throws(FormatError) -> CarryCursor? {
    try AiderCarry.cursor(session, options: options)
  }
}
