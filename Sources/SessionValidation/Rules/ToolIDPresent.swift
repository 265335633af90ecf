import JSONText
import SessionCoding
import SessionModel

/// Tool calls and results have identifiers.
struct ToolIDPresent: Rule {
  static let info = RuleInfo(
    id: "session.tool-id-present", severity: .warning,
    summary: "every tool call and every tool result has an identifier",
    consequence: "calls and results cannot be matched, and providers refuse them")
  static let observed: EntryKinds = [.message]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .message(let message) = entry.content else { return }
    for block in message.blocks {
      switch block {
      case .toolCall(let call) where call.id.isEmpty:
        report(
          Self.finding("the call of \(call.name.quoted) has no identifier", at: entry.place))
      case .toolResult(let result) where result.callID.isEmpty:
        report(Self.finding("the tool result does not say which call it answers", at: entry.place))
      default: break
      }
    }
  }
}
