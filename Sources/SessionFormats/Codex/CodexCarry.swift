internal import FileIO
internal import JSONText
internal import SessionCoding

/// Our own records in a rollout, of a line type that the program skips.
///
/// The payload `{"chunk":[…]}` holds carry items; `{"carry":{…}}` is the header and stands last.
enum CodexCarry {
  static func line(_ name: StaticString, _ json: [UInt8], time: String) -> [UInt8] {
    var writer = JSONWriter(reserving: json.count + 128)
    writer.beginObject()
    writer.field("timestamp", time)
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

  /// A cursor over the carry of a file; nil when it has no header.
  static func cursor(path: String, lines: [CodexScan.LinePlace]) throws(FormatError)
    -> CarryCursor?
  {
    guard !lines.isEmpty else { return nil }
    let file: RandomAccessFile
    do throws(FileError) {
      file = try RandomAccessFile(path: path)
    } catch {
      throw FormatError(reading: error)
    }
    func record(_ place: CodexScan.LinePlace) throws(FormatError) -> JSONValue? {
      do throws(FileError) {
        let bytes = try file.read(at: place.offset, count: place.count)
        return (try? JSONDocument(bytes, limits: .go))?.root["payload"]
      } catch {
        throw FormatError(reading: error)
      }
    }
    var found: CarryHeader?
    for place in lines.reversed() where found == nil {
      found = try record(place)?["carry"].flatMap { CarryHeader($0) }
    }
    guard let header = found else { return nil }
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
