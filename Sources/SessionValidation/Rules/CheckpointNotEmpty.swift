import SessionCoding
import SessionModel

/// A checkpoint has something to put in place of what came before.
struct CheckpointNotEmpty: Rule {
  static let info = RuleInfo(
    id: "session.checkpoint-not-empty", severity: .warning,
    summary: "a checkpoint has messages or refers to its summary",
    consequence: "it erases what came before it; ggcode before 1.3.100 loads nothing of that")
  static let observed: EntryKinds = [.checkpoint]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .checkpoint(let checkpoint) = entry.content,
      checkpoint.messages?.isEmpty ?? true, checkpoint.summaryMessage.stated == nil
    else { return }
    report(
      Self.finding(
        "the checkpoint erases what came before: it has neither messages nor a summary",
        at: entry.place))
  }
}
