import SessionCoding
import SessionModel

/// A session has a title.
struct TitlePresent: Rule {
  static let info = RuleInfo(
    id: "session.title-present", severity: .info,
    summary: "the session has a title",
    consequence: "tools show the first prompt or nothing in its place")
  static let observed: EntryKinds = []

  init() {}

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    if session.head.title.stated == nil {
      report(Self.finding("the session has no title", at: session.headPlace))
    }
  }
}
