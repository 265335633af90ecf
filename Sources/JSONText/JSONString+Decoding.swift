extension JSONString {
  /// The decoded text, by the rules of Go's `encoding/json`.
  ///
  /// Each invalid UTF-8 byte gives one U+FFFD (`E2 82` gives two), each lone surrogate escape one.
  public var string: String {
    switch storage {
    case .native(let string): return string
    case .slice(let bytes, let start, let end, let flags)
    where flags.isDisjoint(with: .needsDecoding):
      return String(decoding: bytes[Int(start)..<Int(end)], as: UTF8.self)
    default:
      var decoded: [UInt8] = []
      appendUTF8(to: &decoded)
      return String(decoding: decoded, as: UTF8.self)
    }
  }

  /// The length of the decoded text in UTF-8 bytes.
  ///
  /// - Complexity: O(1) for a scanned string without escapes, else O(*n*).
  public var utf8Count: Int {
    switch storage {
    case .native(let string): return string.utf8.count
    case .slice(_, let start, let end, let flags)
    where flags.isDisjoint(with: .needsDecoding):
      return Int(end &- start)
    default:
      var decoded: [UInt8] = []
      appendUTF8(to: &decoded)
      return decoded.count
    }
  }

  /// The first bytes of the decoded text, which may end within a character.
  ///
  /// - Complexity: O(*count*) for a scanned string.
  public func utf8Prefix(_ count: Int) -> [UInt8] {
    var decoded: [UInt8] = []
    switch storage {
    case .native(let string): decoded.append(contentsOf: string.utf8.prefix(count))
    case .slice(let bytes, let start, let end, let flags):
      // No byte takes more than the six of an escape; what is cut at the end does not count.
      for enough in [2 * count, 6 * (count + 16)] {
        let length = Swift.min(Int(end &- start), enough)
        let part = JSONString(
          storage: .slice(bytes, start: start, end: start + UInt32(length), flags: flags))
        decoded.removeAll(keepingCapacity: true)
        part.appendUTF8(to: &decoded)
        if length < enough || decoded.count >= count + 36 { break }
      }
    case .invalid: appendUTF8(to: &decoded)
    }
    return decoded.count > count ? Array(decoded[..<count]) : decoded
  }

  /// Appends the decoded text, which is always valid UTF-8; see ``string`` for the rules.
  public func appendUTF8(to output: inout [UInt8]) {
    if case .native(let string) = storage {
      output.append(contentsOf: string.utf8)
      return
    }
    let isValid =
      if case .slice(_, _, _, let flags) = storage { !flags.contains(.invalidUTF8) } else { false }
    if isValid {
      appendUnrepaired(to: &output)
      return
    }
    var decoded: [UInt8] = []
    appendUnrepaired(to: &decoded)
    let span = decoded.span
    var index = 0
    while index < decoded.count {
      let bad = span.firstInvalidUTF8(from: index, to: decoded.count)
      output.append(contentsOf: decoded[index..<bad])
      if bad == decoded.count { return }
      output.append(contentsOf: [0xEF, 0xBF, 0xBD])
      index = bad + 1
    }
  }

  /// Appends the decoded bytes with invalid UTF-8 left as it is; lone surrogates become U+FFFD.
  public func appendUnrepaired(to output: inout [UInt8]) {
    switch storage {
    case .native(let string): output.append(contentsOf: string.utf8)
    case .invalid(let bytes): output.append(contentsOf: bytes)
    case .slice(let bytes, let start, let end, let flags):
      let range = Int(start)..<Int(end)
      if flags.contains(.escaped) {
        Self.unescape(bytes, range, to: &output)
      } else {
        output.append(contentsOf: bytes[range])
      }
    }
  }

  private static func unescape(
    _ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]
  ) {
    let text = bytes.span
    let end = range.upperBound
    output.reserveCapacity(Swift.max(output.count + range.count, output.capacity))
    var index = range.lowerBound
    while true {
      let stop = text.firstStop(from: index, to: end) { Word.equal($0, UInt8(ascii: "\\")) }
      if stop > index { output.append(contentsOf: bytes[index..<stop]) }
      guard end - stop >= 2 else { return }
      index = stop + 2
      switch text[stop + 1] {
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "u"):
        index = stop + 6
        var scalar = text.escapedUnit(at: stop) ?? 0xFFFD
        if scalar & 0xF800 == 0xD800 {
          if scalar < 0xDC00, let low = text.escapedUnit(at: index), low & 0xFC00 == 0xDC00 {
            scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
            index += 6
          } else {
            scalar = 0xFFFD
          }
        }
        append(scalar, to: &output)
      case let other: output.append(other)
      }
    }
  }

  static func append(_ scalar: UInt32, to output: inout [UInt8]) {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: scalar >> shift & 0x3F | 0x80) }
    switch scalar {
    case ..<0x80:
      output.append(UInt8(truncatingIfNeeded: scalar))
    case ..<0x800:
      output.append(UInt8(truncatingIfNeeded: scalar >> 6 | 0xC0))
      output.append(tail(0))
    case ..<0x10000:
      output.append(UInt8(truncatingIfNeeded: scalar >> 12 | 0xE0))
      output.append(tail(6))
      output.append(tail(0))
    default:
      output.append(UInt8(truncatingIfNeeded: scalar >> 18 | 0xF0))
      output.append(tail(12))
      output.append(tail(6))
      output.append(tail(0))
    }
  }
}
