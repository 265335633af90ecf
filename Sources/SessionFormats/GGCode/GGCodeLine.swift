internal import JSONText
internal import SessionModel

/// A line of a session file, told apart and decoded.
enum GGCodeLine {
  /// White space only; skipped by every reader.
  case blank
  /// A record of ours.
  case carryover
  /// A record with content.
  case content(GGCodeRecord.Kind, Entry.Content)
  /// A record that the tool ignores: an unknown type or a known one without its payload.
  case ignored(type: String)
  /// A line that the tool drops, with the reason and the offset in the line.
  case damaged(message: String, offset: Int)

  static func damage(_ bytes: [UInt8], _ error: JSONError, _ shift: Int) -> GGCodeLine {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      return .damaged(message: "a byte order mark stands before the record", offset: shift)
    }
    if error.code == .trailingData {
      return .damaged(
        message: "more follows the record on the same line", offset: error.offset + shift)
    }
    return .damaged(
      message: "the line is not a whole JSON record (\(error.description))",
      offset: error.offset + shift)
  }
}

/// What decoding a line gave.
struct GGCodeDecodedLine {
  /// What the line holds.
  let line: GGCodeLine
  /// The record, when the line decodes to one.
  let record: GGCodeRecord?
  /// The offset of the first byte that is not UTF-8.
  var invalidUTF8: Int?

  init(_ line: GGCodeLine, _ record: GGCodeRecord? = nil) {
    self.line = line
    self.record = record
  }

  /// Whether a known field stands twice.
  var hasRepeats: Bool { record?.object.hasRepeats ?? false }
  /// Whether a release of v1.3.150 or later wrote the record.
  var isCurrent: Bool { record?.isCurrent ?? false }
}

/// White space that the tool's reader trims from lines (Go's `unicode.IsSpace`).
package enum UnicodeWhiteSpace {
  /// The bytes without white space at both ends; nil when nothing is left.
  package static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
    var start = 0
    var end = bytes.count
    while start < end, let length = leading(bytes[start..<end]) { start += length }
    while end > start, let length = trailing(bytes[start..<end]) { end -= length }
    return start < end ? bytes[start..<end] : nil
  }

  private static let wide: [[UInt8]] =
    [0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000].map(utf8)
    + (0x2000...0x200A).map(utf8)

  private static func utf8(_ scalar: UInt32) -> [UInt8] {
    Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
  }

  private static func isASCII(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func leading(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = bytes.first else { return nil }
    if isASCII(first) { return 1 }
    return wide.first { bytes.starts(with: $0) }?.count
  }

  private static func trailing(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let last = bytes.last else { return nil }
    if isASCII(last) { return 1 }
    return wide.first { bytes.suffix($0.count).elementsEqual($0) }?.count
  }
}
