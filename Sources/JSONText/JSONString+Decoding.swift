internal import CByteMasks

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

  /// Lends the first bytes of the decoded text, which may end within a character.
  ///
  /// - Complexity: O(*count*) for a scanned string, without a copy where nothing is escaped.
  public func withUTF8Prefix(_ count: Int, _ body: (Span<UInt8>) -> Void) {
    if case .slice(let bytes, let start, let end, let flags) = storage,
      flags.isDisjoint(with: .needsDecoding)
    {
      let length = Swift.min(Int(end &- start), count)
      body(bytes.span.extracting(Int(start)..<(Int(start) + length)))
    } else {
      body(utf8Prefix(count).span)
    }
  }

  private func utf8Prefix(_ count: Int) -> [UInt8] {
    var decoded: [UInt8] = []
    switch storage {
    case .native(let string): decoded.append(contentsOf: string.utf8.prefix(count))
    case .slice(let bytes, let start, let end, let flags):
      // No byte takes more than the six of an escape; what is cut at the end does not count.
      for enough in [count + count / 4 + 48, 6 * (count + 16)] {
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

  /// Appends decoded text, in words of eight bytes, of which the next word overwrites what is too much.
  ///
  /// No escape is shorter than what it stands for.
  private static func unescape(
    _ bytes: [UInt8], _ range: Range<Int>, to output: inout [UInt8]
  ) {
    let text = bytes.span
    output.append(addingCapacity: range.count &+ 8) { output in
      unsafe output.withUnsafeMutableBufferPointer { buffer, count in
        guard buffer.count &- count >= range.count &+ 8, let target = buffer.baseAddress else {
          return
        }
        unsafe unescape(text, range, to: target, at: &count)
      }
    }
  }

  /// Writes decoded text to a place with room for eight bytes more than the text has.
  private static func unescape(
    _ text: Span<UInt8>, _ range: Range<Int>, to target: UnsafeMutablePointer<UInt8>,
    at length: inout Int
  ) {
    let end = range.upperBound
    var index = range.lowerBound
    // Everything before is in the output.
    var done = index
    var carry: UInt64 = 0
    while index < end {
      let backslashes = text.stringMasks(at: index).backslashes
      var begun = unsafe backslashes & ~escaped_bytes(backslashes, &carry)
      if end &- index < 64 { begun &= 1 << UInt64(end &- index) &- 1 }
      while begun != 0 {
        let stop = index &+ begun.trailingZeroBitCount
        begun &= begun &- 1
        // The second half of a surrogate pair went with the first.
        if stop < done { continue }
        unsafe copy(text, done..<stop, to: target, at: &length)
        guard end &- stop >= 2 else {
          done = end
          break
        }
        done = stop &+ 2
        let byte: UInt8
        switch text[stop &+ 1] {
        case UInt8(ascii: "n"): byte = 0x0A
        case UInt8(ascii: "t"): byte = 0x09
        case UInt8(ascii: "r"): byte = 0x0D
        case UInt8(ascii: "b"): byte = 0x08
        case UInt8(ascii: "f"): byte = 0x0C
        case UInt8(ascii: "u"):
          done = stop &+ 6
          var scalar = text.escapedUnit(at: stop) ?? 0xFFFD
          if scalar & 0xF800 == 0xD800 {
            if scalar < 0xDC00, let low = text.escapedUnit(at: done), low & 0xFC00 == 0xDC00 {
              scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
              done &+= 6
            } else {
              scalar = 0xFFFD
            }
          }
          if scalar >= 0x80 {
            var encoded: [UInt8] = []
            append(scalar, to: &encoded)
            for byte in encoded {
              unsafe target[length] = byte
              length &+= 1
            }
            continue
          }
          byte = UInt8(truncatingIfNeeded: scalar)
        case let other: byte = other
        }
        unsafe target[length] = byte
        length &+= 1
      }
      index &+= 64
    }
    unsafe copy(text, done..<Swift.max(done, end), to: target, at: &length)
  }

  /// Copies eight bytes at a time; up to seven bytes after the copy are overwritten.
  @inline(__always)
  private static func copy(
    _ text: Span<UInt8>, _ range: Range<Int>, to target: UnsafeMutablePointer<UInt8>,
    at length: inout Int
  ) {
    var index = range.lowerBound
    var place = unsafe UnsafeMutableRawPointer(target + length)
    while index < range.upperBound {
      let word = text.word(at: index, fill: 0)
      unsafe place.storeBytes(of: word.littleEndian, as: UInt64.self)
      index &+= 8
      unsafe place += 8
    }
    length &+= range.count
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
