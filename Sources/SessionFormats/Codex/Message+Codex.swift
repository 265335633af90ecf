internal import JSONText
internal import SessionModel

extension Message {
  /// The message in the kinds of content that the format has: files, and pictures that lie elsewhere, are
  /// told in words; nil when it has no place at all.
  var plainForCodex: Message? {
    switch role {
    case .other: return nil
    case .tool where !blocks.contains(where: \.isToolResult): return nil
    default: break
    }
    var message = self
    message.blocks = Self.plain(blocks, isAnswer: role == .assistant)
    return message
  }

  private static func plain(_ blocks: [Block], isAnswer: Bool) -> [Block] {
    blocks.compactMap { block in
      switch block {
      case .file(let file):
        // The model is not made to say what it did not.
        return isAnswer ? nil : file.inWords.map { .text(Block.Text($0)) }
      case .image(let image):
        if isAnswer { return nil }
        if image.base64 != nil { return block }
        guard let path = image.path, !path.isEmpty else { return nil }
        return .text(Block.Text(JSONString("[image: \(path.string)]")))
      case .toolResult(var result):
        result.content = plain(result.content, isAnswer: false)
        return .toolResult(result)
      default: return block
      }
    }
  }
}
