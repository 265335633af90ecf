import SessionCoding
import SessionModel

/// Every tool call has a result; in the last turn it may still be running.
struct ToolCallAnswered: Rule {
  static let info = RuleInfo(
    id: "session.tool-call-answered", severity: .warning,
    summary: "every tool call has a result",
    consequence: "term-llm drops the call before it asks the model; providers may refuse it")
  static let observed: EntryKinds = []

  init() {}

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    for call in session.tools.openCalls {
      let isLast = call.entry >= session.turnStart
      report(
        Self.finding(
          "the call \(call.name.quoted) of \(call.tool.quoted) has no result"
            + (isLast ? "; it is in the last turn" : ""),
          at: call.place, severity: isLast || !call.isEffective ? .info : nil))
    }
  }
}
