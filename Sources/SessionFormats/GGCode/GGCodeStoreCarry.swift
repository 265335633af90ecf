internal import FileIO
internal import JSONText
internal import SessionCoding

/// Another format's store-wide records, kept in a file that the tool ignores.
enum GGCodeStoreCarry {
  /// Not a session name for any release.
  static let fileName = "carryover-store.json"

  static func bytes(_ records: [[UInt8]], of format: String) -> [UInt8] {
    var writer = JSONWriter(reserving: 4_096)
    writer.beginObject()
    writer.field("version", CarryHeader.version)
    writer.field("from", format)
    writer.key("records")
    writer.beginArray()
    for record in records {
      if let text = String(validating: record, as: UTF8.self) {
        writer.string(text)
      } else {
        writer.beginObject()
        writer.field("b64", Base64.encode(record))
        writer.endObject()
      }
    }
    writer.endArray()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }

  static func read(folder: String) -> (format: String, records: StoreRecords)? {
    guard let bytes = try? readFile(folder + "/" + fileName),
      let document = try? JSONDocument(bytes), let format = document.root["from"]?.string,
      let list = document.root["records"]
    else { return nil }
    var records: [[UInt8]] = []
    for element in list.elements {
      if let text = element.string {
        var record: [UInt8] = []
        text.appendUTF8(to: &record)
        records.append(record)
      } else if let encoded = element["b64"]?.string, let record = Base64.decode(encoded.string) {
        records.append(record)
      }
    }
    return (format.string, StoreRecords(carried: records, of: format.string))
  }
}
