/// UUIDs (version 8) that are the same whenever they are made from the same names.
struct DerivedUUID {
  private let seed: (UInt64, UInt64)

  /// A series of identifiers for one session.
  init(_ name: String) {
    seed = (hash64(name.utf8), hash64(name.utf8, seed: 0x9E37_79B9_7F4A_7C15))
  }

  /// The identifier of the series itself.
  var own: String { id(seed.0, seed.1) }

  /// The identifier of a name in the series.
  func named(_ name: String) -> String {
    id(hash64(name.utf8, seed: seed.0), hash64(name.utf8, seed: seed.1))
  }

  /// The identifier of a number in the series.
  func numbered(_ number: Int) -> String {
    let value = UInt64(bitPattern: Int64(number)) &* 0xD129_0D3C_2D4B_9F4D
    return id(seed.0 ^ value, seed.1 &+ value)
  }

  private func id(_ a: UInt64, _ b: UInt64) -> String {
    let high = Self.mix(a &+ 0x9E37_79B9_7F4A_7C15 ^ Self.mix(b))
    let low = Self.mix(b &+ 0xBF58_476D_1CE4_E5B9 ^ Self.mix(a))
    let words = [
      high & 0xFFFF_FFFF_FFFF_0FFF | 0x8000, low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000,
    ]
    var digits = words.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()[...]
    return [8, 4, 4, 4, 12].map { count in
      defer { digits = digits.dropFirst(count) }
      return String(digits.prefix(count))
    }.joined(separator: "-")
  }

  /// The finisher of SplitMix64, a public-domain generator.
  private static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
