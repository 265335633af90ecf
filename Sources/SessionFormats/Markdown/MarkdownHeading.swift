internal import SessionModel

/// `## Word[ · time][ · earlier]`.
struct MarkdownHeading {
  static let compaction = "Context compacted"
  private static let earlier = "earlier"
  /// The roles that headings name; others stand in brackets.
  private static let roles: [(role: Role, word: String)] = [
    (.user, "User"), (.assistant, "Assistant"), (.system, "System"), (.tool, "Tool"),
    (.developer, "Developer"),
  ]

  var word: String
  /// `2026-04-08 12:06` or `12:06`.
  var time: String?
  /// Whether the tool does not use what stands here any more.
  var isEarlier = false

  var role: Role? {
    if word.hasPrefix(Self.other), word.hasSuffix(")") {
      return Role(String(word.dropFirst(Self.other.count).dropLast()))
    }
    return Self.roles.first { $0.word.lowercased() == word.lowercased() }?.role
  }

  private static let other = "Other ("

  /// The word for a role.
  static func word(_ role: Role) -> String {
    if let known = roles.first(where: { $0.role == role }) { return known.word }
    return other + (MarkdownLine.isWord(role.name) ? role.name : "other") + ")"
  }

  init(_ word: String, time: String?, isEarlier: Bool) {
    (self.word, self.time, self.isEarlier) = (word, time, isEarlier)
  }

  /// Reads a line; nil when it has other parts than these.
  init?(_ line: ArraySlice<UInt8>) {
    let text = line.drop { $0 == UInt8(ascii: "#") }
    guard text.first == 0x20 else { return nil }
    var parts = String(decoding: text.dropFirst(), as: UTF8.self).components(separatedBy: " · ")
    if parts.count > 1, parts.last == Self.earlier {
      isEarlier = true
      parts.removeLast()
    }
    if parts.count > 1 {
      guard let last = parts.popLast(), Self.isTime(last) else { return nil }
      time = last
    }
    guard parts.count == 1 else { return nil }
    word = parts[0]
    while word.last == " " || word.last == ":" { word.removeLast() }
  }

  private static func isTime(_ text: String) -> Bool {
    SpelledTime.read(text.utf8.count == 5 ? "2000-01-01 " + text : text) != nil
  }

  func line(level: Int) -> String {
    String(repeating: "#", count: level) + " " + word + (time.map { " · " + $0 } ?? "")
      + (isEarlier ? " · " + Self.earlier : "")
  }
}

extension String {
  /// The parts between a separator.
  fileprivate func components(separatedBy separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
