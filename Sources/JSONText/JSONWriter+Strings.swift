extension JSONWriter {
  /// The key of the member whose value comes next.
  ///
  /// It must be ASCII that needs no escape.
  public mutating func key(_ name: StaticString) {
    quote(name, isKey: true)
    needsComma = false
  }

  /// The key of the member whose value comes next.
  @_disfavoredOverload
  public mutating func key(_ name: JSONString) {
    string(name)
    endKey()
  }

  /// A string known at compile time, which must be ASCII that needs no escape.
  public mutating func literal(_ text: StaticString) {
    quote(text, isKey: false)
    needsComma = depth > 0
  }

  /// A string whose bytes `write` appends: ASCII that needs no escape, such as a time or digits.
  public mutating func ascii(_ write: (inout [UInt8]) -> Void) {
    beginValue()
    bytes.append(UInt8(ascii: "\""))
    write(&bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Quotes a text with the comma before it and, behind a key, the colon, all in one piece.
  @inline(__always)
  private mutating func quote(_ text: StaticString, isKey: Bool) {
    let needsComma = needsComma
    text.withUTF8Buffer { text in
      bytes.append(addingCapacity: text.count &+ 4) { output in
        if needsComma { output.append(UInt8(ascii: ",")) }
        output.append(UInt8(ascii: "\""))
        unsafe output.append(copying: text)
        output.append(UInt8(ascii: "\""))
        if isKey { output.append(UInt8(ascii: ":")) }
      }
    }
  }

  /// A string value.
  public mutating func string(_ text: String) {
    beginValue()
    bytes.append(UInt8(ascii: "\""))
    text.withBytes { appendEscaped($0, isValid: true) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// A string that is decoded already and valid UTF-8.
  public mutating func string(decodedUTF8 text: Span<UInt8>) {
    beginValue()
    bytes.append(UInt8(ascii: "\""))
    appendEscaped(text, isValid: true)
    bytes.append(UInt8(ascii: "\""))
  }

  /// A string of any origin; a scanned one that is spelled canonically is copied as it stands.
  ///
  /// Each invalid UTF-8 byte is written as the six characters `\ufffd`, as Go does; a U+FFFD that
  /// stands for a lone surrogate escape is written raw.
  public mutating func string(_ text: JSONString) {
    switch text.storage {
    case .native(let string):
      self.string(string)
    case .slice(let source, let start, let end, let flags)
    where flags.isDisjoint(with: [.nonCanonical, .invalidUTF8]):
      beginValue()
      let range = Int(start)..<Int(end)
      if case .plain = escaping, !flags.contains(.separatorLead) {
        // The quotes are on both sides of the part.
        bytes.append(source.span, (range.lowerBound - 1)..<(range.upperBound + 1))
        return
      }
      bytes.append(UInt8(ascii: "\""))
      appendReplacing(source, range)
      bytes.append(UInt8(ascii: "\""))
    case .slice(let source, let start, let end, let flags)
    where flags.isDisjoint(with: .inexact):
      beginValue()
      bytes.append(UInt8(ascii: "\""))
      appendRespelled(source, Int(start)..<Int(end))
      bytes.append(UInt8(ascii: "\""))
    default:
      var decoded: [UInt8] = []
      text.appendUnrepaired(to: &decoded)
      beginValue()
      bytes.append(UInt8(ascii: "\""))
      appendEscaped(decoded.span, isValid: false)
      bytes.append(UInt8(ascii: "\""))
    }
  }

  /// Appends decoded bytes with every escape Go writes; characters are looked at only if they may be
  /// invalid.
  private mutating func appendEscaped(_ text: Span<UInt8>, isValid: Bool) {
    let isHTML = isHTML
    let highs = isValid ? 0 : Word.highs
    var copied = 0
    var index = 0
    while index < text.count {
      var stops = text.word(at: index, fill: 0x61)
      stops = Self.stops(stops, isHTML) | stops & highs
      // Only the lowest one is sure; the next word begins behind it.
      guard stops != 0 else {
        index &+= 8
        continue
      }
      index &+= Word.place(stops)
      let byte = text[index]
      var length = 1
      if byte >= 0x80 {
        length = text.characterLength(at: index, to: text.count)
        if length > 0, !Self.isSeparator(text, index, text.count) {
          index &+= length
          continue
        }
      }
      if index > copied { bytes.append(text, copied..<index) }
      if let letter = Self.shortEscape(byte) {
        bytes.append(addingCapacity: 2) { output in
          output.append(UInt8(ascii: "\\"))
          output.append(letter)
        }
      } else if byte < 0x80 {
        appendUnicodeEscape(byte)
      } else if length > 0 {
        appendSeparator(text[index + 2])
      } else {
        append("\\ufffd")
        length = 1
      }
      index &+= length
      copied = index
    }
    bytes.append(text, copied..<text.count)
  }

  /// Copies text that is escaped in another way, spelling each escape as Go does.
  ///
  /// The text is valid UTF-8 and has no lone surrogates.
  private mutating func appendRespelled(_ source: [UInt8], _ range: Range<Int>) {
    let text = source.span
    let isHTML = isHTML
    let end = range.upperBound
    var copied = range.lowerBound
    var index = copied
    while true {
      index = text.firstStop(from: index, to: end) { word in
        Word.equal(word, UInt8(ascii: "\\")) | Word.equal(word, 0xE2)
          | (isHTML ? Self.htmlStops(word) : 0)
      }
      if index == end { break }
      let byte = text[index]
      if byte == 0xE2, !Self.isSeparator(text, index, end) {
        index += 1
        continue
      }
      if byte == UInt8(ascii: "\\"), end - index >= 2, text[index + 1] != UInt8(ascii: "u"),
        text[index + 1] != UInt8(ascii: "/")
      {
        index += 2
        continue
      }
      bytes.append(text, copied..<index)
      switch byte {
      case 0xE2:
        index += 3
        appendSeparator(text[index - 1])
      case UInt8(ascii: "\\") where end - index >= 2 && text[index + 1] == UInt8(ascii: "/"):
        index += 2
        bytes.append(UInt8(ascii: "/"))
      case UInt8(ascii: "\\"):
        index += appendRespelledUnicode(text, at: index)
      default:
        index += 1
        appendUnicodeEscape(byte)
      }
      copied = index
    }
    bytes.append(text, copied..<end)
  }

  /// Spells one `\u` escape, or a pair of them, as Go does; returns the bytes it took.
  private mutating func appendRespelledUnicode(_ text: Span<UInt8>, at index: Int) -> Int {
    guard var scalar = text.escapedUnit(at: index) else { return 6 }
    var length = 6
    if scalar & 0xFC00 == 0xD800, let low = text.escapedUnit(at: index + 6) {
      scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
      length = 12
    }
    let byte = UInt8(truncatingIfNeeded: scalar)
    switch scalar {
    case 0x2028, 0x2029: appendSeparator(byte == 0x28 ? 0xA8 : 0xA9)
    case 0x80...: JSONString.append(scalar, to: &bytes)
    case 0x3C, 0x3E, 0x26: if isHTML { appendUnicodeEscape(byte) } else { bytes.append(byte) }
    default:
      if let letter = Self.shortEscape(byte) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(letter)
      } else if byte < 0x20 {
        appendUnicodeEscape(byte)
      } else {
        bytes.append(byte)
      }
    }
    return length
  }

  /// What follows the backslash in an escape of two bytes.
  @inline(__always)
  private static func shortEscape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
    case 0x08: UInt8(ascii: "b")
    case 0x09: UInt8(ascii: "t")
    case 0x0A: UInt8(ascii: "n")
    case 0x0C: UInt8(ascii: "f")
    case 0x0D: UInt8(ascii: "r")
    default: nil
    }
  }

  /// Copies text that is escaped already, replacing only U+2028, U+2029 and, for HTML, `<`, `>`, `&`.
  mutating func appendReplacing(_ source: [UInt8], _ range: Range<Int>) {
    let text = source.span
    let isHTML = isHTML
    var copied = range.lowerBound
    var index = copied
    while range.upperBound &- index >= 64 {
      var stops = text.respelled(at: index, isHTML: isHTML)
      while stops != 0 {
        let place = index &+ stops.trailingZeroBitCount
        stops &= stops &- 1
        let byte = text[place]
        if byte != 0xE2 {
          bytes.append(text, copied..<place)
          appendUnicodeEscape(byte)
          copied = place &+ 1
        } else if Self.isSeparator(text, place, range.upperBound) {
          bytes.append(text, copied..<place)
          appendSeparator(text[place &+ 2])
          copied = place &+ 3
        }
      }
      index &+= 64
    }
    // A separator may have begun in the last block.
    index = Swift.max(index, copied)
    while true {
      index = text.firstStop(from: index, to: range.upperBound) { word in
        Word.equal(word, 0xE2) | (isHTML ? Self.htmlStops(word) : 0)
      }
      if index == range.upperBound { break }
      let byte = text[index]
      if byte == 0xE2, !Self.isSeparator(text, index, range.upperBound) {
        index += 1
        continue
      }
      bytes.append(text, copied..<index)
      if byte == 0xE2 {
        index += 3
        appendSeparator(text[index - 1])
      } else {
        index += 1
        appendUnicodeEscape(byte)
      }
      copied = index
    }
    bytes.append(text, copied..<range.upperBound)
  }

  var isHTML: Bool {
    if case .html = escaping { true } else { false }
  }

  /// What may need an escape in valid UTF-8.
  @inline(__always)
  private static func stops(_ word: UInt64, _ isHTML: Bool) -> UInt64 {
    Word.equal(word, UInt8(ascii: "\"")) | Word.equal(word, UInt8(ascii: "\\"))
      | Word.controls(word) | Word.equal(word, 0xE2) | (isHTML ? htmlStops(word) : 0)
  }

  @inline(__always)
  static func htmlStops(_ word: UInt64) -> UInt64 {
    Word.equal(word, UInt8(ascii: "<")) | Word.equal(word, UInt8(ascii: ">"))
      | Word.equal(word, UInt8(ascii: "&"))
  }

  /// Whether U+2028 or U+2029 stands at `index`.
  static func isSeparator(_ text: Span<UInt8>, _ index: Int, _ end: Int) -> Bool {
    end &- index >= 3 && text[index] == 0xE2 && text[index &+ 1] == 0x80
      && text[index &+ 2] | 1 == 0xA9
  }

  /// The escape of the separator whose last byte is given.
  mutating func appendSeparator(_ last: UInt8) {
    append(last == 0xA8 ? "\\u2028" : "\\u2029")
  }

  mutating func appendUnicodeEscape(_ byte: UInt8) {
    bytes.append(addingCapacity: 6) { output in
      output.append(UInt8(ascii: "\\"))
      output.append(UInt8(ascii: "u"))
      output.append(UInt8(ascii: "0"))
      output.append(UInt8(ascii: "0"))
      output.append(Hex.digit(byte >> 4))
      output.append(Hex.digit(byte & 15))
    }
  }
}
