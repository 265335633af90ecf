import SessionCoding
import SessionModel

/// No two tool calls have one identifier.
struct ToolCallIDUnique: Rule {
  static let info = RuleInfo(
    id: "session.tool-call-id-unique", severity: .warning,
    summary: "no two tool calls have one identifier",
    consequence: "the later call shadows the earlier one when results are matched")
  static let observed: EntryKinds = [.message, .checkpoint]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    for observation in session.tools.observations where observation.kind == .repeatedCall {
      report(
        Self.finding("the call identifier \(observation.name) was used before", at: entry.place))
    }
  }
}
