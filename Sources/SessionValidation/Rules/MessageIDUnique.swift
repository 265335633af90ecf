import SessionCoding
import SessionModel

/// No two messages have one identifier.
struct MessageIDUnique: Rule {
  static let info = RuleInfo(
    id: "session.message-id-unique", severity: .warning,
    summary: "no two messages of a session have one identifier",
    consequence: "ggcode keeps the first of them only; stores with keys refuse the second")
  static let observed: EntryKinds = [.message]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .message(let message) = entry.content,
      let first = session.messages.repeatedEntry, let id = message.id
    else { return }
    report(
      Self.finding(
        "the message identifier \(id.quoted) was already used by entry \(first + 1)",
        at: entry.place))
  }
}
