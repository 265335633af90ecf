internal import CByteMasks

extension Span where Element == UInt8 {
  /// The masks of 64 bytes, those after the end counting as quotes.
  @inline(__always)
  func stringMasks(at offset: Int) -> string_byte_masks {
    let left = count &- offset
    return unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return string_byte_masks() }
      return unsafe left >= 64
        ? string_masks_64(first + offset) : string_masks_last(first + offset, left)
    }
  }

  /// Goes through a string up to the first block with something else in it than ASCII and the usual
  /// escapes.
  @inline(__always)
  func plainString(from start: Int, _ carry: UInt64) -> plain_string {
    unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return plain_string() }
      return unsafe scan_plain_string(first, start, bytes.count, carry)
    }
  }

  /// Which of 64 bytes Go may write otherwise in text that is escaped in any way.
  @inline(__always)
  func spellingStops(at offset: Int, _ carry: inout UInt64, isHTML: Bool) -> UInt64 {
    let left = count &- offset
    let found = unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return spelling_stops() }
      return unsafe left >= 64
        ? spelling_stops_64(first + offset, carry, isHTML)
        : spelling_stops_last(first + offset, left, carry, isHTML)
    }
    carry = found.carry
    return found.stops
  }

  /// The masks of 16 bytes, which must be there.
  @inline(__always)
  func shortStringMasks(at offset: Int) -> string_byte_masks {
    unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return string_byte_masks() }
      return unsafe string_masks_16(first + offset)
    }
  }

  /// Which of 64 bytes Go may write otherwise in text that is escaped already.
  @inline(__always)
  func respelled(at offset: Int, isHTML: Bool) -> UInt64 {
    let left = count &- offset
    return unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return 0 }
      if left < 64 {
        return unsafe isHTML
          ? html_stops_last(first + offset, left) : separator_leads_last(first + offset, left)
      }
      return unsafe isHTML ? html_stops_64(first + offset) : separator_leads_64(first + offset)
    }
  }

  /// Which of 64 bytes are letters that most escapes end with.
  @inline(__always)
  func escapeLetters(at offset: Int) -> UInt64 {
    let left = count &- offset
    return unsafe withUnsafeBufferPointer { bytes in
      guard let first = bytes.baseAddress else { return 0 }
      return unsafe left >= 64
        ? escape_letters_64(first + offset) : escape_letters_last(first + offset, left)
    }
  }
}
