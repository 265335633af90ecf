import SessionCoding
import SessionModel

/// The usage records do not add up to more than the session's total.
///
/// Less is normal: tools drop records when they rewrite or compact a session.
struct UsageTotal: Rule {
  static let info = RuleInfo(
    id: "session.usage-total", severity: .warning,
    summary: "the usage records add up to no more than the session's total",
    consequence: "the total that tools show, and the cost, is too low")
  static let observed: EntryKinds = [.usage]

  private var sum = TokenUsage()

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    if case .usage(let record) = entry.content { sum = sum.adding(record.usage) }
  }

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    guard let total = session.head.usage else { return }
    let fields = [
      ("input", sum.input, total.input), ("output", sum.output, total.output),
      ("cache read", sum.cacheRead, total.cacheRead),
      ("cache write", sum.cacheWrite, total.cacheWrite),
      ("prompt", sum.promptTotal, total.promptTotal),
    ]
    for (name, sum, total) in fields {
      guard let sum, let total, sum > total else { continue }
      report(
        Self.finding(
          "the usage records hold \(sum) \(name) tokens, the session's total is \(total)",
          at: session.headPlace))
    }
  }
}
