internal import CByteMasks

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

  /// Quotes a text with the comma before it and, after a key, the colon, all in one piece.
  @inline(__always)
  private mutating func quote(_ text: StaticString, isKey: Bool) {
    let needsComma = needsComma
    text.withUTF8Buffer { text in
      bytes.append(addingCapacity: text.count &+ 4) { output in
        unsafe output.append(
          text, before: needsComma ? UInt8(ascii: ",") : nil,
          after: isKey ? UInt8(ascii: ":") : nil)
      }
    }
  }

  /// A string value.
  public mutating func string(_ text: String) {
    text.withBytes { string(decodedUTF8: $0) }
  }

  /// A string that is decoded already and valid UTF-8.
  public mutating func string(decodedUTF8 text: Span<UInt8>) {
    if text.count <= 64, isPlain(text) {
      quote(text)
      return
    }
    beginValue()
    bytes.append(UInt8(ascii: "\""))
    appendEscaped(text, isValid: true)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Whether a text is ASCII that needs no escape.
  private func isPlain(_ text: Span<UInt8>) -> Bool {
    let isHTML = isHTML
    var index = 0
    while index < text.count {
      let word = text.word(at: index, fill: 0x61)
      var stops = Word.equal(word, UInt8(ascii: "\"")) | Word.equal(word, UInt8(ascii: "\\"))
      stops |= Word.controls(word) | word & Word.highs
      if isHTML {
        stops |= Word.equal(word, UInt8(ascii: "<")) | Word.equal(word, UInt8(ascii: ">"))
        stops |= Word.equal(word, UInt8(ascii: "&"))
      }
      if stops != 0 { return false }
      index &+= 8
    }
    return true
  }

  /// Quotes a text that needs no escape with the comma before it, all in one piece.
  private mutating func quote(_ text: Span<UInt8>) {
    let needsComma = needsComma
    unsafe text.withUnsafeBufferPointer { text in
      bytes.append(addingCapacity: text.count &+ 4) { output in
        unsafe output.append(
          text, before: needsComma ? UInt8(ascii: ",") : nil, after: nil)
      }
    }
    self.needsComma = depth > 0
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
      if case .plain = escaping, !flags.contains(.separator) {
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
    let count = text.count
    var copied = 0
    var index = 0
    while index < count {
      let masks = text.stringMasks(at: index)
      var stops = masks.quotes | masks.backslashes | masks.controls
      if !isValid { stops |= masks.highs }
      if isHTML || masks.highs != 0 { stops |= text.respelled(at: index, isHTML: isHTML) }
      if count &- index < 64 { stops &= 1 << UInt64(count &- index) &- 1 }
      while stops != 0 {
        let place = index &+ stops.trailingZeroBitCount
        stops &= stops &- 1
        // The other bytes of a character went with the first.
        if place >= copied { escape(text, at: place, from: &copied) }
      }
      index &+= 64
    }
    bytes.append(text, copied..<count)
  }

  /// Appends what stands at a place as Go spells it, after all that was not copied before it.
  @inline(__always)
  private mutating func escape(_ text: Span<UInt8>, at place: Int, from copied: inout Int) {
    let byte = text[place]
    if let letter = Self.shortEscape(byte) {
      unsafe text.extracting(copied..<place).withUnsafeBufferPointer { before in
        bytes.append(addingCapacity: before.count &+ 2) { output in
          unsafe output.append(copying: before)
          output.append(UInt8(ascii: "\\"))
          output.append(letter)
        }
      }
      copied = place &+ 1
    } else {
      escapeLong(text, at: place, from: &copied)
    }
  }

  private mutating func escapeLong(
    _ text: Span<UInt8>, at place: Int, from copied: inout Int
  ) {
    let byte = text[place]
    if byte < 0x80 {
      bytes.append(text, copied..<place)
      appendUnicodeEscape(byte)
      copied = place &+ 1
      return
    }
    let length = text.characterLength(at: place, to: text.count)
    if length == 0 {
      bytes.append(text, copied..<place)
      append("\\ufffd")
      copied = place &+ 1
    } else if text.isSeparator(at: place) {
      bytes.append(text, copied..<place)
      appendSeparator(text[place &+ 2])
      copied = place &+ 3
    } else {
      bytes.append(text, copied..<(place &+ length))
      copied = place &+ length
    }
  }

  /// Copies text that is escaped in another way, spelling each escape as Go does.
  ///
  /// The text is valid UTF-8 and has no lone surrogates.
  private mutating func appendRespelled(_ source: [UInt8], _ range: Range<Int>) {
    let text = source.span
    let end = range.upperBound
    var copied = range.lowerBound
    var index = copied
    var carry: UInt64 = 0
    while index < end {
      var stops = text.spellingStops(at: index, &carry, isHTML: isHTML)
      if end &- index < 64 { stops &= 1 << UInt64(end &- index) &- 1 }
      while stops != 0 {
        let place = index &+ stops.trailingZeroBitCount
        stops &= stops &- 1
        // The second half of a surrogate pair went with the first.
        if place >= copied { respell(text, at: place, to: end, from: &copied) }
      }
      index &+= 64
    }
    bytes.append(text, copied..<Swift.max(copied, end))
  }

  /// Spells what stands at a place as Go does, after all that was not copied before it.
  private mutating func respell(
    _ text: Span<UInt8>, at place: Int, to end: Int, from copied: inout Int
  ) {
    let byte = text[place]
    if byte == UInt8(ascii: "\\") {
      guard end &- place >= 2 else { return }
      if text[place &+ 1] == UInt8(ascii: "u") {
        if !isHTML, let byte = text.htmlEscape(at: place) {
          append(text, copied..<place, and: byte)
          copied = place &+ 6
          return
        }
        bytes.append(text, copied..<place)
        copied = place &+ appendRespelledUnicode(text, at: place)
      } else if text[place &+ 1] == UInt8(ascii: "/") {
        bytes.append(text, copied..<place)
        bytes.append(UInt8(ascii: "/"))
        copied = place &+ 2
      }
    } else if byte != 0xE2 {
      bytes.append(text, copied..<place)
      appendUnicodeEscape(byte)
      copied = place &+ 1
    } else if text.isSeparator(at: place, before: end) {
      bytes.append(text, copied..<place)
      appendSeparator(text[place &+ 2])
      copied = place &+ 3
    }
  }

  /// Appends a part of a text and a byte after it, all in one piece.
  private mutating func append(_ text: Span<UInt8>, _ range: Range<Int>, and byte: UInt8) {
    unsafe text.extracting(range).withUnsafeBufferPointer { part in
      bytes.append(addingCapacity: part.count &+ 1) { output in
        unsafe output.append(copying: part)
        output.append(byte)
      }
    }
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
    let end = range.upperBound
    var copied = range.lowerBound
    var index = copied
    while index < end {
      var stops = text.respelled(at: index, isHTML: isHTML)
      if end &- index < 64 { stops &= 1 << UInt64(end &- index) &- 1 }
      while stops != 0 {
        respell(text, at: index &+ stops.trailingZeroBitCount, to: end, from: &copied)
        stops &= stops &- 1
      }
      index &+= 64
    }
    bytes.append(text, copied..<end)
  }

  var isHTML: Bool {
    if case .html = escaping { true } else { false }
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

extension Span<UInt8> {
  /// The character that the escape at a place stands for, if it is one of those that Go's encoder
  /// escapes for HTML: `\u003c`, `\u003e` or `\u0026`.
  fileprivate func htmlEscape(at place: Int) -> UInt8? {
    guard count &- place >= 8 else { return nil }
    switch word(at: place) & 0xFFFF_FFFF_FFFF {
    case 0x6333_3030_755C: return UInt8(ascii: "<")
    case 0x6533_3030_755C: return UInt8(ascii: ">")
    case 0x3632_3030_755C: return UInt8(ascii: "&")
    default: return nil
    }
  }
}
