internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// One record of a tool as it stands in its file: a line, or an element of a document.
struct NativeRecord {
  /// What the bytes are.
  enum Content {
    /// A JSON object.
    case object(JSONValue)
    /// White space only, or what the tool passes over without a word.
    case blank
    /// Something else: what is wrong with it, and at which byte of the record.
    case damaged(String, at: Int)
    /// A line that is left out because it is longer than the limit; the record has no bytes.
    case tooLong(LongLine)
  }

  /// The number of the line or element, from 1.
  var number: Int
  /// Where it stands.
  var place: Place
  /// Its bytes, line ending included; the records in order are the file.
  var bytes: ArraySlice<UInt8>
  /// What the bytes are.
  var content: Content

  /// The place of a byte of the record.
  func place(at offset: Int) -> Place {
    guard case .line(let path, let line, let byte) = place else { return place }
    return .line(path: path, line: line, byte: byte + UInt64(offset))
  }
}

/// A file read record by record.
protocol RecordStream: AnyObject {
  /// The next record; nil at the end, and nil from then on.
  func next() throws(FormatError) -> NativeRecord?
}
