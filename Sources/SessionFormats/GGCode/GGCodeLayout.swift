/// The line layouts that the tool's releases write.
package enum GGCodeLayout: Int, CaseIterable {
  /// v1.3.41 to v1.3.75: no message ids, no message times.
  case classic
  /// v1.3.151 and later, checked with v1.3.216: ids, times, checkpoints by id.
  case current
  /// What every release reads alike: that of v1.3.75 with message ids and times, which it ignores.
  case portable
  /// Before v1.3.40: no `token_usage`; before v1.0.6 `provider` instead of `vendor`.
  case oldest

  init?(profile: String) {
    switch profile {
    case "1.3.75": self = .portable
    case "1.3.216": self = .current
    default: return nil
    }
  }

  var profile: String {
    switch self {
    case .classic, .portable, .oldest: "1.3.75"
    case .current: "1.3.216"
    }
  }

  /// Whether messages state their ids and times.
  var identifiesMessages: Bool { self == .current || self == .portable }
}
