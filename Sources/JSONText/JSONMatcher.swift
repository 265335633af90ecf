/// Follows a JSON text that is expected to say something known, without scanning it.
///
/// What is expected is told member by member, in the order in which the text is expected to have it,
/// with the calls that ``JSONWriter`` has for writing it. Each call says whether the text goes on with
/// just that, spelled without white space; once one says no, the others mean nothing. A text that was
/// followed to its ``end()`` is valid JSON, has no other members and decodes to what was told.
///
/// False only means that it takes scanning to know more: another order of members will do.
@safe
package struct JSONMatcher: ~Copyable {
  private let bytes: [UInt8]
  private let text: UnsafeBufferPointer<UInt8>
  private var position: Int
  private let maximumDepth: Int
  private var depth = 0
  private var needsComma = false

  private init(
    _ bytes: [UInt8], _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ limits: JSONLimits
  ) {
    self.bytes = bytes
    unsafe self.text = text
    position = start
    maximumDepth = limits.maximumDepth
  }

  /// Whether a part of some bytes says what `body` tells.
  package static func follows(
    _ bytes: [UInt8], in range: Range<Int>, limits: JSONLimits,
    _ body: (inout JSONMatcher) -> Bool
  ) -> Bool {
    guard range.upperBound <= bytes.count, range.upperBound < Int(UInt32.max) else { return false }
    return unsafe bytes.withUnsafeBufferPointer { all in
      var matcher = unsafe JSONMatcher(
        bytes, UnsafeBufferPointer(rebasing: all[..<range.upperBound]), from: range.lowerBound,
        limits)
      return body(&matcher) && matcher.end()
    }
  }

  // MARK: Structure

  package mutating func beginObject() -> Bool { begin(UInt8(ascii: "{")) }
  package mutating func endObject() -> Bool { end(UInt8(ascii: "}")) }
  package mutating func beginArray() -> Bool { begin(UInt8(ascii: "[")) }
  package mutating func endArray() -> Bool { end(UInt8(ascii: "]")) }

  /// The key of the member whose value comes next; ASCII that needs no escape.
  package mutating func key(_ name: StaticString) -> Bool {
    let isNext = beginValue() && quoted(name) && byte(UInt8(ascii: ":"))
    needsComma = false
    return isNext
  }

  /// The key of the member whose value comes next.
  package mutating func key(_ name: String) -> Bool {
    let isNext = string(name) && byte(UInt8(ascii: ":"))
    needsComma = false
    return isNext
  }

  /// Whether the next member has this key; the text is not followed to behind it.
  package func isNext(_ key: StaticString) -> Bool {
    let start = needsComma ? position &+ 2 : position &+ 1
    let count = key.utf8CodeUnitCount
    let text = unsafe text.span
    guard text.count &- start > count, text[start &- 1] == UInt8(ascii: "\""),
      text[start &+ count] == UInt8(ascii: "\"")
    else { return false }
    return key.withBytes { text.equals(from: start, $0, from: 0, count: count) }
  }

  private mutating func begin(_ bracket: UInt8) -> Bool {
    guard beginValue(), byte(bracket), depth < maximumDepth else { return false }
    depth &+= 1
    needsComma = false
    return true
  }

  private mutating func end(_ bracket: UInt8) -> Bool {
    guard byte(bracket) else { return false }
    depth &-= 1
    needsComma = depth > 0
    return true
  }

  /// Behind the text there is only white space.
  private func end() -> Bool {
    let text = unsafe text.span
    var index = position
    while index < text.count {
      switch text[index] {
      case 0x20, 0x0A, 0x0D, 0x09: index &+= 1
      default: return false
      }
    }
    return depth == 0
  }

  // MARK: Values

  /// A string known at compile time; ASCII that needs no escape.
  package mutating func literal(_ string: StaticString) -> Bool { beginValue() && quoted(string) }

  /// A string that decodes to this one, each character of it exactly.
  package mutating func string(_ string: String) -> Bool {
    guard beginValue(), let (range, flags) = nextString() else { return false }
    if flags.isDisjoint(with: .needsDecoding) {
      let stated = unsafe text.span.extracting(range)
      return string.withBytes { expected in
        expected.count == stated.count
          && stated.equals(from: 0, expected, from: 0, count: stated.count)
      }
    }
    return isExactly(JSONString(string), range, flags)
  }

  /// A string that decodes to this one, each character of it exactly.
  package mutating func string(_ string: JSONString) -> Bool {
    switch string.storage {
    case .slice(let source, let start, let end, let flags):
      guard beginValue(), flags.isDisjoint(with: .inexact) else { return false }
      let text = unsafe text.span
      // The same bytes from quote to quote are the same string.
      let count = Int(end &- start) &+ 2
      if text.count &- position >= count,
        text.equals(from: position, source.span, from: Int(start) &- 1, count: count)
      {
        position &+= count
        return true
      }
      guard let (range, flags) = nextString() else { return false }
      return isExactly(string, range, flags)
    case .native(let native): return self.string(native)
    case .invalid: return false
    }
  }

  /// A whole number.
  package mutating func int(_ value: Int64) -> Bool {
    guard beginValue() else { return false }
    let text = unsafe text.span
    var index = position
    let isNegative = value < 0
    if isNegative {
      guard index < text.count, text[index] == UInt8(ascii: "-") else { return false }
      index &+= 1
    }
    let first = index
    var magnitude: UInt64 = 0
    while index < text.count, text[index] &- 0x30 < 10 {
      magnitude = magnitude &* 10 &+ UInt64(text[index] &- 0x30)
      index &+= 1
    }
    let digits = index &- first
    // Nineteen digits cannot overflow.
    guard digits > 0, digits <= 19, digits == 1 || text[first] != UInt8(ascii: "0") else {
      return false
    }
    position = index
    return magnitude == value.magnitude
  }

  /// `true` or `false`.
  package mutating func bool(_ value: Bool) -> Bool {
    beginValue() && ascii(value ? "true" : "false")
  }

  /// A value that is spelled with just these bytes.
  package mutating func raw(_ value: RawJSON) -> Bool {
    guard beginValue() else { return false }
    let expected = value.bytes.span
    let start = position
    guard unsafe text.count &- start >= expected.count,
      unsafe text.span.equals(from: start, expected, from: 0, count: expected.count)
    else { return false }
    position &+= expected.count
    return isValue(start..<position)
  }

  /// Whether the next value is a string without escapes whose bytes are what `body` expects.
  package mutating func string(_ body: (Span<UInt8>) -> Bool) -> Bool {
    guard beginValue(), let (range, flags) = nextString(),
      flags.isDisjoint(with: .needsDecoding)
    else { return false }
    return unsafe body(text.span.extracting(range))
  }

  // MARK: Parts

  /// The comma before a value, if one is due.
  @inline(__always)
  private mutating func beginValue() -> Bool {
    let needsComma = needsComma
    self.needsComma = depth > 0
    return !needsComma || byte(UInt8(ascii: ","))
  }

  @inline(__always)
  private mutating func byte(_ byte: UInt8) -> Bool {
    let text = unsafe text.span
    guard position < text.count, text[position] == byte else { return false }
    position &+= 1
    return true
  }

  @inline(__always)
  private mutating func quoted(_ string: StaticString) -> Bool {
    byte(UInt8(ascii: "\"")) && ascii(string) && byte(UInt8(ascii: "\""))
  }

  @inline(__always)
  private mutating func ascii(_ string: StaticString) -> Bool {
    let (text, start) = unsafe (text.span, position)
    let count = string.utf8CodeUnitCount
    guard text.count &- start >= count else { return false }
    position &+= count
    return string.withBytes { text.equals(from: start, $0, from: 0, count: count) }
  }

  /// What is between the quotes of the string that comes next; nil if none does.
  private mutating func nextString() -> (Range<Int>, StringFlags)? {
    let (text, start) = unsafe (text.span, position)
    guard start < text.count, text[start] == UInt8(ascii: "\"") else { return nil }
    var flags = StringFlags()
    var end = JSONScanner.shortStringEnd(text, start &+ 1)
    if end == 0 {
      let rows = UTF8Automaton.rows
      let escapes = Escape.meanings
      let (found, raw) = JSONScanner.stringEnd(text, start &+ 1, rows.span, escapes.span)
      guard found >= 0 else { return nil }
      flags = StringFlags(rawValue: raw)
      end = found
    }
    position = end
    return ((start &+ 1)..<(end &- 1), flags)
  }

  private func isExactly(
    _ string: JSONString, _ range: Range<Int>, _ flags: StringFlags
  ) -> Bool {
    guard flags.isDisjoint(with: .inexact) else { return false }
    let stated = JSONString(
      storage: .slice(
        bytes, start: UInt32(truncatingIfNeeded: range.lowerBound),
        end: UInt32(truncatingIfNeeded: range.upperBound), flags: flags))
    return stated == string
  }

  /// Whether a part of the text is one whole value, without white space around it.
  private mutating func isValue(_ range: Range<Int>) -> Bool {
    let text = unsafe text.span
    guard let first = range.first else { return false }
    switch text[first] {
    case UInt8(ascii: "\""):
      position = first
      return nextString() != nil && position == range.upperBound
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "-"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "t"), UInt8(ascii: "f"),
      UInt8(ascii: "n"):
      guard text[range.upperBound &- 1] > 0x20 else { return false }
      let limits = JSONLimits(maximumDepth: maximumDepth &- depth)
      // That the text is no value is an answer: it does not match.
      let value = try? JSONScanner.scan(
        text.extracting(0..<range.upperBound), from: first, limits: limits, resuming: nil)
      return value != nil
    default: return false
    }
  }
}
