/// Identifiers of threads, turns and calls.
enum CodexID {
  /// Whether a text is a UUID in the usual spelling, of any version.
  static func isUUID(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && parts.allSatisfy { $0.utf8.allSatisfy { isHexadecimal($0) } }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }

  /// The identifier itself, lower-case, when it is a UUID, else one derived from it.
  static func thread(_ id: String) -> String { isUUID(id) ? id.lowercased() : derived(from: id) }

  /// A UUID (version 8: of one's own making) that depends on the text alone.
  static func derived(from text: String) -> String {
    let high = hash(text, seed: 0x6361_7272_796F_7665) & ~0xF000 | 0x8000
    let low = hash(text, seed: 0x636F_6465_7820_6964) & ~(3 << 62) | 1 << 63
    var id = ""
    for (position, digit) in (hexadecimal(high) + hexadecimal(low)).enumerated() {
      if [8, 12, 16, 20].contains(position) { id += "-" }
      id.append(digit)
    }
    return id
  }

  /// A short identifier that depends on the text alone.
  static func short(from text: String) -> String {
    hexadecimal(hash(text, seed: 0x6361_6C6C_2069_6400))
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// FNV-1a over the UTF-8, mixed once more at the end.
  private static func hash(_ text: String, seed: UInt64) -> UInt64 {
    var value = 0xCBF2_9CE4_8422_2325 ^ seed
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    value ^= value >> 30
    value = value &* 0xBF58_476D_1CE4_E5B9
    value ^= value >> 27
    value = value &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
