internal import JSONText
internal import SessionModel

extension GGCodeMessage {
  /// Whether a message has a place in a session file.
  ///
  /// Events in message form (term-llm's role `event`) and side conversations do not: the tool would
  /// send them to the model.
  static func isExpressible(_ message: Message) -> Bool {
    message.role != .other("event") && !message.flags.contains(.sideChain)
  }

  static func roleName(of message: Message) -> String {
    switch message.role {
    case .tool where message.holdsOnlyToolResults: "user"
    case .developer: "system"
    default: message.role.name
    }
  }
}

extension JSONWriter {
  /// Writes a message in the tool's struct layout.
  mutating func ggcodeMessage(_ message: Message, layout: GGCodeLayout) {
    beginObject()
    if layout.identifiesMessages { omitEmpty("id", message.id) }
    field("role", GGCodeMessage.roleName(of: message))
    key("content")
    if message.blocks.isEmpty {
      let isNil = message.extras.value("content", of: GGCode.id) == .null
      raw(isNil ? .null : RawJSON("[]"))
    } else {
      beginArray()
      var index = 0
      while index < message.blocks.count {
        if case .thinking(let thinking) = message.blocks[index],
          index + 1 < message.blocks.count,
          case .text(let text) = message.blocks[index + 1], thinking.ridesOnText,
          !text.text.isEmpty
        {
          beginObject()
          ggcodeText(text, thinking: thinking)
          endObject()
          index += 2
        } else {
          ggcodeBlock(message.blocks[index])
          index += 1
        }
      }
      endArray()
    }
    ggcodeExtras(message.extras)
    endObject()
  }

  private mutating func ggcodeBlock(_ block: Block) {
    if case .opaque(let opaque) = block, opaque.format == GGCode.id,
      GGCodeMessage.isBlock(opaque.json)
    {
      return compact(opaque.json.bytes)
    }
    beginObject()
    switch block {
    case .text(let text): ggcodeText(text)
    case .thinking(let thinking):
      field("type", thinking.ridesOnText ? "text" : "thinking")
      ggcodeThinking(thinking)
      ggcodeExtras(thinking.extras, beside: GGCodeBlock.textFields)
    case .toolCall(let call):
      field("type", "tool_use")
      omitEmpty("tool_name", call.name)
      omitEmpty("tool_id", call.id)
      if let arguments = call.arguments {
        key("input")
        compact(arguments.bytes)
      }
      ggcodeExtras(call.extras, beside: GGCodeBlock.callFields)
    case .toolResult(let result): ggcodeToolResult(result)
    case .image(let image):
      field("type", "image")
      omitEmpty("image_mime", image.mediaType)
      omitEmpty("image_data", image.base64)
      ggcodeExtras(image.extras, beside: GGCodeBlock.imageFields)
    case .file(let file):
      field("type", "text")
      omitEmpty("text", file.inWords)
    case .opaque(let opaque): field("type", opaque.type)
    }
    endObject()
  }

  /// - Parameter thinking: The reasoning that stands in the same block.
  private mutating func ggcodeText(_ text: Block.Text, thinking: Block.Thinking? = nil) {
    field("type", "text")
    omitEmpty("text", text.text)
    if let thinking { ggcodeThinking(thinking) }
    ggcodeExtras(text.extras, beside: GGCodeBlock.textFields)
  }

  private mutating func ggcodeThinking(_ thinking: Block.Thinking) {
    omitEmpty("reasoning_content", thinking.text)
    omitEmpty("thinking_signature", thinking.signature)
    omitEmpty("thinking_data", thinking.encrypted)
  }

  private mutating func ggcodeToolResult(_ result: Block.ToolResult) {
    field("type", "tool_result")
    omitEmpty("tool_name", result.name)
    omitEmpty("tool_id", result.callID)
    let texts = result.content.compactMap(\.plainText)
    if texts.count == 1 {
      omitEmpty("output", texts[0])
    } else if texts.count > 1 {
      omitEmpty("output", texts.map(\.string).joined(separator: "\n"))
    }
    if result.isError { field("is_error", true) }
    let images = result.content.compactMap { if case .image(let image) = $0 { image } else { nil } }
    if !images.isEmpty {
      key("images")
      beginArray()
      for image in images {
        beginObject()
        field("mime", image.mediaType ?? "")
        field("base64", image.base64 ?? "")
        endObject()
      }
      endArray()
    }
    ggcodeExtras(result.extras, beside: GGCodeBlock.resultFields)
  }

  /// Members of this format that the block's kind does not use, and unknown ones.
  private mutating func ggcodeExtras(_ extras: [Extra], beside used: Set<GGCodeBlock.Field>) {
    for extra in extras where extra.format == GGCode.id {
      guard let field = GGCodeBlock.Field(name: extra.key), field != .type,
        !used.contains(field), GGCodeBlock.isValue(extra.value, of: field)
      else { continue }
      key(JSONString(extra.key))
      compact(extra.value.bytes)
    }
    ggcodeExtras(extras)
  }
}

extension Block.Thinking {
  /// Whether the tool keeps this reasoning in a text block and not in a block of its own.
  fileprivate var ridesOnText: Bool {
    kind != "thinking" && (encrypted == nil || !text.isEmpty) && extras.isEmpty
  }
}
