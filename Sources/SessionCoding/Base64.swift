/// Standard Base64 with padding (RFC 4648 §4).
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The bytes as Base64 text.
  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(decoding: encoded(Array(bytes)), as: UTF8.self)
  }

  /// The bytes as the bytes of Base64 text.
  static func encoded(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index + 2 < bytes.count {
      let bits = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
      out.append(alphabet[bits >> 18])
      out.append(alphabet[bits >> 12 & 63])
      out.append(alphabet[bits >> 6 & 63])
      out.append(alphabet[bits & 63])
      index += 3
    }
    if index < bytes.count {
      let isOne = index + 1 == bytes.count
      let bits = Int(bytes[index]) << 16 | (isOne ? 0 : Int(bytes[index + 1]) << 8)
      out.append(alphabet[bits >> 18])
      out.append(alphabet[bits >> 12 & 63])
      out.append(isOne ? UInt8(ascii: "=") : alphabet[bits >> 6 & 63])
      out.append(UInt8(ascii: "="))
    }
    return out
  }

  /// The bytes of a Base64 text; nil when it is not one.
  public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8) }

  /// The bytes of a Base64 text; nil when it is not one.
  public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(text.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for character in text {
      let value: UInt32
      switch character {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(character) - 65
      case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(character) - 71
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(character) + 4
      case UInt8(ascii: "+"): value = 62
      case UInt8(ascii: "/"): value = 63
      case UInt8(ascii: "="):
        padding += 1
        value = 0
      default: return nil
      }
      if padding > 0, character != UInt8(ascii: "=") { return nil }
      bits = bits << 6 | value
      count += 1
      if count == 4 {
        out.append(UInt8(truncatingIfNeeded: bits >> 16))
        out.append(UInt8(truncatingIfNeeded: bits >> 8))
        out.append(UInt8(truncatingIfNeeded: bits))
        bits = 0
        count = 0
      }
    }
    guard count == 0, padding <= 2, padding <= out.count else { return nil }
    out.removeLast(padding)
    return out
  }
}
