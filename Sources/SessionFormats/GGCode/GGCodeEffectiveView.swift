internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Which entries the tool uses when it loads a session.
///
/// Classic releases throw away everything before the last checkpoint, current ones (v1.3.150 and
/// later) start at the summary message that the last checkpoint names.
struct GGCodeEffectiveView {
  /// The line of the last checkpoint of all if it has a message list; what came before is not loaded.
  private var lastCheckpointLine = 0
  /// The last checkpoint of all if it is by message identifiers, and its line.
  private var reference: Checkpoint?
  private var referenceLine = 0
  /// The lines of the messages with each identifier.
  private var lines: [String: [Int]] = [:]
  /// The line of the summary that the reference names, and the last line that it stands for.
  private var summaryLine: Int?
  private var resumesAfterLine = 0
  /// The messages read so far; of equal ones current releases keep the first.
  private var seen: Set<ContentHash> = []

  var isByReference: Bool { reference != nil }

  mutating func note(_ content: Entry.Content, line: Int) {
    switch content {
    case .message(let message):
      if let id = message.id { lines[id, default: []].append(line) }
    case .checkpoint(let checkpoint):
      reference = checkpoint.messages == nil ? checkpoint : nil
      lastCheckpointLine = checkpoint.messages == nil ? 0 : line
      referenceLine = checkpoint.messages == nil ? line : 0
    case .headChange, .usage, .metric, .event, .opaque: break
    }
  }

  mutating func finish() {
    if let reference, let summary = reference.summaryMessage.flatMap({ lines[$0]?.first }) {
      summaryLine = summary
      let last = reference.lastMessage.flatMap { lines[$0]?.last } ?? summary
      resumesAfterLine = max(summary, last)
    }
    lines = [:]
  }

  /// Whether an entry is used; asked in the order of the lines.
  mutating func includes(_ content: Entry.Content, line: Int) -> Bool {
    switch content {
    case .headChange: return true
    case .opaque: return false
    case .message(let message):
      // Only releases that drop repeated messages write identifiers.
      if isByReference || message.id != nil, isRepeated(message) { return false }
      if let summaryLine { return line == summaryLine || line > resumesAfterLine }
      return line >= lastCheckpointLine
    // A list of messages before a checkpoint by identifiers is history.
    case .checkpoint: return isByReference ? line >= referenceLine : line >= lastCheckpointLine
    case .usage, .metric, .event: return line >= lastCheckpointLine
    }
  }

  private mutating func isRepeated(_ message: Message) -> Bool {
    var scratch = JSONWriter(reserving: 4_096)
    let hash =
      message.id.map { ContentHash(Array($0.utf8)[...]) }
      ?? ContentHash(.message(message), scratch: &scratch)
    return !seen.insert(hash).inserted
  }
}
