internal import JSONText
internal import SessionModel

/// Brings content of other formats into the kinds that this one has: texts and pictures.
enum CodexPlainContent {
  /// A message whose files, and pictures that lie elsewhere, are told in words.
  static func message(_ message: Message) -> Message {
    var message = message
    message.blocks = blocks(message.blocks, isAnswer: message.role == .assistant)
    return message
  }

  /// Whether a message is what ``message(_:)`` makes of it.
  static func isPlain(_ message: Message) -> Bool { message.blocks.allSatisfy(isPlain) }

  private static func isPlain(_ block: Block) -> Bool {
    switch block {
    case .file, .image: false
    case .toolResult(let result): result.content.allSatisfy(isPlain)
    default: true
    }
  }

  private static func blocks(_ blocks: [Block], isAnswer: Bool) -> [Block] {
    blocks.compactMap { block in
      switch block {
      case .file(let file):
        if let text = file.text { return .text(Block.Text(text)) }
        // The model is not made to say what it did not.
        guard !isAnswer, let name = file.name ?? file.path, !name.isEmpty else { return nil }
        return .text(Block.Text(JSONString("[file: \(name.string)]")))
      case .image(let image):
        if isAnswer { return nil }
        if image.base64 != nil { return .image(image) }
        guard let path = image.path, !path.isEmpty else { return nil }
        return .text(Block.Text(JSONString("[image: \(path.string)]")))
      case .toolResult(var result):
        result.content = Self.blocks(result.content, isAnswer: false)
        return .toolResult(result)
      default: return block
      }
    }
  }
}
