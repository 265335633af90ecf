internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A message as aider's history holds it: text of the person or of the model.
struct AiderText {
  /// Whether the person says it.
  var isUser: Bool
  private var lines: [UInt8]

  /// The texts of an entry; none for what the history has no place for.
  ///
  /// Only what the source tool itself uses is written: aider would restore the rest as well.
  static func texts(of entry: Entry) -> [AiderText] {
    guard entry.isEffective else { return [] }
    switch entry.content {
    case .message(let message): return AiderText(message).map { [$0] } ?? []
    case .checkpoint(let checkpoint):
      return (checkpoint.messages ?? []).compactMap { AiderText($0) }
    default: return []
    }
  }

  private init?(_ message: Message) {
    guard message.role == .user || message.role == .assistant,
      message.flags.isDisjoint(with: [.hidden, .sideChain])
    else { return nil }
    var text: [UInt8] = []
    var hasText = false
    for case .text(let block) in message.blocks {
      if hasText { text += Array("\n\n".utf8) }
      hasText = true
      block.text.appendUTF8(to: &text)
    }
    guard hasText else { return nil }
    isUser = message.role == .user
    text = Self.stripped(text)
    lines = []
    if isUser {
      if text.isEmpty { text = Array("<blank>".utf8) }
      ChatText.forEachLine(text[...]) { line in
        lines += Array("#### ".utf8) + Array(line) + Array("  \n".utf8)
      }
    } else {
      guard !text.isEmpty else { return nil }
      if let open = CodeFence.open(in: text[...]) {
        text += [UInt8(ascii: "\n")] + [UInt8](repeating: open.character, count: open.length)
      }
      ChatText.forEachLine(text[...]) { line in
        if Self.isMarked(line) { lines.append(UInt8(ascii: " ")) }
        lines += Array(line) + [UInt8(ascii: "\n")]
      }
    }
  }

  /// What aider itself appends for the message.
  var bytes: [UInt8] {
    [UInt8(ascii: "\n")] + lines + (isUser ? [] : [UInt8(ascii: "\n")])
  }

  /// The same as a reader attributes it: empty lines to the text before them.
  var record: [UInt8] { lines + [UInt8(ascii: "\n")] }

  /// Without white space at the ends, as Python's `strip` leaves it.
  private static func stripped(_ text: [UInt8]) -> [UInt8] {
    var scalars = Substring(String(decoding: text, as: UTF8.self)).unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return Array(String(String.UnicodeScalarView(scalars)).utf8)
  }

  /// Whether aider would not take a line for the model's.
  private static func isMarked(_ line: ArraySlice<UInt8>) -> Bool {
    line.starts(with: "# ".utf8) || line.starts(with: "> ".utf8) || line.starts(with: "#### ".utf8)
  }
}
