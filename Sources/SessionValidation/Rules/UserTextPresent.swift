import JSONText
import SessionCoding
import SessionModel

/// The person wrote something.
struct UserTextPresent: Rule {
  static let info = RuleInfo(
    id: "session.user-text-present", severity: .warning,
    summary: "what the tool goes on with has some text of the person",
    consequence: "tools drop such sessions: ggcode removes the file when it lists or saves")
  static let observed: EntryKinds = [.message, .checkpoint]

  private var isPresent = false

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard !isPresent, entry.isEffective else { return }
    switch entry.content {
    case .message(let message):
      isPresent = message.hasUserText
    case .checkpoint(let checkpoint):
      isPresent = checkpoint.messages?.contains(where: \.hasUserText) ?? false
    default: break
    }
  }

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    if !isPresent {
      report(
        Self.finding(
          "what the tool goes on with has no text of the person; tools drop such sessions",
          at: session.headPlace))
    }
  }
}

extension Message {
  /// ggcode's test, `HasUserInteraction`: a text block of the person that is not blank.
  fileprivate var hasUserText: Bool {
    role == .user
      && blocks.contains { block in
        guard let text = block.plainText, !text.isEmpty else { return false }
        return text.string.unicodeScalars.contains { !$0.properties.isWhitespace }
      }
  }
}
