public import SessionModel

/// What rules need to know of the session beyond the entry at hand: identifiers and their links.
public struct SessionIndex: Sendable {
  /// The head that the reader resolved.
  public let head: SessionHead
  /// The number of the current entry, from 0; −1 before the first.
  public private(set) var position = -1
  /// Where facts about the whole session stand: the head that is in force, else the file.
  public private(set) var headPlace: Place?
  /// The number of the entry that states the head in force, when there is one.
  private(set) var headPosition: Int?
  /// Whether that entry, by itself, was changed before it was created.
  private(set) var isHeadReversed = false
  /// The number of the entry with which the person's latest turn began.
  private(set) var turnStart = 0
  /// Messages and their parents.
  private(set) var messages = MessageGraph()
  /// Tool calls and their results.
  private(set) var tools = ToolLedger()

  init(head: SessionHead) {
    self.head = head
  }

  mutating func observe(_ entry: Entry) {
    position += 1
    if case .none = headPlace { headPlace = entry.place.map { .file(path: $0.path) } }
    messages.beginEntry()
    tools.beginEntry(position)
    switch entry.content {
    case .message(let message):
      messages.add(message, entry: position, place: entry.place)
      if entry.isEffective, message.startsTurn { turnStart = position }
      tools.add(
        message, place: entry.place, isEffective: entry.isEffective,
        isCopy: message.flags.contains(.compactionTail))
    case .checkpoint(let checkpoint):
      for message in checkpoint.messages ?? [] {
        messages.define(message.id)
        tools.add(message, place: entry.place, isEffective: entry.isEffective, isCopy: true)
      }
    case .event(let event):
      messages.define(event.id)
    case .headChange(let head):
      guard entry.isEffective else { break }
      headPlace = entry.place ?? headPlace
      headPosition = position
      isHeadReversed = head.isReversed
    case .usage, .metric, .opaque:
      break
    }
  }
}

extension Place {
  /// The file or folder that the place is in.
  var path: String {
    switch self {
    case .line(let path, _, _), .row(let path, _, _), .file(let path): path
    }
  }
}

extension Message {
  /// Whether the person speaks here, in the main conversation.
  var startsTurn: Bool {
    role == .user && flags.isDisjoint(with: [.sideChain, .compactionSummary, .compactionTail])
      && !blocks.contains(where: \.isToolResult)
  }
}

extension SessionHead {
  /// Whether the stated times have the last change before the beginning.
  var isReversed: Bool {
    guard let created = created.stated, let updated = updated.stated else { return false }
    return updated < created
  }
}

extension Timestamp? {
  /// The time, unless a converter derived it or it is Go's "no time".
  var stated: Timestamp? {
    if let self, !self.isSynthesised, !self.isGoZero { self } else { nil }
  }
}
