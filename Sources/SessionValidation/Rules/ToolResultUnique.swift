import SessionCoding
import SessionModel

/// No tool call is answered twice.
struct ToolResultUnique: Rule {
  static let info = RuleInfo(
    id: "session.tool-result-unique", severity: .warning,
    summary: "no tool call is answered twice",
    consequence: "providers may refuse the conversation; tools show one of the results")
  static let observed: EntryKinds = [.message, .checkpoint]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    for observation in session.tools.observations where observation.kind == .repeatedResult {
      report(Self.finding("the call \(observation.name) was answered before", at: entry.place))
    }
  }
}
