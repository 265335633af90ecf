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

  /// The six bits of each character; `none` for what is no character of the alphabet.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: none, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()
  private static let none: UInt8 = 0xFF

  /// The bytes of a Base64 text; nil when it is not one.
  public static func decode(_ text: String) -> [UInt8]? { decode(Array(text.utf8)[...]) }

  /// The bytes of a Base64 text; nil when it is not one.
  public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    var text = text.span
    var padding = 0
    while padding < 2, padding < text.count, text[text.count - padding - 1] == UInt8(ascii: "=") {
      padding += 1
    }
    text = text.extracting(first: text.count - padding)
    let values = values.span
    var out: [UInt8] = []
    out.reserveCapacity(text.count / 4 * 3 + 2)
    var bits: UInt32 = 0
    for index in text.indices {
      let value = values[Int(text[index])]
      if value == none { return nil }
      bits = bits << 6 | UInt32(value)
      if index & 3 == 3 {
        out.append(UInt8(truncatingIfNeeded: bits >> 16))
        out.append(UInt8(truncatingIfNeeded: bits >> 8))
        out.append(UInt8(truncatingIfNeeded: bits))
      }
    }
    // Two characters that are left hold one byte, three hold two.
    switch text.count & 3 {
    case 2: out.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3:
      out.append(UInt8(truncatingIfNeeded: bits >> 10))
      out.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: break
    }
    return out
  }
}
