internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Our own records in a rollout, of a line type that the program skips.
///
/// The payload `{"chunk":"…"}` holds carry items; `{"carry":{…}}` is the header and stands last.
enum CodexCarry {
  static func line(_ name: StaticString, _ json: [UInt8], time: [UInt8]) -> [UInt8] {
    var writer = JSONWriter(reserving: json.count + 128)
    writer.beginObject()
    writer.key("timestamp")
    writer.ascii { $0 += time }
    writer.field("type", "carryover")
    writer.key("payload")
    writer.beginObject()
    writer.key(name)
    writer.raw(json[...])
    writer.endObject()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  /// Which lines of our type are ours: those of chunks without a gap before the last header, and it;
  /// where the header is gone, the last chunks.
  ///
  /// Others of the type were written by somebody else and are records like any other.
  static func own(
    among lines: [CodexScan.LinePlace], in file: RandomAccessFile, longest: Int
  ) throws(FileError) -> [CodexScan.LinePlace] {
    var end = lines.count
    func isHeader(_ place: CodexScan.LinePlace) throws(FileError) -> Bool {
      guard place.count <= longest else { return false }
      return try header(place, in: file) != nil
    }
    while end > 0, try !isHeader(lines[end - 1]) { end -= 1 }
    if end == 0 {
      end = lines.count
      while end > 0, try !isChunk(lines[end - 1], in: file) { end -= 1 }
    }
    guard end > 0 else { return [] }
    var start = end - 1
    while start > 0, lines[start - 1].line + 1 == lines[start].line,
      try isChunk(lines[start - 1], in: file)
    {
      start -= 1
    }
    return Array(lines[start..<end])
  }

  private static func isChunk(
    _ place: CodexScan.LinePlace, in file: RandomAccessFile
  ) throws(FileError) -> Bool {
    let beginning = Array("\"type\":\"carryover\",\"payload\":{\"chunk\":\"".utf8)
    let bytes = try file.read(at: place.offset, count: min(place.count, 128))
    return bytes.indices.contains { bytes[$0...].starts(with: beginning) }
  }

  private static func header(
    _ place: CodexScan.LinePlace, in file: RandomAccessFile
  ) throws(FileError) -> StoredCarryHeader? {
    // Chunks are long and none of them is a header.
    guard try !isChunk(place, in: file) else { return nil }
    let bytes = try file.read(at: place.offset, count: place.count)
    let payload = (JSONDocument(ifValid: bytes, limits: .go))?.root["payload"]
    return payload?["carry"].map { StoredCarryHeader($0) }
  }

  /// A cursor over the carry of a file, given the lines that are ours; nil without any.
  ///
  /// - Parameters:
  ///   - path: The file to read, not compressed.
  ///   - name: The file as the person knows it.
  ///   - longest: How long a line may be; one that is longer makes the carry unusable.
  static func cursor(
    path: String, named name: String, lines: [CodexScan.LinePlace], longest: Int
  ) throws(FormatError) -> CarryCursor? {
    guard let last = lines.last else { return nil }
    let file: RandomAccessFile
    let found: StoredCarryHeader?
    do throws(FileError) {
      file = try RandomAccessFile(path: path)
      found = try header(last, in: file)
    } catch {
      throw FormatError(reading: error)
    }
    let header = found ?? .unreadable([])
    func record(_ place: CodexScan.LinePlace) throws(FormatError) -> JSONValue? {
      guard place.count <= longest else {
        throw .tooLong(
          "what a conversion stored for the way back", place.count,
          at: .line(path: name, line: place.line, byte: place.offset))
      }
      do throws(FileError) {
        let bytes = try file.read(at: place.offset, count: place.count)
        return (JSONDocument(ifValid: bytes, limits: .go))?.root["payload"]
      } catch {
        throw FormatError(reading: error)
      }
    }
    var remaining = lines[...]
    return CarryCursor(header: header) { () throws(FormatError) -> [UInt8]? in
      while let place = remaining.popFirst() {
        guard let value = try record(place) else { return Array("broken".utf8) }
        if let chunk = value["chunk"] { return Array(chunk.raw) }
      }
      return nil
    }
  }
}
