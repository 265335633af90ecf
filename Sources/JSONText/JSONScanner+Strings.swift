internal import CByteMasks

extension JSONScanner {
  /// Scans a string body from after its opening quote to after its closing one.
  ///
  /// Session text has an escape every few words, at places no branch predictor can guess. So 64 bytes
  /// at a time are turned into masks of what matters, and the closing quote, escaped quotes and the
  /// usual escapes are all settled by arithmetic on those. Only blocks with characters beyond ASCII or
  /// other escapes are looked at here.
  ///
  /// The result is the end and the ``StringFlags``, or, negative, the complement of the offset of
  /// the byte that is wrong: plain integers, so that the loop keeps its registers.
  @inline(never)
  static func stringEnd(
    _ text: Span<UInt8>, _ start: Int, _ rows: Span<UInt64>, _ escapes: Span<UInt8>
  ) -> (end: Int, flags: UInt8) {
    let count = text.count
    var content = StringContent(next: start)
    var index = start
    // Bit 0 if the first byte of the block belongs to an escape begun in the block before.
    var carry: UInt64 = 0
    while index < count {
      let plain = text.plainString(from: index, carry)
      if plain.has_escapes { content.noteEscapes() }
      if plain.end > 0 { return (plain.end, content.finalFlags) }
      index = plain.block
      carry = plain.carry
      guard index < count else { break }
      let masks = text.stringMasks(at: index)
      let escaped = unsafe escaped_bytes(masks.backslashes, &carry)
      let stops = masks.quotes & ~escaped | masks.controls
      // All bits if there is no stop.
      let before = (stops & (0 &- stops)) &- 1
      content.checkUTF8(text, masks.highs & before, before, at: index, rows)
      let begun = masks.backslashes & ~escaped & before
      if begun != 0 {
        let letters = text.escapeLetters(at: index)
        let known = begun & ((masks.quotes | masks.backslashes | letters) &>> 1)
        content.noteEscapes()
        if known != begun { content.checkEscapes(text, begun & ~known, at: index, escapes) }
        if content.failure != 0 { return (content.failure, 0) }
      }
      if stops != 0 {
        index &+= stops.trailingZeroBitCount
        guard index < count else { break }
        if text[index] == UInt8(ascii: "\"") { return (index &+ 1, content.finalFlags) }
        return (~index, 0)
      }
      index &+= 64
    }
    return (~count, 0)
  }

  /// Where a string of plain ASCII ends whose closing quote is among the first 16 bytes; 0 for any
  /// other string.
  @inline(__always)
  static func shortStringEnd(_ text: Span<UInt8>, _ start: Int) -> Int {
    guard text.count &- start >= 16 else { return 0 }
    let masks = text.shortStringMasks(at: start)
    let others = masks.controls | masks.backslashes | masks.highs
    let first = masks.quotes & (0 &- masks.quotes)
    guard first != 0, others & (first &- 1) == 0 else { return 0 }
    return start &+ first.trailingZeroBitCount &+ 1
  }

  /// The mistake at an offset that ``stringEnd(_:_:_:_:_:)`` reported.
  static func stringError(_ text: Span<UInt8>, at offset: Int) -> JSONError {
    guard offset < text.count else { return JSONError(.unterminatedString, at: offset) }
    let isEscape = text[offset] == UInt8(ascii: "\\")
    return JSONError(isEscape ? .invalidEscape : .controlCharacter, at: offset)
  }

  /// An escape of six or twelve bytes, with the same kind of result.
  @inline(never)
  static func longEscape(_ text: Span<UInt8>, _ start: Int) -> (end: Int, flags: UInt8) {
    guard start &+ 1 < text.count else { return (~text.count, 0) }
    guard text[start &+ 1] == UInt8(ascii: "u") else { return (~start, 0) }
    guard let unit = text.escapedUnit(at: start) else {
      // Cut short, unless one of the digits there already is wrong.
      var place = start &+ 2
      while place < text.count, Hex.value(text[place]) != nil { place &+= 1 }
      return place == text.count ? (~place, 0) : (~start, 0)
    }
    var flags = isCanonical(unit, text, start) ? 0 : StringFlags.nonCanonical.rawValue
    var end = start &+ 6
    if unit & 0xF800 == 0xD800 {
      if unit < 0xDC00, let low = text.escapedUnit(at: end), low & 0xFC00 == 0xDC00 {
        end &+= 6
      } else {
        flags |= StringFlags.loneSurrogate.rawValue
      }
    }
    return (end, flags)
  }

  /// Whether Go's encoder with HTML escaping off writes this character as just this escape.
  private static func isCanonical(_ unit: UInt32, _ text: Span<UInt8>, _ index: Int) -> Bool {
    switch unit {
    case 0x08, 0x09, 0x0A, 0x0C, 0x0D: return false
    case 0x00...0x1F, 0x2028, 0x2029:
      var place = index &+ 2
      while place < index &+ 6 {
        if text[place] &- UInt8(ascii: "A") < 6 { return false }
        place &+= 1
      }
      return true
    default: return false
    }
  }
}
