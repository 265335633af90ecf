internal import SessionModel

/// A thread that was written.
struct CodexThread: Sendable {
  var id: String
  /// The rollout's absolute or given path.
  var path: String
  var title: String?
  /// What the rollout says; its summary is the first prompt.
  var head: SessionHead

  /// The title when it is not just the first prompt, which lists show anyway.
  var givenTitle: String? {
    guard let title, CodexNames.isName(title),
      title != head.summary.map({ CodexHead.title(from: $0) })
    else { return nil }
    return title
  }
}
