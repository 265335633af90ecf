internal import JSONText
internal import SessionModel

/// What a message, or a run of its blocks, says as parts of the Gemini API.
struct QwenParts {
  /// What the program writes of a tool that gives media and no text (`coreToolScheduler.ts`).
  static let success = "Tool execution succeeded."

  private let blocks: [Block]
  private let role: String
  private let isHistory: Bool

  /// - Parameter isHistory: Whether the parts stand in a compression.
  /// - Returns: Nil when nothing of the message has a place.
  init?(_ message: Message, isHistory: Bool = false) {
    let isAnswer = message.role == .assistant
    blocks = message.blocks.filter { block in
      switch block {
      case .text(let text): !text.text.isEmpty
      case .thinking(let thinking): isAnswer && !thinking.text.isEmpty
      case .toolCall: isAnswer
      case .image(let image): image.base64 != nil && !isAnswer
      case .file(let file): (file.base64 ?? file.inWords) != nil && !isAnswer
      case .toolResult: true
      case .opaque: false
      }
    }
    if blocks.isEmpty { return nil }
    role = isAnswer ? "model" : "user"
    self.isHistory = isHistory
  }

  /// Writes the member `message` of a record.
  func writeMessage(to json: inout JSONWriter) {
    json.key("message")
    writeContent(to: &json)
  }

  /// Writes the content as an object.
  func writeContent(to json: inout JSONWriter) {
    json.beginObject()
    json.field("role", role)
    json.key("parts")
    json.beginArray()
    for block in blocks { write(block, to: &json) }
    json.endArray()
    json.endObject()
  }

  private func write(_ block: Block, to json: inout JSONWriter) {
    json.beginObject()
    switch block {
    case .text(let text):
      json.field("text", text.text)
      json.extras(text.extras, of: QwenCode.id)
    case .thinking(let thinking):
      json.field("text", thinking.text)
      json.field("thought", true)
      json.extras(thinking.extras, of: QwenCode.id)
    case .toolCall(let call):
      json.key("functionCall")
      json.beginObject()
      json.field("id", call.id)
      json.field("name", call.name)
      json.field("args", .object(call.arguments))
      json.endObject()
    case .toolResult(let result): writeResponse(result, to: &json)
    case .image(let image): json.data(image.mediaType ?? "image/png", image.base64 ?? "")
    case .file(let file):
      if let data = file.base64 {
        json.data(file.mediaType ?? "application/octet-stream", data)
      } else {
        json.field("text", file.inWords ?? "")
      }
    case .opaque: break
    }
    json.endObject()
  }

  private func writeResponse(_ result: Block.ToolResult, to json: inout JSONWriter) {
    let texts = result.content.compactMap { block -> String? in
      if case .file(let file) = block { return file.base64 == nil ? file.inWords?.string : nil }
      return block.plainText?.string
    }
    let media = result.content.filter { block in
      switch block {
      case .image(let image): image.base64 != nil
      case .file(let file): file.base64 != nil
      default: false
      }
    }
    let stated = texts.joined(separator: "\n")
    let output = stated.isEmpty && !media.isEmpty ? Self.success : stated
    json.key("functionResponse")
    json.beginObject()
    json.field("id", result.callID)
    json.field("name", result.name ?? JSONString(ModelProvider.unknown))
    json.key("response")
    json.beginObject()
    json.field("output", output)
    if result.isError { json.field("error", output) }
    json.endObject()
    if !media.isEmpty {
      json.key("parts")
      json.beginArray()
      for block in media { write(block, to: &json) }
      json.endArray()
    }
    json.endObject()
  }
}

extension JSONWriter {
  fileprivate mutating func data(_ type: JSONString, _ base64: JSONString) {
    key("inlineData")
    beginObject()
    field("mimeType", type)
    field("data", base64)
    endObject()
  }
}
