import SessionCoding
import SessionModel

/// Turns are counted upwards, in messages, usage records and metrics apart.
struct TurnOrder: Rule {
  static let info = RuleInfo(
    id: "session.turn-order", severity: .info,
    summary: "turn numbers are not negative and do not go back",
    consequence: "tools that take the last number continue with a wrong one")
  static let observed: EntryKinds = [.message, .usage, .metric]

  private var message: Int64?
  private var usage: Int64?
  private var metric: Int64?

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    let problem: String? =
      switch entry.content {
      case .message(let value) where value.flags.isDisjoint(with: [.sideChain, .compactionTail]):
        Self.check(value.turn, after: &message)
      case .usage(let value): Self.check(value.turn, after: &usage)
      case .metric(let value): Self.check(value.turn, after: &metric)
      default: nil
      }
    if let problem { report(Self.finding(problem, at: entry.place)) }
  }

  private static func check(_ turn: Int64?, after last: inout Int64?) -> String? {
    guard let turn else { return nil }
    let before = last
    last = turn
    if turn < 0 { return "the turn number is \(turn)" }
    if let before, turn < before { return "turn \(turn) comes after turn \(before)" }
    return nil
  }
}
