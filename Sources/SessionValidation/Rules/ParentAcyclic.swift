import SessionCoding
import SessionModel

/// No message descends from itself.
struct ParentAcyclic: Rule {
  static let info = RuleInfo(
    id: "session.parent-acyclic", severity: .error,
    summary: "no message is its own ancestor",
    consequence: "tools that walk from parent to parent hang or show nothing")
  static let observed: EntryKinds = []

  init() {}

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    for (link, count) in session.messages.cycles {
      report(
        Self.finding(
          "the message is its own ancestor, in a cycle of \(counted(count, "message"))",
          at: link.place))
    }
  }
}
