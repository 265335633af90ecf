/// Identifiers of threads, turns and calls.
enum CodexID {
  /// Whether a text is a UUID in the usual spelling, of any version.
  static func isUUID(_ text: some StringProtocol) -> Bool {
    guard text.utf8.count == 36 else { return false }
    for (index, byte) in text.utf8.enumerated() {
      let isDash = index == 8 || index == 13 || index == 18 || index == 23
      switch byte {
      case UInt8(ascii: "-"): if !isDash { return false }
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        if isDash { return false }
      default: return false
      }
    }
    return true
  }

  /// The identifier itself, lower-case, when it is a UUID, else one derived from it.
  static func thread(_ id: String) -> String { isUUID(id) ? id.lowercased() : derived(from: id) }

  /// A UUID (version 8: of one's own making) that depends on the text alone.
  static func derived(from text: String) -> String {
    let high = hash(text, seed: 0x6361_7272_796F_7665) & ~0xF000 | 0x8000
    let low = hash(text, seed: 0x636F_6465_7820_6964) & ~(3 << 62) | 1 << 63
    var id: [UInt8] = []
    id.reserveCapacity(36)
    for position in 0..<32 {
      if position == 8 || position == 12 || position == 16 || position == 20 {
        id.append(UInt8(ascii: "-"))
      }
      let word = position < 16 ? high : low
      let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - position % 16 * 4) & 15)
      id.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
    return String(decoding: id, as: UTF8.self)
  }

  /// A short identifier that depends on the text alone.
  static func short(from text: String) -> String {
    hex(hash(text, seed: 0x6361_6C6C_2069_6400))
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// FNV-1a over the UTF-8, mixed once more at the end.
  static func hash(_ text: String, seed: UInt64) -> UInt64 {
    var value = 0xCBF2_9CE4_8422_2325 ^ seed
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    value ^= value >> 30
    value = value &* 0xBF58_476D_1CE4_E5B9
    value ^= value >> 27
    value = value &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
