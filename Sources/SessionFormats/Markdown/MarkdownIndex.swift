internal import SessionModel

/// The page that lists the sessions of a folder, for people.
enum MarkdownIndex {
  static func bytes(_ sessions: [(path: String, head: SessionHead)]) -> [UInt8] {
    var text = "---\nchat-md-index: 2\nsessions: \(sessions.count)\n---\n\n# Sessions\n\n"
    text += "| Session | Created |\n|---|---|\n"
    let ordered = sessions.sorted { a, b in
      let (a, b) = (a.head, b.head)
      if let first = a.created, let second = b.created, first != second { return first < second }
      if (a.created == nil) != (b.created == nil) { return a.created != nil }
      return a.id < b.id
    }
    for (path, head) in ordered {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let title = cell(head.title.flatMap { $0.isEmpty ? nil : $0 } ?? head.id)
      var created: [UInt8] = []
      head.created?.appendDateAndTime(separator: UInt8(ascii: " "), to: &created)
      let date = String(decoding: created.prefix(16), as: UTF8.self)
      text += "| [\(title)](\(MarkdownLink.destination(Array(name.utf8)))) | \(date) |\n"
    }
    return Array(text.utf8)
  }

  private static func cell(_ text: String) -> String {
    var out = ""
    let line = CharacterReference.inline(Array(text.utf8))
    for scalar in String(decoding: line, as: UTF8.self).unicodeScalars.prefix(120) {
      if ["|", "[", "]", "\\", "`", "*", "_"].contains(scalar) { out += "\\" }
      out.unicodeScalars.append(scalar)
    }
    return out
  }
}
