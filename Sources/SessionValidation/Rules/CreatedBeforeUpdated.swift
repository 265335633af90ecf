import SessionCoding
import SessionModel

/// A session begins before it changes.
struct CreatedBeforeUpdated: Rule {
  static let info = RuleInfo(
    id: "session.created-before-updated", severity: .warning,
    summary: "the last change of a session is not before its beginning",
    consequence: "lists are in the wrong order, and clean-up may take the session for an old one",
    repair: "take the time of the beginning as that of the last change")
  static let observed: EntryKinds = []

  init() {}

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    guard session.head.isReversed, let created = session.head.created,
      let updated = session.head.updated
    else { return }
    report(
      Self.finding(
        "the last change, \(updated.rfc3339), is before the beginning, \(created.rfc3339)",
        at: session.headPlace))
  }
}
