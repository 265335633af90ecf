package import JSONText
package import SessionModel

/// Mapping of messages into the model.
package enum GGCodeMessage {
  package static let fields = GGCodeFields(["id", "role", "content"])
  package static let imageFields = GGCodeFields(["mime", "base64"])

  /// One flat struct serves all block kinds; these are its fields in the order of the file.
  package static let blockFields = GGCodeFields([
    "type", "text", "image_mime", "image_data", "tool_name", "tool_id", "input", "output",
    "is_error", "images", "reasoning_content", "thinking_signature", "thinking_data", "cache",
  ])

  package static func message(from value: JSONValue) throws(GGCodeDamage) -> Message {
    let object = try GGCodeObject(value, "message", fields)
    var message = Message(role: Role(try object.text(1) ?? ""))
    // Classic releases do not know `id`, so that one of another type does not make them drop the line.
    if let id = object[0] {
      if let text = id.string {
        if !text.isEmpty { message.id = text.string }
      } else {
        message.extras.append(Extra(format: GGCode.id, key: "id", value: RawJSON(id.raw)))
      }
    }
    if let content = object[2] {
      for element in try content.goArray("content") {
        message.blocks += try blocks(from: element)
      }
    } else {
      message.extras.append(Extra(format: GGCode.id, key: "content", value: .null))
    }
    message.extras += object.unknown
    // Tool results travel in user messages; the model gives them a role of their own.
    if message.role == .user, message.holdsOnlyToolResults { message.role = .tool }
    return message
  }

  /// What a `null` in a list of messages decodes to.
  static let empty = Message(
    role: .other(""), extras: [Extra(format: GGCode.id, key: "content", value: .null)])

  /// Whether a block of this format can stand in a message as it is.
  static func isBlock(_ json: RawJSON) -> Bool {
    guard let document = JSONDocument(ifValid: Array(json.bytes), limits: .go) else { return false }
    return (try? blocks(from: document.root)) != nil
  }

  private static func blocks(from element: JSONValue) throws(GGCodeDamage) -> [Block] {
    if element.isNull {
      return [.opaque(Block.OpaqueBlock(format: GGCode.id, type: "", json: .null))]
    }
    let block = try GGCodeBlock(element)
    switch block.string(.type).string {
    case "text":
      let rest = block.extras(beside: GGCodeBlock.textFields)
      let text = Block.text(Block.Text(block.string(.text), extras: rest))
      guard var thinking = block.thinking else { return [text] }
      if !block.string(.text).isEmpty { return [.thinking(thinking), text] }
      thinking.extras = rest
      return [.thinking(thinking)]
    case "thinking":
      guard block.string(.text).isEmpty, var thinking = block.thinking else { break }
      // Redacted reasoning has this type by itself; other reasoning usually lies in text blocks.
      if !thinking.text.isEmpty || thinking.encrypted == nil { thinking.kind = "thinking" }
      thinking.extras = block.extras(beside: GGCodeBlock.textFields)
      return [.thinking(thinking)]
    case "tool_use":
      return [
        .toolCall(
          Block.ToolCall(
            id: block.string(.toolID), name: block.string(.toolName),
            arguments: block.object.raw(GGCodeBlock.Field.input.rawValue),
            extras: block.extras(beside: GGCodeBlock.callFields)))
      ]
    case "tool_result":
      var result = Block.ToolResult(callID: block.string(.toolID), name: block.filled(.toolName))
      if let output = block.filled(.output) { result.content.append(.text(Block.Text(output))) }
      result.isError = block.isError
      result.content += block.images.map { .image($0) }
      result.extras = block.extras(beside: GGCodeBlock.resultFields)
      return [.toolResult(result)]
    case "image":
      return [
        .image(
          Block.Image(
            mediaType: block.filled(.imageMIME), base64: block.filled(.imageData),
            extras: block.extras(beside: GGCodeBlock.imageFields)))
      ]
    default: break
    }
    return [
      .opaque(
        Block.OpaqueBlock(
          format: GGCode.id, type: block.string(.type), json: RawJSON(element.raw)))
    ]
  }
}
