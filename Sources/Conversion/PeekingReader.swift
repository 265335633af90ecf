internal import SessionCoding
internal import SessionModel

/// Reads entries with a look at the next one.
struct PeekingReader {
  private let reader: any SessionReader
  private var ahead: Entry?

  init(_ reader: any SessionReader) { self.reader = reader }

  /// The next entry; nil at the end.
  mutating func next() throws(FormatError) -> Entry? {
    if let ahead = ahead.take() { return ahead }
    return try reader.next()
  }

  /// The next entry if it belongs to the record of the one before, which has the bytes of both.
  mutating func nextPart() throws(FormatError) -> Entry? {
    if ahead == nil { ahead = try reader.next() }
    guard let origin = ahead?.origin, origin.bytes.isEmpty else { return nil }
    return ahead.take()
  }
}
