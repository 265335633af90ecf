internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Another format's store-wide records, kept in a file that the tool ignores.
enum StoreCarry {
  /// Not a session name for any release.
  static let fileName = StoreRecords.carriedFileName

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

  /// Leaves what ``bytes(_:of:)`` gives in a folder.
  static func write(_ bytes: [UInt8], to folder: String, isDurable: Bool) throws(FileError) {
    var output = try AtomicOutput(replacing: folder + "/" + fileName)
    try output.write(bytes)
    try output.commit(durable: isDurable)
  }

  /// What an earlier conversion left in a folder; nil when there is none.
  ///
  /// - Throws: `.notReadable` and `.damaged`: what cannot be read is not the same as absent.
  static func read(
    folder: String
  ) throws(FormatError) -> (format: String, records: StoreRecords)? {
    let file = folder + "/" + fileName
    let damaged = FormatError(
      .damaged, "what an earlier conversion kept of a store cannot be read", at: .file(path: file),
      advice: "convert from that store again, or remove the file")
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try readFile(file)
    } catch {
      // What is no file was told when the store was opened.
      if [.notFound, .notDirectory, .notRegularFile].contains(error.code) { return nil }
      throw FormatError(reading: error)
    }
    guard let document = JSONDocument(ifValid: bytes), let format = document.root["from"]?.string,
      let list = document.root["records"], list.kind == .array
    else { throw damaged }
    var records: [[UInt8]] = []
    for element in list.elements {
      if let text = element.string {
        var record: [UInt8] = []
        text.appendUTF8(to: &record)
        records.append(record)
      } else if let encoded = element["b64"]?.string, let record = Base64.decode(encoded.string) {
        records.append(record)
      } else {
        throw damaged
      }
    }
    return (format.string, StoreRecords(carried: records, of: format.string))
  }
}
