internal import JSONText

/// What a call is about, in a few words: a command, a path, a question.
struct ToolHint {
  var text: [UInt8]

  private static let names = [
    "command", "cmd", "file_path", "path", "filePath", "pattern", "query", "url", "description",
    "prompt",
  ]

  /// Looks for it in the arguments of a call; nil where there is none.
  init?(_ arguments: RawJSON) {
    guard let root = JSONDocument(ifValid: Array(arguments.bytes), limits: .go)?.root else {
      return nil
    }
    for name in Self.names {
      guard let value = root[name: name] else { continue }
      // Some tools give a command by its words.
      let found = value.string ?? value.elements.compactMap(\.string).reversed().first
      guard let line = found?.string.split(whereSeparator: \.isNewline).first else { continue }
      text = Array((line.count > 80 ? line.prefix(79) + "…" : line).utf8)
      return
    }
    return nil
  }
}
