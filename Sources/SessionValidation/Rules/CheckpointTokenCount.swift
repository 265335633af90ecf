import SessionCoding
import SessionModel

/// The token count of a checkpoint can be one.
struct CheckpointTokenCount: Rule {
  static let info = RuleInfo(
    id: "session.checkpoint-token-count", severity: .warning,
    summary: "the token count of a checkpoint is not negative",
    consequence: "tools compact again too late, or show nonsense")
  static let observed: EntryKinds = [.checkpoint]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .checkpoint(let checkpoint) = entry.content, let tokens = checkpoint.tokens,
      tokens < 0
    else { return }
    report(Self.finding("the checkpoint's token count is \(tokens)", at: entry.place))
  }
}
