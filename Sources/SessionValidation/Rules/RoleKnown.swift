import SessionCoding
import SessionModel

/// Messages have roles that tools know.
struct RoleKnown: Rule {
  static let info = RuleInfo(
    id: "session.role-known", severity: .info,
    summary: "every role is user, assistant, system, developer or tool",
    consequence: "most tools do not show the message or send it as the person's")
  static let observed: EntryKinds = [.message]

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard case .message(let message) = entry.content, case .other(let name) = message.role else {
      return
    }
    report(Self.finding("the role \(name.quoted) is not known", at: entry.place))
  }
}
