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
    if layout == .current { omitEmpty("id", message.id) }
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
          ggcodeText(text, thinking: thinking)
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
    switch block {
    case .text(let text): ggcodeText(text, thinking: nil)
    case .thinking(let thinking):
      beginObject()
      key("type")
      literal(thinking.ridesOnText ? "text" : "thinking")
      ggcodeThinking(thinking)
      ggcodeBlockExtras(
        thinking.extras, except: GGCodeBlock.textFields)
      endObject()
    case .toolCall(let call):
      beginObject()
      field("type", "tool_use")
      omitEmpty("tool_name", call.name)
      omitEmpty("tool_id", call.id)
      if let arguments = call.arguments {
        key("input")
        compact(arguments.bytes)
      }
      ggcodeBlockExtras(call.extras, except: GGCodeBlock.callFields)
      endObject()
    case .toolResult(let result): ggcodeToolResult(result)
    case .image(let image):
      beginObject()
      field("type", "image")
      omitEmpty("image_mime", image.mediaType)
      omitEmpty("image_data", image.base64)
      ggcodeBlockExtras(image.extras, except: GGCodeBlock.imageFields)
      endObject()
    case .file(let file):
      // The tool has no files; their text is what its model would see.
      beginObject()
      field("type", "text")
      omitEmpty("text", file.text ?? file.name ?? file.path)
      endObject()
    case .opaque(let opaque):
      if opaque.format == GGCode.id, GGCodeMessage.isBlock(opaque.json) {
        compact(opaque.json.bytes)
      } else {
        beginObject()
        field("type", opaque.type)
        endObject()
      }
    }
  }

  private mutating func ggcodeText(_ text: Block.Text, thinking: Block.Thinking?) {
    beginObject()
    field("type", "text")
    omitEmpty("text", text.text)
    if let thinking { ggcodeThinking(thinking) }
    ggcodeBlockExtras(
      text.extras, except: GGCodeBlock.textFields)
    endObject()
  }

  private mutating func ggcodeThinking(_ thinking: Block.Thinking) {
    omitEmpty("reasoning_content", thinking.text)
    omitEmpty("thinking_signature", thinking.signature)
    omitEmpty("thinking_data", thinking.encrypted)
  }

  private mutating func ggcodeToolResult(_ result: Block.ToolResult) {
    beginObject()
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
    ggcodeBlockExtras(
      result.extras, except: GGCodeBlock.resultFields)
    endObject()
  }

  /// Members of this format that the block's kind does not use, and unknown ones.
  private mutating func ggcodeBlockExtras(
    _ extras: [Extra], except used: Set<GGCodeBlock.Field>
  ) {
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
