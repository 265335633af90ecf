import JSONText

extension String {
  /// The text as a message shows it: in quotes, shortened, without what could drive a terminal.
  var quoted: String {
    // Nearly all are plain; looking up the kind of every character would be felt.
    if utf8.count <= 60, utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return "“\(self)”" }
    var text = "“"
    for (count, scalar) in unicodeScalars.enumerated() {
      if count == 60 {
        text += "…"
        break
      }
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: text += "\u{FFFD}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "”"
  }
}

extension JSONString {
  /// The text as a message shows it.
  var quoted: String { string.quoted }
}

/// A number with its noun: `1 message`, `2 messages`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

extension String? {
  /// The text unless it is empty; formats differ in whether they write empty texts or none.
  var stated: String? {
    if let self, !self.isEmpty { self } else { nil }
  }
}
