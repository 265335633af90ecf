internal import JSONText

/// The first prompt of a session as lists show it; a command only when nothing else was said.
struct ClaudePrompt: Sendable {
  private var text: String?
  private var command: String?

  /// Whether a prompt was found, so that later ones do not count.
  var isFound: Bool { text != nil }

  /// What lists show of a session that has no title.
  var title: String? { (text ?? command).map { String($0.prefix(200)) } }

  /// Looks at the content of a user's line that is neither injected nor a summary.
  mutating func note(_ content: JSONValue) {
    guard text == nil else { return }
    var texts: [String] = []
    if let text = content.string {
      texts.append(text.string)
    } else {
      for block in content.elements {
        if block["tool_use_id"] != nil { return }
        if let text = block["text"]?.string { texts.append(text.string) }
      }
    }
    for text in texts where !text.isEmpty {
      if let name = Self.element("command-name", of: text) {
        if command == nil { command = name }
      } else if !Self.skipped.contains(where: { text.hasPrefix($0) }) {
        self.text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return
      }
    }
  }

  private static let skipped = [
    "<local-command-stdout>", "<session-start-hook>", "<tick>", "<goal>",
    "[Request interrupted by user", "<ide_opened_file>", "<ide_selection>",
  ]

  private static func element(_ name: String, of text: String) -> String? {
    guard text.hasPrefix("<command-"), let start = text.firstRange(of: "<\(name)>"),
      let end = text[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }
}
