internal import SessionModel

extension Entry.Content {
  /// The position of this kind in ``EntryCounts/kinds``.
  var kindIndex: Int {
    switch self {
    case .message: 0
    case .checkpoint: 1
    case .usage: 2
    case .metric: 3
    case .event: 4
    case .headChange: 5
    case .opaque: 6
    }
  }

  var isHeadChange: Bool {
    if case .headChange = self { true } else { false }
  }

  /// Whether this content says messages.
  var holdsMessages: Bool {
    switch self {
    case .message: true
    case .checkpoint(let checkpoint): !(checkpoint.messages ?? []).isEmpty
    default: false
    }
  }

  /// The messages that this content says.
  var messages: [Message] {
    switch self {
    case .message(let message): [message]
    case .checkpoint(let checkpoint): checkpoint.messages ?? []
    default: []
    }
  }
}
