import SessionCoding
import SessionModel

/// The messages that a checkpoint names exist, before or after it.
struct CheckpointRefersToMessages: Rule {
  static let info = RuleInfo(
    id: "session.checkpoint-refers-to-messages", severity: .warning,
    summary: "the summary and the last message that a checkpoint names exist",
    consequence: "ggcode takes everything after the summary, or ignores the checkpoint")
  static let observed: EntryKinds = [.checkpoint]

  private var open: [Reference] = []

  private struct Reference: Sendable {
    let key: IDKey
    let text: String
    let place: Place?
  }

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .checkpoint(let checkpoint) = entry.content else { return }
    let references = [
      ("summary", checkpoint.summaryMessage.stated),
      ("last message", checkpoint.lastMessage.stated),
    ]
    for (name, id) in references {
      guard let id, !session.messages.contains(IDKey(id)) else { continue }
      open.append(
        Reference(key: IDKey(id), text: "the checkpoint's \(name) \(id.quoted)", place: entry.place)
      )
    }
  }

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    for reference in open where !session.messages.contains(reference.key) {
      report(Self.finding("\(reference.text) does not exist", at: reference.place))
    }
  }
}
