internal import CByteMasks

extension Span where Element == UInt8 {
  /// Whether both hold the same bytes.
  public func isEqual(to other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return unsafe withUnsafeBufferPointer { bytes in
      unsafe other.withUnsafeBufferPointer { others in
        guard let first = bytes.baseAddress, let second = others.baseAddress else { return true }
        return unsafe bytes_equal(first, second, bytes.count) != 0
      }
    }
  }

  /// The number of equal bytes at the beginning of both, compared eight at a time.
  public func commonPrefix(with other: Span<UInt8>) -> Int {
    let shorter = Swift.min(count, other.count)
    var index = 0
    while index &+ 8 <= shorter, word(at: index) == other.word(at: index) { index &+= 8 }
    while index < shorter, self[index] == other[index] { index &+= 1 }
    return index
  }

  /// Whether a byte occurs.
  public func contains(_ byte: UInt8) -> Bool {
    unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return false }
      return unsafe bytes_contain(first, bytes.count, byte) != 0
    }
  }

  /// The first place in a range at which all bytes of a pattern stand, itself within the range.
  ///
  /// - Precondition: The pattern has eight bytes or more.
  public func firstIndex(of pattern: Span<UInt8>, in range: Range<Int>) -> Int? {
    let word = pattern.word(at: 0)
    var index = range.lowerBound
    let last = range.upperBound &- pattern.count
    while index <= last {
      if self.word(at: index) == word,
        equals(from: index, pattern, from: 0, count: pattern.count)
      {
        return index
      }
      index &+= 1
    }
    return nil
  }

  /// Whether these are the first bytes.
  public func starts(with prefix: Span<UInt8>) -> Bool {
    count >= prefix.count && extracting(first: prefix.count).isEqual(to: prefix)
  }

  /// Whether these are exactly the bytes of a text known at compile time.
  public func isEqual(to text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { unsafe isEqual(to: $0.span) }
  }

  /// Whether U+2028 or U+2029 stands at a place, all of it before `end`.
  func isSeparator(at place: Int, before end: Int? = nil) -> Bool {
    (end ?? count) &- place >= 3 && self[place] == 0xE2 && self[place &+ 1] == 0x80
      && self[place &+ 2] | 1 == 0xA9
  }
}
