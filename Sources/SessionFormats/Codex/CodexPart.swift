internal import JSONText
internal import SessionModel

/// One item of the log that the model sees, to be written.
enum CodexPart {
  /// Text and pictures.
  case content([Block])
  /// Reasoning of one model call, which is only shown: its data is of use to its own provider alone.
  case reasoning([Block.Thinking])
  /// A tool call.
  case call(Block.ToolCall)
  /// A tool's answer.
  case result(Block.ToolResult)
  /// An item that is kept as it is.
  case opaque(RawJSON)

  /// The items that a message is written as, in order.
  static func parts(of message: Message) -> [CodexPart] {
    var parts: [CodexPart] = []
    var content: [Block] = []
    func add(_ part: CodexPart) {
      if !content.isEmpty { parts.append(.content(content)) }
      content = []
      parts.append(part)
    }
    for block in message.blocks {
      switch block {
      case .thinking(let thinking):
        if content.isEmpty, case .reasoning(let list)? = parts.last {
          parts[parts.count - 1] = .reasoning(list + [thinking])
        } else {
          add(.reasoning([thinking]))
        }
      case .toolCall(let call): add(.call(call))
      case .toolResult(let result):
        // What the service's own calls gave is part of their items.
        let type = result.extras.text(CodexExtra.type, of: Codex.id) ?? ""
        if !CodexItem.serverCallTypes.contains(type) { add(.result(result)) }
      case .opaque(let opaque)
      where opaque.format == Codex.id && CodexItem.compactionTypes.contains(opaque.type.string):
        add(.opaque(opaque.json))
      case .text, .image, .file, .opaque: content.append(block)
      }
    }
    if !content.isEmpty { parts.append(.content(content)) }
    return parts
  }
}
