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

  /// Whether a byte occurs.
  public func contains(_ byte: UInt8) -> Bool {
    unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return false }
      return unsafe bytes_contain(first, bytes.count, byte) != 0
    }
  }

  /// The first place in a range at which all bytes of a pattern stand, itself within the range.
  ///
  /// - Precondition: The pattern is not empty.
  public func firstIndex(of pattern: Span<UInt8>, in range: Range<Int>) -> Int? {
    let place = extracting(range)
    let end = place.count &- pattern.count &+ 1
    guard end > 0 else { return nil }
    let found = unsafe place.withUnsafeBufferPointer { bytes in
      unsafe pattern.withUnsafeBufferPointer { pattern in
        guard let first = bytes.baseAddress, let wanted = pattern.baseAddress else { return end }
        return unsafe pattern_place(first, end, wanted, pattern.count)
      }
    }
    return found < end ? range.lowerBound &+ found : nil
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
