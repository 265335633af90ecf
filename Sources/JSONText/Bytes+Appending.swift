internal import CByteMasks

extension OutputSpan where Element == UInt8 {
  /// Appends a quoted text with what stands around it; there must be room for four bytes more.
  @inline(__always)
  mutating func append(
    _ text: UnsafeBufferPointer<UInt8>, before: UInt8?, after: UInt8?
  ) {
    unsafe withUnsafeMutableBufferPointer { output, count in
      guard text.count &+ 4 <= output.count &- count, let start = output.baseAddress else { return }
      var place = count
      if let before {
        unsafe start[place] = before
        place &+= 1
      }
      unsafe start[place] = UInt8(ascii: "\"")
      place &+= 1
      if let source = text.baseAddress {
        unsafe copy_bytes(start + place, source, text.count)
        place &+= text.count
      }
      unsafe start[place] = UInt8(ascii: "\"")
      place &+= 1
      if let after {
        unsafe start[place] = after
        place &+= 1
      }
      count = place
    }
  }

  /// Appends bytes in one piece; there must be room for them.
  @inline(__always)
  mutating func append(copying bytes: UnsafeBufferPointer<UInt8>) {
    unsafe withUnsafeMutableBufferPointer { output, count in
      guard bytes.count <= output.count &- count, let target = output.baseAddress,
        let source = bytes.baseAddress
      else { return }
      unsafe copy_bytes(target + count, source, bytes.count)
      count &+= bytes.count
    }
  }
}

extension [UInt8] {
  /// Appends a part of a text in one piece.
  @inline(__always)
  mutating func append(_ text: Span<UInt8>, _ range: Range<Int>) {
    unsafe text.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
