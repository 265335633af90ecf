/// What the blocks of one string hold, gathered while the string is scanned.
struct StringContent {
  private var flags: UInt8 = 0
  private var state = UTF8Automaton.accept
  /// Where the automaton's next byte is expected.
  private var next: Int
  /// The end of the last long escape; a surrogate pair has its second backslash before it.
  private var resume = 0
  /// The complement of the offset of an escape that is wrong, else 0.
  private(set) var failure = 0

  init(next: Int) {
    self.next = next
  }

  var finalFlags: UInt8 {
    state == UTF8Automaton.accept ? flags : flags | StringFlags.invalidUTF8.rawValue
  }

  /// Checks the words of a block that hold the given high bits; `before` has the bits of the bytes
  /// that belong to the string.
  @inline(__always)
  mutating func checkUTF8(
    _ text: Span<UInt8>, _ highs: UInt64, _ before: UInt64, at index: Int, _ rows: Span<UInt64>
  ) {
    var left = highs
    while left != 0 {
      let place = left.trailingZeroBitCount & ~7
      let kept = Word.mask((~(before &>> UInt64(place)) & 0x1FF).trailingZeroBitCount)
      let offset = index &+ place
      let word = text.word(at: offset, fill: 0) & kept
      run(word, at: offset, rows)
      if Word.equal(word, 0xE2) != 0 { checkSeparators(text, at: offset) }
      left &= ~(0xFF &<< UInt64(place))
    }
  }

  @inline(__always)
  private mutating func run(_ word: UInt64, at offset: Int, _ rows: Span<UInt64>) {
    // A word without high bits in between ends an unfinished character.
    let broken = state == UTF8Automaton.accept ? UTF8Automaton.accept : UTF8Automaton.reject
    state = UTF8Automaton.run(word, from: offset == next ? state : broken, rows)
    next = offset &+ 8
    flags |= word & Word.highs == 0 ? 0 : StringFlags.nonASCII.rawValue
  }

  /// Looks for U+2028 and U+2029 among the characters that begin in a word.
  @inline(never)
  private mutating func checkSeparators(_ text: Span<UInt8>, at offset: Int) {
    var place = offset
    let end = Swift.min(offset &+ 8, text.count)
    while place < end {
      if text.isSeparator(at: place) { flags |= StringFlags.separator.rawValue }
      place &+= 1
    }
  }

  /// Notes that there are escapes.
  @inline(__always)
  mutating func noteEscapes() { flags |= StringFlags.escaped.rawValue }

  /// Checks the escapes that begin at the given backslashes of a block.
  @inline(never)
  mutating func checkEscapes(
    _ text: Span<UInt8>, _ backslashes: UInt64, at offset: Int, _ escapes: Span<UInt8>
  ) {
    var left = backslashes
    while left != 0 {
      let place = offset &+ left.trailingZeroBitCount
      left &= left &- 1
      let meaning =
        place &+ 1 < text.count ? escapes[Int(text[place &+ 1])] : Escape.special
      if meaning & Escape.special == 0 {
        flags |= meaning
      } else if place >= resume, failure == 0 {
        let long = JSONScanner.longEscape(text, place)
        flags |= long.flags | StringFlags.escaped.rawValue
        if long.end < 0 { failure = long.end } else { resume = long.end }
      }
    }
  }
}
