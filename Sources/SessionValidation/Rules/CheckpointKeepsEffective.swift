import SessionCoding
import SessionModel

/// What a checkpoint replaces is not in the tool's view any more.
struct CheckpointKeepsEffective: Rule {
  static let info = RuleInfo(
    id: "session.checkpoint-keeps-effective", severity: .warning,
    summary: "what the tool uses stands after the last checkpoint, unless that refers to it",
    consequence: "writing the checkpoint would drop messages that the tool uses")
  static let observed: EntryKinds = [.message, .checkpoint]

  private var count = 0
  private var first: Place?
  /// As they were at the last checkpoint.
  private var replaced: (count: Int, first: Place?) = (0, nil)

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard entry.isEffective else { return }
    switch entry.content {
    case .message(let message) where !message.flags.contains(.sideChain):
      if count == 0 { first = entry.place }
      count += 1
    case .checkpoint(let checkpoint):
      replaced = checkpoint.refersToMessages ? (0, nil) : (count, first)
    default: break
    }
  }

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    guard replaced.count > 0 else { return }
    report(
      Self.finding(
        "the last checkpoint replaces \(counted(replaced.count, "message")) "
          + "that the tool still uses, this one first", at: replaced.first))
  }
}

extension Checkpoint {
  /// Whether the messages that stay are named, not repeated.
  var refersToMessages: Bool {
    messages == nil && (summaryMessage.stated ?? lastMessage.stated) != nil
  }
}
