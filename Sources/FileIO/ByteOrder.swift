/// Whether some bytes come before others, in an order that no locale changes.
public func bytesPrecede(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
  for index in 0..<min(first.count, second.count) where first[index] != second[index] {
    return first[index] < second[index]
  }
  return first.count < second.count
}

/// Whether the UTF-8 bytes of a text come before those of another.
public func bytesPrecede(_ first: String, _ second: String) -> Bool {
  bytesPrecede(first.utf8.span, second.utf8.span)
}
