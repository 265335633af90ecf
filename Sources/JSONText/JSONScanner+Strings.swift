extension JSONScanner {
  /// How many words of a string are looked at before what they hold is checked.
  ///
  /// The notes about so many take less than 1 KB, which glibc hands out without taking a lock.
  static let stretch = 96

  /// Scans a string body from behind its opening quote to behind its closing one.
  ///
  /// Session text has an escape or a character beyond ASCII every few words, at places no branch
  /// predictor can guess, and mispredictions would take most of the time. So this loop only looks
  /// for the closing quote, eight bytes at a time, and notes without branching which words hold
  /// backslashes or high bits; those are checked afterwards, one kind after the other.
  ///
  /// The result is the end and the ``StringFlags``, or, negative, the complement of the offset of
  /// the byte that is wrong: plain integers, so that the loop keeps its registers.
  @inline(never)
  static func stringEnd(
    _ text: Span<UInt8>, _ start: Int, _ rows: Span<UInt64>, _ escapes: Span<UInt8>,
    _ notes: inout MutableSpan<UInt32>
  ) -> (end: Int, flags: UInt8) {
    let count = text.count
    var content = StringContent(next: start)
    var index = start
    while true {
      let found = note(text, index, &notes)
      content.checkUTF8(text, notes, found.high, rows)
      content.checkEscapes(text, notes, found.escape, escapes)
      index = found.index
      // Behind the end stand quotes.
      let word = text.word(at: index, fill: UInt8(ascii: "\""))
      let (backslashes, stops) = Self.marks(word, found.carry)
      if stops == 0 {
        if content.failure != 0 { return (content.failure, 0) }
        guard count &- index >= 8 else { return (~count, 0) }
        // The notes are full. Start afresh, behind an escape that is cut in two.
        index &+= Int(truncatingIfNeeded: found.carry &>> 7)
        continue
      }
      let kept = Word.below(stops)
      content.checkUTF8(word & kept, at: index, rows)
      content.checkEscapes(text, backslashes & kept, at: index, escapes)
      if content.failure != 0 { return (content.failure, 0) }
      index &+= Word.place(stops)
      guard index < count else { return (~count, 0) }
      switch text[index] {
      case UInt8(ascii: "\""): return (index &+ 1, content.finalFlags)
      case UInt8(ascii: "\\"): index &+= 1
      case ..<0x20: return (~index, 0)
      default: index &+= 1
      }
    }
  }

  private struct Notes {
    /// The word that holds a stop or is the first one not looked at.
    var index: Int
    /// The ends of the two kinds of notes.
    var escape: Int
    var high: Int
    /// Bit 7 if the first byte of that word belongs to an escape begun in the word before.
    var carry: UInt64
  }

  /// The hot loop: notes words with backslashes and words with high bits until there is a stop.
  @inline(never)
  private static func note(
    _ text: Span<UInt8>, _ start: Int, _ notes: inout MutableSpan<UInt32>
  ) -> Notes {
    var found = Notes(index: start, escape: 0, high: stretch, carry: 0)
    let limit = Swift.min(text.count, start &+ 8 &* stretch) &- 8
    while found.index <= limit {
      let word = text.word(at: found.index)
      let (backslashes, stops) = Self.marks(word, found.carry)
      if stops != 0 { break }
      notes[found.escape] = UInt32(truncatingIfNeeded: found.index)
      notes[found.high] = UInt32(truncatingIfNeeded: found.index)
      found.escape &+= backslashes == 0 ? 0 : 1
      found.high &+= word & Word.highs == 0 ? 0 : 1
      found.carry = backslashes &>> 56
      found.index &+= 8
    }
    return found
  }

  /// The backslashes of a word, and the places where the scan has to stop.
  ///
  /// Those are control characters, quotes that are not escaped, and escaped backslashes, because of
  /// a row of backslashes every second one is escaped. A `#` behind an escaped quote may be reported
  /// too (see ``Word``).
  @inline(__always)
  private static func marks(
    _ word: UInt64, _ carry: UInt64
  ) -> (backslashes: UInt64, stops: UInt64) {
    let ascii = ~word & Word.highs
    let backslashes = ((word ^ Word.all(UInt8(ascii: "\\"))) &- Word.ones) & ascii
    let escaped = backslashes &<< 8 | carry
    let quotes = ((word ^ Word.all(UInt8(ascii: "\""))) &- Word.ones) & ~escaped
    let controls = word &- Word.all(0x20)
    return (backslashes, (quotes | controls) & ascii | backslashes & escaped)
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
