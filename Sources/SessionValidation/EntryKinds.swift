public import SessionModel

/// Some of the kinds of entries.
public struct EntryKinds: OptionSet, Sendable {
  /// A bit for each kind.
  public let rawValue: UInt8

  /// Creates a set from bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Something was said.
  public static let message = EntryKinds(rawValue: 1)
  /// Earlier messages were replaced.
  public static let checkpoint = EntryKinds(rawValue: 2)
  /// Tokens were counted.
  public static let usage = EntryKinds(rawValue: 4)
  /// Durations were measured.
  public static let metric = EntryKinds(rawValue: 8)
  /// A transport or tool-private event.
  public static let event = EntryKinds(rawValue: 16)
  /// The head was restated.
  public static let headChange = EntryKinds(rawValue: 32)
  /// A record that is unknown or damaged.
  public static let opaque = EntryKinds(rawValue: 64)

  /// All kinds.
  public static let all = EntryKinds(rawValue: 127)

  /// The kind of an entry.
  public init(_ content: Entry.Content) {
    switch content {
    case .message: self = .message
    case .checkpoint: self = .checkpoint
    case .usage: self = .usage
    case .metric: self = .metric
    case .event: self = .event
    case .headChange: self = .headChange
    case .opaque: self = .opaque
    }
  }
}
