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

  /// Decodes a line, with or without its line feed.
  static func decode(_ bytes: [UInt8], id: String, maximumDepth: Int) -> GGCodeDecodedLine {
    if GGCodeCarry.isOurs(bytes.span) { return GGCodeDecodedLine(.carryover) }
    var limits = JSONLimits.go
    limits.maximumDepth = maximumDepth
    let document: JSONDocument
    var shift = 0
    do {
      document = try JSONDocument(bytes, limits: limits)
    } catch {
      guard let trimmed = UnicodeWhiteSpace.trimmed(bytes) else {
        return GGCodeDecodedLine(.blank)
      }
      guard trimmed.count < bytes.count else { return GGCodeDecodedLine(damage(bytes, error, 0)) }
      shift = trimmed.startIndex
      do {
        document = try JSONDocument(Array(trimmed), limits: limits)
      } catch {
        return GGCodeDecodedLine(damage(Array(trimmed), error, shift))
      }
    }
    do throws(GGCodeRecord.Damage) {
      var decoded = try decode(document, id: id)
      decoded.invalidUTF8 = document.firstInvalidUTF8.map { $0 + shift }
      return decoded
    } catch {
      return GGCodeDecodedLine(
        .damaged(message: error.message, offset: min(error.offset + shift, bytes.count)))
    }
  }

  private static func decode(_ document: JSONDocument, id: String) throws(GGCodeRecord.Damage)
    -> GGCodeDecodedLine
  {
    if document.root.isNull { return GGCodeDecodedLine(.ignored(type: "")) }
    let record = try GGCodeRecord(document)
    let type = try record.string(.type)?.string ?? ""
    let kind = GGCodeRecord.Kind(rawValue: type)
    try record.checkUnused(by: kind)
    var decoded = GGCodeDecodedLine(.ignored(type: type))
    if let kind, let content = try GGCodeEntry.content(of: record, kind: kind, id: id) {
      decoded.line = .content(kind, content)
    }
    decoded.record = record
    return decoded
  }

  private static func damage(_ bytes: [UInt8], _ error: JSONError, _ shift: Int) -> GGCodeLine {
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
  var line: GGCodeLine
  /// The record, when the line decodes to one.
  var record: GGCodeRecord?
  /// The offset of the first byte that is not UTF-8.
  var invalidUTF8: Int?

  init(_ line: GGCodeLine) { self.line = line }

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
