extension Session {
  /// Whether a person wrote something.
  ///
  /// Original: `HasUserInteraction`.
  ///
  /// Only text blocks of `user` messages count, and only if they are not blank. Sessions without are
  /// not worth keeping to the tool.
  public var hasUserInteraction: Bool { messages.contains(where: \.hasUserText) }

  /// The title that the first user message gives, once a message is appended; nil if it has no text.
  func derivedTitle(with message: Message) -> String? {
    let first = messages.first { $0.role == "user" } ?? (message.role == "user" ? message : nil)
    guard let message = first,
      let text = message.content?.first(where: { $0.type == "text" && !$0.text.isEmpty })?.text
    else { return nil }
    let scalars = text.unicodeScalars
    guard scalars.count > 60 else { return text }
    var title = String.UnicodeScalarView()
    title.append(contentsOf: scalars.prefix(57))
    return String(title) + "..."
  }
}

extension Message {
  /// Whether it is a person's, with text in it.
  var hasUserText: Bool {
    role == "user" && (content ?? []).contains { $0.type == "text" && !$0.text.isBlank }
  }
}
