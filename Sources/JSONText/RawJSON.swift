/// A JSON value kept byte for byte, white space and number spelling included.
///
/// The bytes are not checked; they normally are ``JSONValue/raw`` of a scanned text.
public struct RawJSON: Sendable {
  /// The text as UTF-8.
  public var bytes: ArraySlice<UInt8>

  /// Keeps the bytes, which are not checked.
  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
  }

  /// Keeps the text, which is not checked.
  public init(_ string: String) {
    self.bytes = Array(string.utf8)[...]
  }

  /// The text; bytes that are not UTF-8 show as U+FFFD.
  public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Whether a line feed, carriage return or other control character stands in the text.
  public var holdsLineEnd: Bool {
    let text = bytes.span
    return text.firstStop(from: 0, to: text.count) { Word.controls($0) } < text.count
  }

  /// The four bytes `null`.
  public static let null = RawJSON("null")
}

extension RawJSON: Hashable {
  /// Equal bytes; `1.0` and `1` differ.
  public static func == (left: RawJSON, right: RawJSON) -> Bool {
    let (a, b) = (left.bytes.span, right.bytes.span)
    return a.count == b.count && a.equals(from: 0, b, from: 0, count: a.count)
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    let span = bytes.span
    span.hash(from: 0, to: span.count, into: &hasher)
  }
}

extension RawJSON {
  /// The same JSON with `\u003c`, `\u003e` and `\u0026` as the characters `<`, `>` and `&`.
  ///
  /// Go's encoder writes these escapes into JSON that it embeds; this takes them back.
  public var withoutHTMLEscapes: RawJSON {
    let source = bytes
    let text = source.span
    var result: [UInt8] = []
    var copied = 0
    var index = 0
    while true {
      index = text.firstStop(from: index, to: text.count) {
        Word.equal($0, UInt8(ascii: "\\"))
      }
      guard index + 1 < text.count else { break }
      guard text[index + 1] == UInt8(ascii: "u"), let unit = text.escapedUnit(at: index),
        unit == 0x3C || unit == 0x3E || unit == 0x26,
        text[index + 4] == UInt8(ascii: "3") || text[index + 4] == UInt8(ascii: "2"),
        text[index + 5] != UInt8(ascii: "C"), text[index + 5] != UInt8(ascii: "E")
      else {
        index += 2
        continue
      }
      let start = source.startIndex
      result.append(contentsOf: source[(start + copied)..<(start + index)])
      result.append(UInt8(truncatingIfNeeded: unit))
      index += 6
      copied = index
    }
    guard copied > 0 else { return self }
    result.append(contentsOf: source[(source.startIndex + copied)...])
    return RawJSON(result[...])
  }
}
