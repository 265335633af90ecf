@testable import Conversion

/// The ways a conversion can take: sessions that fit into memory and larger ones, one by one or several
/// at a time.
enum ConversionWay: String, CaseIterable {
  case small, large, severalSmall, severalLarge

  /// The options that make a conversion take this way.
  func options(_ change: (inout ConversionOptions) -> Void = { _ in }) -> ConversionOptions {
    .with { options in
      options.jobs = self == .severalSmall || self == .severalLarge ? 3 : 1
      if self == .large || self == .severalLarge {
        options.retainedBytes = 0
      }
      change(&options)
    }
  }
}
