internal import JSONText
internal import SessionCoding
internal import SessionModel

extension ChatEncoder {
  /// Appends a block.
  ///
  /// - Parameters:
  ///   - depth: 0 in a message, 1 in its tool results, and so on.
  ///   - fold: The summary under which text is folded away; nil to show it.
  mutating func append(_ block: Block, depth: Int, fold: String?) throws(FormatError) {
    switch block {
    case .text(let block): append(block, depth, fold)
    case .thinking(let block): append(block, depth)
    case .toolCall(let block): append(block, depth)
    case .toolResult(let block): try append(block, depth)
    case .image(let block): try append(block, depth)
    case .file(let block): try append(block, depth)
    case .opaque(let block): append(block, depth)
    }
  }

  private func fields(_ type: String) -> ChatFields {
    var fields = ChatFields()
    fields.text("type", type)
    return fields
  }

  private func finish(_ fields: inout ChatFields, _ depth: Int, _ extras: [Extra]) {
    if depth > 0 { fields.number("in", Int64(depth)) }
    if !isCompact { fields.extras(extras) }
  }

  private static func bytes(_ text: JSONString) -> [UInt8] {
    var bytes: [UInt8] = []
    text.appendUnrepaired(to: &bytes)
    return bytes
  }

  private mutating func append(_ block: Block.Text, _ depth: Int, _ fold: String?) {
    let bytes = Self.bytes(block.text)
    var fields = fields("text")
    if fold == nil, ChatText.isPlain(bytes) {
      finish(&fields, depth, block.extras)
      marker(.block, &fields)
      ChatText.appendPlain(bytes, to: &out)
      newline()
    } else {
      let text = ChatText.Fenced(bytes)
      fields.flag("fenced", true)
      fields.shape(text)
      finish(&fields, depth, block.extras)
      marker(.block, &fields)
      fence(text, info: "text", fold: fold)
    }
    appendParts(fields)
  }

  private mutating func append(_ block: Block.Thinking, _ depth: Int) {
    if isCompact, block.text.isEmpty { return }
    let text = ChatText.Fenced(Self.bytes(block.text))
    var fields = fields("thinking")
    if !isCompact {
      fields.text("id", block.id)
      fields.text("kind", block.kind)
    }
    fields.shape(text)
    if !isCompact {
      fields.text("signature", block.signature)
      fields.text("encrypted", block.encrypted)
    }
    finish(&fields, depth, block.extras)
    marker(.block, &fields)
    fence(text, info: "text", fold: "Thinking")
    appendParts(fields)
  }

  private mutating func append(_ block: Block.ToolCall, _ depth: Int) {
    var fields = fields("tool_call")
    fields.text("id", block.id)
    fields.text("name", block.name)
    if let arguments = block.arguments {
      let text = ChatText.Fenced(ChatArguments.text(of: arguments))
      fields.shape(text)
      finish(&fields, depth, block.extras)
      marker(.block, &fields)
      fence(text, info: "json", fold: nil)
    } else {
      fields.null("arguments")
      finish(&fields, depth, block.extras)
      marker(.block, &fields)
      newline()
    }
    appendParts(fields)
  }

  private mutating func append(_ block: Block.ToolResult, _ depth: Int) throws(FormatError) {
    var fields = fields("tool_result")
    fields.text("id", block.callID)
    fields.text("name", block.name)
    fields.flag("error", block.isError)
    if block.content.count == 1, case .text(let content) = block.content[0],
      content.extras.isEmpty || isCompact
    {
      let text = ChatText.Fenced(Self.bytes(content.text))
      fields.shape(text)
      finish(&fields, depth, block.extras)
      marker(.block, &fields)
      fence(text, info: "text", fold: "Result")
      appendParts(fields)
    } else {
      fields.number("parts", Int64(block.content.count))
      finish(&fields, depth, block.extras)
      marker(.block, &fields)
      newline()
      appendParts(fields)
      for part in block.content { try append(part, depth: depth + 1, fold: "Result") }
    }
  }

  private mutating func append(_ block: Block.OpaqueBlock, _ depth: Int) {
    guard !isCompact else { return }
    let text = ChatText.Fenced(Array(block.json.bytes))
    var fields = fields("opaque")
    fields.text("format", block.format)
    fields.text("kind", block.type)
    fields.shape(text)
    finish(&fields, depth, [])
    marker(.block, &fields)
    fence(text, info: "json", fold: block.type.string)
    appendParts(fields)
  }
}
