internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads a file that is one JSON object with the session's records in one of its arrays.
///
/// The first record is the object itself, its bytes what stands before the first element; then each
/// element is a record, its bytes what stands up to the next one or to the end of the file.
final class DocumentStream: RecordStream {
  private let path: String
  private let bytes: [UInt8]
  private let root: Result<JSONValue, JSONError>
  private var elements: [JSONValue] = []
  private var position = 0

  /// - Parameters:
  ///   - path: The file that is read, whole.
  ///   - name: The path that places name, where another file is read in its stead.
  ///   - member: The name of the array.
  /// - Throws: `.limit` for a file that is longer than a record may be.
  init(
    path: String, name: String, elements member: String, options: ReadOptions
  ) throws(FormatError) {
    self.path = name
    var isTooLong: UInt64?
    do throws(FileError) {
      let size = try StoreFiles.status(of: path).size
      guard size <= UInt64(max(0, options.maximumRecordLength)) else {
        isTooLong = size
        throw FileError(.fileTooLarge, path: path, operation: "reading the document")
      }
      bytes = try readFile(path, limit: .max)
    } catch {
      if let isTooLong {
        throw .tooLong("the document", Int(clamping: isTooLong), at: .file(path: name))
      }
      throw FormatError(reading: error)
    }
    let limits = JSONLimits(maximumDepth: options.maximumDepth)
    do throws(JSONError) {
      let value = try JSONDocument(bytes, limits: limits).root
      root = .success(value)
      if let array = value[name: member], array.kind == .array {
        elements = Array(array.elements)
      }
    } catch {
      root = .failure(error)
    }
  }

  func next() throws(FormatError) -> NativeRecord? {
    guard position <= elements.count, !(position == 0 && bytes.isEmpty) else { return nil }
    let start = position == 0 ? 0 : elements[position - 1].offset
    let end = position < elements.count ? elements[position].offset : bytes.count
    let content: NativeRecord.Content
    switch root {
    case .failure(let error): content = .damaged("the file is no JSON: \(error)", at: error.offset)
    case .success(let value) where value.kind != .object:
      content = .damaged("the file is no JSON object", at: 0)
    case .success(let value):
      let record = position == 0 ? value : elements[position - 1]
      content =
        record.kind == .object
        ? .object(Self.compact(record)) : .damaged("the element is no JSON object", at: 0)
    }
    position += 1
    return NativeRecord(
      number: position, place: .line(path: path, line: line(of: start), byte: UInt64(start)),
      bytes: bytes[start..<end], content: content)
  }

  /// The same value without white space, so that parts of it can go into a line.
  private static func compact(_ value: JSONValue) -> JSONValue {
    var json = JSONWriter(reserving: value.raw.count)
    json.compact(value.raw)
    return JSONDocument(ifValid: json.bytes, limits: .go)?.root ?? value
  }

  private var counted = (offset: 0, line: 1)

  /// The number of the line at an offset; offsets are asked for in order.
  private func line(of offset: Int) -> Int {
    counted.line += bytes[counted.offset..<offset].count { $0 == UInt8(ascii: "\n") }
    counted.offset = offset
    return counted.line
  }
}
