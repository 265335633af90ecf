/// Writes JSON text as Go's `encoding/json` does: no white space, the same escapes.
///
/// Commas and colons are put where they belong; that begins and ends match, and that members have
/// keys, is the caller's part. Values at the top level follow each other without a comma, so one
/// writer can produce JSON Lines with ``newline()``.
public struct JSONWriter: Sendable {
  /// Which characters are escaped beyond what JSON demands; U+2028 and U+2029 always are.
  public enum Escaping: Sendable {
    /// Go with `SetEscapeHTML(false)`.
    case plain
    /// Go's default: `<`, `>` and `&` become `\u003c`, `\u003e` and `\u0026`.
    case html
  }

  /// What has been written so far.
  public var bytes: [UInt8]

  /// Which characters are escaped.
  public let escaping: Escaping
  var depth = 0
  var needsComma = false

  /// A writer without output; `reserving` is the number of bytes to make room for.
  public init(escaping: Escaping = .plain, reserving: Int = 0) {
    self.escaping = escaping
    bytes = []
    bytes.reserveCapacity(Swift.max(0, reserving))
  }

  /// A writer that writes after some bytes.
  public init(escaping: Escaping = .plain, appendingTo bytes: consuming [UInt8]) {
    self.escaping = escaping
    self.bytes = bytes
  }

  /// Opens an object; members follow.
  public mutating func beginObject() { begin(UInt8(ascii: "{")) }
  /// Closes the innermost object.
  public mutating func endObject() { end(UInt8(ascii: "}")) }
  /// Opens an array; elements follow.
  public mutating func beginArray() { begin(UInt8(ascii: "[")) }
  /// Closes the innermost array.
  public mutating func endArray() { end(UInt8(ascii: "]")) }

  /// `true` or `false`.
  public mutating func bool(_ value: Bool) {
    beginValue()
    append(value ? "true" : "false")
  }

  /// The value `null`.
  public mutating func null() {
    beginValue()
    append("null")
  }

  /// A value that already is JSON, verbatim; one on several lines is written on one, because lines of JSON
  /// Lines end with a line break.
  public mutating func raw(_ value: RawJSON) {
    if value.bytes.contains(UInt8(ascii: "\n")) {
      compact(value.bytes)
    } else {
      raw(value.bytes)
    }
  }

  /// A value that already is JSON, verbatim.
  public mutating func raw(_ value: ArraySlice<UInt8>) {
    beginValue()
    bytes.append(value.span, 0..<value.count)
  }

  /// Members whose text, without a comma around it, is known at compile time.
  public mutating func members(_ text: StaticString) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    append(text)
    needsComma = true
  }

  /// Ends a line of JSON Lines.
  public mutating func newline() { bytes.append(0x0A) }

  /// Empties the output but keeps its memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    depth = 0
    needsComma = false
  }

  private mutating func begin(_ bracket: UInt8) {
    beginValue()
    bytes.append(bracket)
    depth += 1
    needsComma = false
  }

  private mutating func end(_ bracket: UInt8) {
    bytes.append(bracket)
    depth = Swift.max(0, depth - 1)
    needsComma = depth > 0
  }

  /// The comma before a value, if one is due.
  mutating func beginValue() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = depth > 0
  }

  /// The colon after a key; the value that follows takes no comma.
  mutating func endKey() {
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  /// ASCII that needs no escape.
  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
  }
}
