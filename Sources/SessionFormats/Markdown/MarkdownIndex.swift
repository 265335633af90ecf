internal import SessionCoding
internal import SessionModel

/// The page that lists the sessions of a folder, for people.
enum MarkdownIndex {
  static func bytes(_ sessions: [SessionSummary]) -> [UInt8] {
    var text = "---\nchat-md-index: 1\nsessions: \(sessions.count)\n---\n\n# Sessions\n\n"
    text += "| Session | Created | Messages |\n|---|---|--:|\n"
    let ordered = sessions.sorted { a, b in
      if let first = a.created, let second = b.created, first != second { return first < second }
      if (a.created == nil) != (b.created == nil) { return a.created != nil }
      return a.id < b.id
    }
    for session in ordered {
      let name = session.path.split(separator: "/").last.map(String.init) ?? session.path
      let title = cell(session.title.flatMap { $0.isEmpty ? nil : $0 } ?? session.id)
      let created = session.created.map { ChatDecoration.shown($0) } ?? ""
      let count = session.messageCount.map(String.init) ?? ""
      text += "| [\(title)](\(ChatDecoration.destination(name))) | \(created) | \(count) |\n"
    }
    return Array(text.utf8)
  }

  private static func cell(_ text: String) -> String {
    var out = ""
    for scalar in ChatDecoration.inline(text).unicodeScalars.prefix(120) {
      if ["|", "[", "]", "\\", "`", "*", "_"].contains(scalar) { out += "\\" }
      out.unicodeScalars.append(scalar)
    }
    return out
  }
}
