import SessionCoding
import SessionModel

/// What the tool uses of a session begins with the person or with instructions.
struct FirstRole: Rule {
  static let info = RuleInfo(
    id: "session.first-role", severity: .info,
    summary: "the first message in use is the person's or an instruction",
    consequence: "some providers refuse a conversation that begins with the model")
  static let observed: EntryKinds = [.message, .checkpoint]

  private var first: (role: Role, place: Place?)?

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard entry.isEffective else { return }
    switch entry.content {
    case .message(let message) where !message.flags.contains(.sideChain):
      if first == nil { first = (message.role, entry.place) }
    case .checkpoint(let checkpoint):
      // What came before is not in use any more.
      if let messages = checkpoint.messages {
        first = messages.first.map { ($0.role, entry.place) }
      }
    default: break
    }
  }

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    guard let first else { return }
    switch first.role {
    case .user, .system, .developer: return
    case .assistant, .tool, .other:
      report(
        Self.finding(
          "the first message in use has the role \(first.role.name.quoted)", at: first.place))
    }
  }
}
