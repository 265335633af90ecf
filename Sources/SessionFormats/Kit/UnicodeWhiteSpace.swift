/// White space that Go trims from texts (`unicode.IsSpace`).
package enum UnicodeWhiteSpace {
  /// The bytes without white space at both ends; nil when nothing is left.
  package static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = bytes
    while let count = count(atStartOf: rest) { rest = rest.dropFirst(count) }
    while let count = count(atEndOf: rest) { rest = rest.dropLast(count) }
    return rest.isEmpty ? nil : rest
  }

  private static let wide: [[UInt8]] =
    [0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000].map(utf8)
    + (0x2000...0x200A).map(utf8)

  private static func utf8(_ scalar: UInt32) -> [UInt8] {
    Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
  }

  private static func isASCII(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func count(atStartOf bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = bytes.first else { return nil }
    if first < 0x80 { return isASCII(first) ? 1 : nil }
    return wide.first { bytes.starts(with: $0) }?.count
  }

  private static func count(atEndOf bytes: ArraySlice<UInt8>) -> Int? {
    guard let last = bytes.last else { return nil }
    if last < 0x80 { return isASCII(last) ? 1 : nil }
    return wide.first { bytes.suffix($0.count).elementsEqual($0) }?.count
  }
}
