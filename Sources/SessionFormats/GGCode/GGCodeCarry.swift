internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Our own records in a session file.
///
/// `{"type":"carryover","session_id":…,"chunk":"…"}` holds a part of the carry; a chunk too long for one
/// line is cut into `"part"` strings that the last one, `"last_part"`, completes.
/// `{"type":"carryover",…,"carry":{…}}` is the header and stands last.
enum GGCodeCarry {
  /// Where one of our lines stands, and its length without the line feed.
  struct Line {
    var place: Place
    var count: Int

    fileprivate var offset: UInt64 { if case .line(_, _, let byte) = place { byte } else { 0 } }
  }

  /// Well below the line length at which classic releases fail to load a session.
  private static let longestPart = 2 << 20

  private static let marker = Array("{\"type\":\"carryover\"".utf8)

  /// Whether a line is one of ours, by its first bytes: so it stays ours even when it is cut short.
  static func isOurs(_ line: ArraySlice<UInt8>) -> Bool { line.starts(with: marker) }

  static func lines(chunk: [UInt8], sessionID: String) -> [[UInt8]] {
    guard chunk.count > longestPart else {
      return [line(sessionID) { $0.field("chunk", RawJSON(chunk[...])) }]
    }
    var lines: [[UInt8]] = []
    var start = 0
    while start < chunk.count {
      var end = min(start + longestPart, chunk.count)
      // Not inside a UTF-8 character.
      while end < chunk.count, chunk[end] & 0xC0 == 0x80 { end -= 1 }
      let text = JSONString(decodedUTF8: Array(chunk[start..<end]))
      let name: StaticString = end == chunk.count ? "last_part" : "part"
      lines.append(line(sessionID) { $0.field(name, text) })
      start = end
    }
    return lines
  }

  static func headerLine(_ header: CarryHeader, sessionID: String) -> [UInt8] {
    line(sessionID) { $0.field("carry", RawJSON(header.json[...])) }
  }

  private static func line(_ sessionID: String, _ payload: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.beginObject()
    writer.field("type", "carryover")
    writer.omitEmpty("session_id", sessionID)
    payload(&writer)
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// A cursor over the carry of a file; nil without any.
  ///
  /// - Parameter longest: How long a line may be; one that is longer makes the carry unusable.
  static func cursor(
    path: String, _ lines: [Line], longest: Int
  ) throws(FormatError) -> CarryCursor? {
    guard !lines.isEmpty else { return nil }
    let file: RandomAccessFile
    do throws(FileError) {
      file = try RandomAccessFile(path: path)
    } catch {
      throw FormatError(reading: error)
    }
    func record(_ line: Line) throws(FormatError) -> JSONValue? {
      guard line.count <= longest else {
        throw .tooLong("what a conversion stored for the way back", line.count, at: line.place)
      }
      do throws(FileError) {
        let bytes = try file.read(at: line.offset, count: line.count)
        return JSONDocument(ifValid: bytes, limits: .go)?.root
      } catch {
        throw FormatError(reading: error)
      }
    }
    let header = try StoredCarryHeader(lastOf: lines) { (line) throws(FormatError) in
      try record(line)?["carry"].map { StoredCarryHeader($0) }
    }
    var remaining = lines[...]
    return CarryCursor(header: header) { () throws(FormatError) -> [UInt8]? in
      var parts: [UInt8] = []
      while let line = remaining.popFirst() {
        guard let value = try record(line) else { return Array("broken".utf8) }
        if let chunk = value["chunk"] { return Array(chunk.raw) }
        if let part = value["part"]?.string {
          part.appendUTF8(to: &parts)
        } else if let part = value["last_part"]?.string {
          part.appendUTF8(to: &parts)
          return parts
        }
      }
      return nil
    }
  }
}
