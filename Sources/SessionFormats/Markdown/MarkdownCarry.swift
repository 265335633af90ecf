internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What conversions note, in the file itself: `<!-- chat:raw {"chunk":"…"} -->` and, last,
/// `<!-- chat:raw {"carry":{…}} -->`.
///
/// It stands in the file and not beside it, so that a transcript that is mailed or moved alone still
/// comes back; as comments, viewers do not show it, and the end marker's hash covers it. JSON that
/// would not survive the spelling of markers is a string there.
enum MarkdownCarry {
  static func line(chunk: [UInt8]) -> [UInt8] { line("chunk", chunk) }

  static func line(header: CarryHeader) -> [UInt8] { line("carry", header.json) }

  private static func line(_ name: StaticString, _ json: [UInt8]) -> [UInt8] {
    var writer = JSONWriter(reserving: json.count + 32)
    writer.beginObject()
    writer.key(name)
    if ChatMarker.survives(json[...]) {
      writer.raw(json[...])
    } else {
      writer.string(JSONString(decodedUTF8: json))
    }
    writer.endObject()
    var out: [UInt8] = []
    ChatMarker.append(.raw, writer.bytes[...], to: &out)
    return out
  }

  static func cursor(
    path: String, lines: [MarkdownScan.LinePlace], options: ReadOptions
  ) throws(FormatError) -> CarryCursor? {
    guard !lines.isEmpty else { return nil }
    let file: RandomAccessFile
    do throws(FileError) {
      file = try RandomAccessFile(path: path)
    } catch {
      throw FormatError(reading: error)
    }
    func json(_ place: MarkdownScan.LinePlace, _ name: StaticString) throws(FormatError) -> [UInt8]?
    {
      guard place.count <= options.maximumCarryLength else {
        throw .tooLong(
          "what a conversion stored for the way back (at byte \(place.offset))", place.count,
          at: .file(path: path))
      }
      do throws(FileError) {
        var line = try file.read(at: place.offset, count: place.count)
        if line.last == 0x0D { line.removeLast() }
        guard
          let value = ChatMarker(line[...], maximumDepth: options.maximumDepth)?.value?[name]
        else { return nil }
        // A header that is spelled as a string.
        guard name.description != "chunk", let text = value.string else { return Array(value.raw) }
        var bytes: [UInt8] = []
        text.appendUnrepaired(to: &bytes)
        return bytes
      } catch {
        throw FormatError(reading: error)
      }
    }
    let header = try StoredCarryHeader(lastOf: lines) { (place) throws(FormatError) in
      try json(place, "carry").map { StoredCarryHeader(json: $0) }
    }
    var remaining = lines[...]
    return CarryCursor(header: header) { () throws(FormatError) -> [UInt8]? in
      while let place = remaining.popFirst() {
        if let chunk = try json(place, "chunk") { return chunk }
      }
      return nil
    }
  }
}
