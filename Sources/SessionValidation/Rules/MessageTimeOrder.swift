import SessionCoding
import SessionModel

/// Messages come in the order of their times, the main conversation and side ones apart.
struct MessageTimeOrder: Rule {
  static let info = RuleInfo(
    id: "session.message-time-order", severity: .info,
    summary: "no message is older than the one before it",
    consequence: "tools that cut a session by time may cut it wrongly")
  static let observed: EntryKinds = [.message]

  private var lastMain: Timestamp?
  private var lastSide: Timestamp?

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .message(let message) = entry.content, let time = message.time.stated,
      !message.flags.contains(.compactionTail)
    else { return }
    let isSide = message.flags.contains(.sideChain)
    if let last = isSide ? lastSide : lastMain, time < last {
      report(
        Self.finding(
          "the message is of \(time.rfc3339), the one before it of \(last.rfc3339)",
          at: entry.place))
    }
    if isSide { lastSide = time } else { lastMain = time }
  }
}
