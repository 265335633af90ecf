import SessionCoding
import SessionModel

/// The message that a message follows exists, before or after it.
struct ParentExists: Rule {
  static let info = RuleInfo(
    id: "session.parent-exists", severity: .warning,
    summary: "the parent of every message exists in the session",
    consequence: "tools that walk from parent to parent lose all that came before",
    repair: "attach the message to the one before it")
  static let observed: EntryKinds = []

  init() {}

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    for link in session.messages.danglingLinks {
      report(Self.finding("the parent \(link.parentName) does not exist", at: link.place))
    }
  }
}
