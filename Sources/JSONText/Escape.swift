/// What the byte after a backslash means.
enum Escape {
  /// Set for `u` and for bytes that make no escape; all others are the flags of the string.
  static let special: UInt8 = 0x80

  static let meanings: [UInt8] = {
    var meanings = [UInt8](repeating: special, count: 256)
    for byte in "\"\\bfnrt".utf8 { meanings[Int(byte)] = StringFlags.escaped.rawValue }
    meanings[Int(UInt8(ascii: "/"))] =
      StringFlags.escaped.rawValue | StringFlags.nonCanonical.rawValue
    return meanings
  }()
}

enum Hex {
  static func value(_ digit: UInt8) -> UInt32? {
    switch digit {
    case 0x30...0x39: UInt32(digit &- 0x30)
    case 0x41...0x46: UInt32(digit &- 0x37)
    case 0x61...0x66: UInt32(digit &- 0x57)
    default: nil
    }
  }

  /// The lower-case digit of a value below 16.
  static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? 0x30 &+ value : 0x57 &+ value
  }
}

extension Span where Element == UInt8 {
  /// The UTF-16 unit that a `\uXXXX` at `offset` stands for, nil if there is no such escape.
  func escapedUnit(at offset: Int) -> UInt32? {
    guard count &- offset >= 6, self[offset] == UInt8(ascii: "\\"),
      self[offset &+ 1] == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    var index = offset &+ 2
    while index < offset &+ 6 {
      guard let digit = Hex.value(self[index]) else { return nil }
      unit = unit &<< 4 | digit
      index &+= 1
    }
    return unit
  }
}
