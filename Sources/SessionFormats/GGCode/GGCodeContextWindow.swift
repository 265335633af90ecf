import JSONText
import SessionCoding
import SessionModel

/// The last messages, which are all that current releases go on with where nothing was compacted.
///
/// Of a session of 500 messages and more they load those of the last 24 hours before the last message,
/// and of what is loaded they send the last 200. Observed with v1.3.216.
struct GGCodeContextWindow {
  private static let mostSent = 200
  private static let fewestTimed = 500
  private static let seconds: Int64 = 24 * 60 * 60

  /// What counts of a message that the tool could send.
  private struct Place {
    let line: Int
    let time: Int64?
    let isConversation: Bool
    /// Whether it has a call or a result, which a list may not begin with.
    let isToolMessage: Bool
    let isPrompt: Bool
  }

  private var places: [Place] = []
  private var isCompacted = false
  private var records = 0
  /// The messages so far; of equal ones the tool keeps the first.
  private var seen: Set<ContentHash> = []
  private var scratch = JSONWriter(reserving: 4_096)
  /// The line of the first message that is sent; nil until all messages are noted.
  private(set) var firstLine: Int?
  /// How many messages could be sent, and how many of them are not.
  private(set) var count = 0
  private(set) var unsent = 0

  /// Notes what a line holds.
  mutating func note(_ content: Entry.Content, line: Int) {
    switch content {
    case .message(let message): note(message, line: line)
    // One without messages is ignored by current releases.
    case .checkpoint(let checkpoint): if checkpoint.messages != [] { isCompacted = true }
    case .usage, .metric, .event, .headChange, .opaque: break
    }
  }

  private mutating func note(_ message: Message, line: Int) {
    records += 1
    let hash =
      message.id.map { ContentHash(Array($0.utf8)[...]) }
      ?? ContentHash(.message(message), scratch: &scratch)
    guard seen.insert(hash).inserted else { return }
    places.append(
      Place(
        line: line, time: message.time?.seconds,
        isConversation: message.role == .user || message.role == .assistant,
        isToolMessage: message.blocks.contains { $0.isToolResult || $0.isToolCall },
        isPrompt: message.role == .user && message.blocks.contains { $0.isWritten }))
  }

  /// Finds where the window begins.
  mutating func finish() {
    count = places.count
    var start = loadedStart
    if places.count - start > Self.mostSent {
      start = places.count - Self.mostSent
      if let prompt = places.lastIndex(where: \.isPrompt) { start = min(start, prompt) }
      while start > 0, places[start].isToolMessage { start -= 1 }
    }
    unsent = isCompacted ? 0 : start
    firstLine = unsent == 0 ? 0 : places[start].line
    (places, seen) = ([], [])
  }

  /// Where the last 24 hours begin in a long session.
  private var loadedStart: Int {
    guard records >= Self.fewestTimed,
      let end = places.last(where: { $0.isConversation && $0.time != nil })?.time
    else { return 0 }
    // Messages without a time count as recent.
    return places.firstIndex { ($0.time ?? end) >= end - Self.seconds } ?? 0
  }

  /// Whether a message in a line is sent.
  func includes(line: Int) -> Bool { line >= firstLine ?? 0 }
}

extension Block {
  /// Whether this is a call of a tool.
  fileprivate var isToolCall: Bool { if case .toolCall = self { true } else { false } }

  /// Whether this is text that is not blank.
  fileprivate var isWritten: Bool {
    guard let text = plainText else { return false }
    return UnicodeWhiteSpace.trimmed(Array(text.string.utf8)[...]) != nil
  }
}
