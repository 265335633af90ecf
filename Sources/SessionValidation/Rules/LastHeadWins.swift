import SessionCoding
import SessionModel

/// The head is what the last statement of it in the timeline says.
///
/// A field that the last statement leaves out may keep what an earlier one said, or come from
/// elsewhere (an index, the first prompt): formats differ in that. What it states must be the head's.
struct LastHeadWins: Rule {
  static let info = RuleInfo(
    id: "session.last-head-wins", severity: .error,
    summary: "title, workspace, model and last change are those of the last head record",
    consequence: "the session was misread: the copy would show outdated facts")
  static let observed: EntryKinds = [.headChange]

  private var last: Stated?

  private struct Stated: Sendable {
    var title: String?
    var workspace: String?
    var model: String?
    var updated: Timestamp?
    var place: Place?
  }

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    guard entry.isEffective, case .headChange(let head) = entry.content else { return }
    last = Stated(
      title: head.title.stated, workspace: head.workspace.stated, model: head.model.stated,
      updated: head.updated.stated, place: entry.place)
  }

  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {
    guard let last else { return }
    let head = session.head
    let texts = [
      ("title", last.title, head.title), ("workspace", last.workspace, head.workspace),
      ("model", last.model, head.model),
    ]
    for (name, stated, read) in texts {
      guard let stated, stated != read else { continue }
      report(
        Self.finding(
          "the \(name) was read as \(read?.quoted ?? "absent"), "
            + "but the last head record says \(stated.quoted)", at: last.place))
    }
    if let stated = last.updated, head.updated.map({ !$0.isSameInstant(as: stated) }) ?? true {
      report(
        Self.finding(
          "the last change was read as \(head.updated?.rfc3339 ?? "absent"), "
            + "but the last head record says \(stated.rfc3339)", at: last.place))
    }
  }
}
