// Eight bytes at a time. A stop mask has bit 7 of a byte set where the byte was looked for. Bytes
// above the lowest hit may be reported wrongly (the subtraction borrows), the lowest never: so only
// the lowest set bit is ever used, and masks may be combined with `|`.

enum Word {
  static let ones: UInt64 = 0x0101_0101_0101_0101
  static let highs: UInt64 = 0x8080_8080_8080_8080

  /// The byte in all eight places.
  @inline(__always)
  static func all(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

  /// Stop mask for one byte value.
  @inline(__always)
  static func equal(_ word: UInt64, _ byte: UInt8) -> UInt64 {
    let difference = word ^ all(byte)
    return (difference &- ones) & ~difference & highs
  }

  /// Stop mask for bytes below 0x20.
  @inline(__always)
  static func controls(_ word: UInt64) -> UInt64 {
    (word &- all(0x20)) & ~word & highs
  }

  /// Which of the eight bytes the lowest hit is; 8 if there is none.
  @inline(__always)
  static func place(_ stops: UInt64) -> Int {
    stops.trailingZeroBitCount &>> 3
  }

  /// Keeps the lowest `count` bytes.
  @inline(__always)
  static func mask(_ count: Int) -> UInt64 {
    count >= 8 ? ~0 : (1 << UInt64(truncatingIfNeeded: count &* 8)) &- 1
  }
}

extension Span where Element == UInt8 {
  /// Eight bytes, the first one lowest; bounds are checked.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Eight bytes, those after the end replaced by `fill`.
  @inline(__always)
  func word(at offset: Int, fill: UInt8) -> UInt64 {
    if count &- offset >= 8 { return word(at: offset) }
    return lastWord(at: offset, fill: fill)
  }

  @inline(never)
  private func lastWord(at offset: Int, fill: UInt8) -> UInt64 {
    if count >= 8, offset < count {
      let missing = UInt64(truncatingIfNeeded: (offset &+ 8 &- count) &* 8)
      return word(at: count &- 8) &>> missing | Word.all(fill) &<< (64 &- missing)
    }
    var word = Word.all(fill)
    var index = count
    while index > offset {
      index &-= 1
      word = word &<< 8 | UInt64(self[index])
    }
    return word
  }

  /// The first place in `offset ..< end` that `stops` reports, or `end`.
  @inline(__always)
  func firstStop(from offset: Int, to end: Int, _ stops: (UInt64) -> UInt64) -> Int {
    var index = offset
    while index < end {
      let found = stops(word(at: index, fill: 0x61))
      if found != 0 {
        return Swift.min(end, index &+ Word.place(found))
      }
      index &+= 8
    }
    return end
  }

  /// Whether two ranges of equal length hold the same bytes.
  func equals(from offset: Int, _ other: Span<UInt8>, from start: Int, count length: Int) -> Bool {
    extracting(offset..<(offset &+ length))
      .isEqual(to: other.extracting(start..<(start &+ length)))
  }

  /// Feeds a range to a hasher eight bytes at a time.
  func hash(from offset: Int, to end: Int, into hasher: inout Hasher) {
    hasher.combine(end &- offset)
    var index = offset
    while index < end {
      hasher.combine(word(at: index, fill: 0) & Word.mask(end &- index))
      index &+= 8
    }
  }
}

extension String {
  /// Lends the UTF-8 bytes without copying them where the string is contiguous.
  @inline(__always)
  func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    if let result = unsafe utf8.withContiguousStorageIfAvailable({ unsafe body($0.span) }) {
      return result
    }
    var copy = self
    return copy.withUTF8 { unsafe body($0.span) }
  }
}

extension StaticString {
  @inline(__always)
  func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
    withUTF8Buffer { unsafe body($0.span) }
  }
}
