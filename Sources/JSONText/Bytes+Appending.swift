extension OutputSpan where Element == UInt8 {
  /// Appends bytes in one piece; there must be room for them.
  @inline(__always)
  mutating func append(copying bytes: UnsafeBufferPointer<UInt8>) {
    unsafe withUnsafeMutableBufferPointer { output, count in
      guard bytes.count <= output.count &- count, let target = output.baseAddress,
        let source = bytes.baseAddress
      else { return }
      unsafe (target + count).update(from: source, count: bytes.count)
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
