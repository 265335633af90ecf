/// A random part of a bundle's sessions, the same for the same seed.
public struct VerificationSample: Sendable, Hashable {
  /// How large the part is, between 0 and 1; at least one session is chosen.
  public var share: Double
  /// What the choice depends on.
  public var seed: UInt64

  /// Creates a description.
  public init(share: Double, seed: UInt64) {
    self.share = share
    self.seed = seed
  }

  /// Chooses from a list, and keeps its order.
  public func choose<Item>(from items: [Item]) -> [Item] {
    let count = min(items.count, max(1, Int((Double(items.count) * share).rounded(.up))))
    var generator = SplitMix(state: seed)
    return items.indices.shuffled(using: &generator).prefix(count).sorted().map { items[$0] }
  }

  /// Numbers that follow from the seed alone, on every machine (SplitMix64).
  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }
}
