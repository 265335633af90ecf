/// SplitMix64: the same corpus for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number below `bound`.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next() >> 33) % bound
  }

  /// A size between the bounds, small ones as frequent as large ones on a logarithmic scale.
  mutating func size(_ low: Int, _ high: Int) -> Int {
    var size = low
    while size < high && below(6) != 0 { size = size * 3 / 2 + 1 }
    return min(high, size - size / 4 + below(size / 2 + 1))
  }
}
