internal import JSONText
internal import SessionModel

/// What an entry says of a message, or of a run of its blocks.
struct PiMessage {
  private let message: Message
  private let blocks: [Block]
  private let head: SessionHead
  private let time: Timestamp

  private let format: String
  private let order: PiOrder
  /// The message's own identifier and time, where messages have these.
  var own: (id: String, time: Int64)?

  /// - Returns: Nil when nothing of it has a place.
  init?(
    _ message: Message, _ head: SessionHead, _ time: Timestamp, of format: String, _ order: PiOrder
  ) {
    let isAnswer = message.role == .assistant
    blocks = message.blocks.filter { block in
      switch block {
      case .text(let text): !text.text.isEmpty
      // Where order is by lines, the model gets reasoning without a signature as text of the answer.
      case .thinking(let thinking):
        isAnswer && (order != .lines || thinking.signature != nil || thinking.encrypted != nil)
      case .toolCall: isAnswer
      case .image(let image): image.base64 != nil && !isAnswer
      case .file(let file): file.inWords != nil && !isAnswer
      case .toolResult: true
      case .opaque: false
      }
    }
    if blocks.isEmpty { return nil }
    self.message = message
    self.format = format
    self.order = order
    self.head = head
    self.time = time
  }

  private var result: Block.ToolResult? {
    if case .toolResult(let result)? = blocks.first { result } else { nil }
  }

  /// Instructions, and what is hidden from the person, are no messages of the person's.
  private var isHidden: Bool {
    order != .lines && result == nil && message.role != .assistant
      && (message.role == .system || message.role == .developer || message.flags.contains(.hidden))
  }

  /// The entry's type.
  var type: String { isHidden ? "custom_message" : "message" }

  private func stated(_ key: String) -> RawJSON? { message.extras.value(key, of: format) }

  /// Writes the members of the entry that say it.
  func write(to json: inout JSONWriter) {
    if isHidden {
      let role = message.role == .user ? "hidden" : message.role.name
      json.field("customType", stated("customType") ?? RawJSON("\"\(role)\""))
      json.key("content")
      json.piBlocks(blocks, of: format)
      json.field("display", false)
      json.extras(message.extras, of: format, except: ["customType", "timestamp"])
      return
    }
    json.key("message")
    json.beginObject()
    if let own { json.field("id", own.id) }
    if let result {
      json.field("role", "toolResult")
      json.field("toolCallId", result.callID)
      json.field("toolName", result.name ?? "unknown")
      json.key("content")
      json.piBlocks(result.content, of: format)
      json.field("isError", result.isError)
    } else {
      json.field("role", message.role == .assistant ? "assistant" : "user")
      json.key("content")
      json.piBlocks(blocks, of: format)
      if message.role == .assistant { writeAnswer(&json) }
    }
    let time = own?.time ?? time.milliseconds
    json.field(
      "timestamp", own == nil ? stated("timestamp") ?? RawJSON("\(time)") : RawJSON("\(time)"))
    if message.role == .assistant || message.role == .tool {
      json.extras(
        message.extras.filter { !$0.key.hasPrefix("entry.") }, of: format,
        except: [
          "id", "metadata", "role", "content", "model", "timestamp", "usage", "provider", "api",
          "stopReason",
          "toolCallId", "toolName", "isError",
        ])
    }
    json.endObject()
  }

  /// Writes what Pi's statistics need of an answer.
  private func writeAnswer(_ json: inout JSONWriter) {
    let model = message.model ?? head.model
    let provider = ModelProvider.name(for: model, head)
    let api =
      switch provider {
      case "anthropic": "anthropic-messages"
      case "openai": "openai-responses"
      case "google": "google-generative-ai"
      default: "openai-completions"
      }
    json.field("api", stated("api") ?? RawJSON("\"\(api)\""))
    json.key("provider")
    if let stated = stated("provider") { json.raw(stated) } else { json.string(provider) }
    json.field("model", model ?? ModelProvider.unknown)
    json.key("usage")
    if let stated = stated("usage") { json.raw(stated) } else { json.piUsage(message.usage) }
    let calls = blocks.contains { if case .toolCall = $0 { true } else { false } }
    json.field("stopReason", stated("stopReason") ?? RawJSON(calls ? "\"toolUse\"" : "\"stop\""))
  }
}

extension JSONWriter {
  /// The summary of a compaction, as the model gets it.
  mutating func piSummary(_ summary: String, _ id: String, _ time: Int64) {
    key("message")
    beginObject()
    field("id", id)
    field("role", "user")
    array("content", [summary]) { json, text in
      json.object(["type": "text", "text": JSONString(text)])
    }
    field("timestamp", RawJSON("\(time)"))
    key("metadata")
    beginObject()
    key("compaction")
    object(["summary": JSONString(summary)])
    endObject()
    endObject()
  }

  fileprivate mutating func piBlocks(_ blocks: [Block], of format: String) {
    beginArray()
    for block in blocks { piBlock(block, of: format) }
    endArray()
  }

  private mutating func piBlock(_ block: Block, of format: String) {
    switch block {
    case .text(let text): piText(text.text, text.extras, of: format)
    case .file(let file): piText(file.inWords ?? "", [], of: format)
    case .image(let image) where image.base64 != nil:
      beginObject()
      field("type", "image")
      field("data", image.base64 ?? "")
      field("mimeType", image.mediaType ?? "image/png")
      endObject()
    case .thinking(let thinking): piThinking(thinking, of: format)
    case .toolCall(let call):
      beginObject()
      field("type", "toolCall")
      field("id", call.id)
      field("name", call.name)
      field("arguments", .object(call.arguments))
      extras(call.extras, of: format)
      endObject()
    case .image, .toolResult, .opaque: break
    }
  }

  private mutating func piText(_ text: JSONString, _ extras: [Extra], of format: String) {
    beginObject()
    field("type", "text")
    field("text", text)
    self.extras(extras, of: format)
    endObject()
  }

  private mutating func piThinking(_ thinking: Block.Thinking, of format: String) {
    beginObject()
    field("type", "thinking")
    field("thinking", thinking.text)
    if thinking.extras.value("thinkingSignature", of: format) != nil {
      // It is written with the other members of Pi's own.
    } else if let signature = thinking.signature {
      field("thinkingSignature", signature)
    } else if let data = thinking.encrypted, let id = thinking.id {
      var item = JSONWriter(reserving: 256)
      item.beginObject()
      item.field("id", id)
      item.field("type", "reasoning")
      item.field("encrypted_content", data)
      item.field("summary", RawJSON("[]"))
      item.endObject()
      field("thinkingSignature", String(decoding: item.bytes, as: UTF8.self))
    } else if let data = thinking.encrypted {
      field("thinkingSignature", data)
      field("redacted", true)
    }
    extras(thinking.extras, of: format)
    endObject()
  }

  fileprivate mutating func piUsage(_ usage: TokenUsage?) {
    let counts = [usage?.input, usage?.output, usage?.cacheRead, usage?.cacheWrite].map { $0 ?? 0 }
    beginObject()
    field("input", counts[0])
    field("output", counts[1])
    field("cacheRead", counts[2])
    field("cacheWrite", counts[3])
    field("totalTokens", counts.reduce(0) { $0.addingReportingOverflow($1).partialValue })
    field("cost", RawJSON(#"{"input":0,"output":0,"cacheRead":0,"cacheWrite":0,"total":0}"#))
    endObject()
  }
}
