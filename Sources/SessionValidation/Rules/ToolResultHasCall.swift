import SessionCoding
import SessionModel

/// Every tool result answers a call that was made before it.
struct ToolResultHasCall: Rule {
  static let info = RuleInfo(
    id: "session.tool-result-has-call", severity: .warning,
    summary: "every tool result answers a call that was made before it",
    consequence: "it shows as an orphan, and providers may refuse the conversation")
  static let observed: EntryKinds = [.message, .checkpoint]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    for observation in session.tools.observations where observation.kind == .resultWithoutCall {
      report(
        Self.finding(
          "the tool result answers \(observation.name), which was not called before",
          at: entry.place, severity: entry.isEffective ? nil : .info))
    }
  }
}
