internal import JSONText
internal import SessionModel

/// One item of the log that the model sees, to be written.
enum CodexPart {
  /// Text and pictures.
  case content([Block])
  /// Reasoning of one model call.
  case reasoning([Block.Thinking])
  /// A tool call.
  case call(Block.ToolCall)
  /// A picture with the call that made it, of the kind that makes one.
  indirect case picture(Block.Image, of: Block.ToolCall)
  /// A tool's answer.
  case result(Block.ToolResult)
  /// An item that is kept as it is.
  case opaque(RawJSON)

  /// The items that a message is written as, in order.
  static func parts(of message: Message) -> [CodexPart] {
    var parts: [CodexPart] = []
    var content: [Block] = []
    func isTyped(_ call: Block.ToolCall, _ type: String) -> Bool {
      call.extras.codexText(CodexExtra.type) == type
    }
    func flush() {
      if !content.isEmpty { parts.append(.content(content)) }
      content = []
    }
    for block in message.blocks {
      switch block {
      case .thinking(let thinking):
        flush()
        if case .reasoning(let list)? = parts.last {
          parts[parts.count - 1] = .reasoning(list + [thinking])
        } else {
          parts.append(.reasoning([thinking]))
        }
      case .toolCall(let call):
        flush()
        parts.append(.call(call))
      case .toolResult(let result):
        flush()
        parts.append(.result(result))
      case .image(let image):
        if content.isEmpty, case .call(let call)? = parts.last,
          isTyped(call, "image_generation_call")
        {
          parts[parts.count - 1] = .picture(image, of: call)
        } else {
          content.append(block)
        }
      case .opaque(let opaque) where opaque.format == Codex.id && isItem(opaque.type):
        flush()
        parts.append(.opaque(opaque.json))
      case .text, .file, .opaque: content.append(block)
      }
    }
    flush()
    return parts
  }

  private static func isItem(_ type: JSONString) -> Bool {
    type.equals("compaction") || type.equals("compaction_summary")
      || type.equals("context_compaction")
  }
}

extension JSONWriter {
  /// Writes an item's payload.
  mutating func codexItem(_ part: CodexPart, of message: Message) {
    var fields = CodexFields(message.extras)
    switch part {
    case .opaque(let json): raw(json)
    case .content(let blocks):
      beginObject()
      field("type", message.extras.codexText(CodexExtra.type) ?? "message")
      codexField("status", &fields)
      if message.extras.codexText(CodexExtra.type) == nil {
        field("role", CodexContent.role(of: message))
      } else {
        codexField("author", &fields)
        codexField("recipient", &fields)
      }
      key("content")
      beginArray()
      for block in blocks { codexContent(block, isAnswer: message.role == .assistant) }
      endArray()
      codexRest(&fields)
      endObject()
    case .reasoning(let thinking):
      beginObject()
      field("type", "reasoning")
      codexReasoning(thinking, &fields)
      codexRest(&fields)
      endObject()
    case .call(let call): codexCall(call, nil, &fields)
    case .picture(let image, let call): codexCall(call, image, &fields)
    case .result(let result): codexResult(result, &fields)
    }
  }

  private mutating func codexField(_ name: String, _ fields: inout CodexFields) {
    guard let value = fields.take(name) else { return }
    key(JSONString(name))
    raw(value)
  }

  private mutating func codexRest(_ fields: inout CodexFields) {
    for extra in fields.rest() {
      key(JSONString(extra.key))
      raw(extra.value)
    }
  }

  // MARK: Content

  private mutating func codexContent(_ block: Block, isAnswer: Bool) {
    switch block {
    case .text(let text):
      beginObject()
      field(
        "type", text.extras.codexText(CodexExtra.type) ?? (isAnswer ? "output_text" : "input_text"))
      field("text", text.text)
      endObject()
    case .image(let image):
      guard let url = CodexImage.url(image) else { return }
      beginObject()
      field("type", "input_image")
      field("image_url", url)
      endObject()
    case .file(let file):
      beginObject()
      field("type", isAnswer ? "output_text" : "input_text")
      field("text", file.text ?? file.name ?? file.path ?? "")
      endObject()
    case .thinking, .toolCall, .toolResult, .opaque: break
    }
  }

  private mutating func codexReasoning(
    _ thinking: [Block.Thinking], _ fields: inout CodexFields
  ) {
    let summary = thinking.filter { $0.kind != "raw" }
    let content = thinking.filter { $0.kind == "raw" }
    key("summary")
    beginArray()
    for part in summary where !part.text.isEmpty || part.encrypted == nil {
      codexReasoningPart(part, usual: "summary_text")
    }
    endArray()
    if !content.isEmpty {
      key("content")
      beginArray()
      for part in content { codexReasoningPart(part, usual: "reasoning_text") }
      endArray()
    } else {
      codexField("content", &fields)
    }
    if let encrypted = thinking.lazy.compactMap(\.encrypted).first {
      field("encrypted_content", encrypted)
    } else {
      codexField("encrypted_content", &fields)
    }
  }

  private mutating func codexReasoningPart(_ part: Block.Thinking, usual: String) {
    beginObject()
    if let type = part.extras.codex(CodexExtra.type) {
      field("type", type)
    } else {
      field("type", usual)
    }
    field("text", part.text)
    for extra in part.extras where extra.format == Codex.id && extra.key != CodexExtra.type {
      key(JSONString(extra.key))
      raw(extra.value)
    }
    endObject()
  }

  // MARK: Tools

  private mutating func codexCall(
    _ call: Block.ToolCall, _ picture: Block.Image?, _ fields: inout CodexFields
  ) {
    let type = call.extras.codexText(CodexExtra.type) ?? "function_call"
    beginObject()
    field("type", type)
    switch type {
    case "custom_tool_call":
      codexField("status", &fields)
      field("call_id", call.id)
      field("name", call.name)
      codexField("namespace", &fields)
      if let input = call.codexText { field("input", input) }
    case "local_shell_call", "web_search_call", "tool_search_call":
      if !call.id.isEmpty { field("call_id", call.id) }
      codexField("status", &fields)
      codexField("execution", &fields)
      if let arguments = call.arguments {
        key(type == "tool_search_call" ? "arguments" : "action")
        raw(arguments)
      }
    case "image_generation_call":
      codexField("status", &fields)
      codexField("revised_prompt", &fields)
      if let result = picture?.base64 { field("result", result) }
    default:
      field("name", call.name)
      codexField("namespace", &fields)
      if call.extras.codex(CodexExtra.isText) != nil, let text = call.codexText {
        field("arguments", text)
      } else if let arguments = call.arguments {
        field("arguments", JSONString(decodedUTF8: Array(arguments.bytes)))
      } else {
        field("arguments", "{}")
      }
      field("call_id", call.id)
    }
    codexRest(&fields)
    endObject()
  }

  private mutating func codexResult(
    _ result: Block.ToolResult, _ fields: inout CodexFields
  ) {
    let type = result.extras.codexText(CodexExtra.type) ?? "function_call_output"
    beginObject()
    field("type", type)
    if !(type == "tool_search_output" && result.callID.isEmpty) {
      field("call_id", result.callID)
    }
    if type == "tool_search_output" {
      codexField("status", &fields)
      codexField("execution", &fields)
    }
    let content = result.content.filter(\.hasCodexContent)
    if result.content.count == 1, case .opaque(let opaque) = result.content[0],
      opaque.format == Codex.id, type == "tool_search_output"
    {
      key("tools")
      raw(opaque.json)
    } else if content.count == 1, let text = content[0].plainText,
      result.extras.codex("output_is_array") == nil
    {
      field("output", text)
    } else if content.isEmpty {
      field("output", "")
    } else {
      key("output")
      beginArray()
      for block in content { codexContent(block, isAnswer: false) }
      endArray()
    }
    codexRest(&fields)
    endObject()
  }
}

extension Block {
  /// Whether a session of another format has this block in a result.
  fileprivate var hasCodexContent: Bool {
    switch self {
    case .text, .file: true
    case .image(let image): CodexImage.url(image) != nil
    case .thinking, .toolCall, .toolResult, .opaque: false
    }
  }
}

extension Block.ToolCall {
  /// The text in arguments that are one JSON string.
  var codexText: JSONString? {
    guard let arguments, let document = JSONDocument(ifValid: [UInt8](arguments.bytes)) else {
      return nil
    }
    return document.root.string
  }
}

/// The fields of an item that the model has no place for and that may come along, each handed out once.
struct CodexFields {
  /// Fields that may come along in an item of a session that was read elsewhere.
  private static let harmless: Set<String> = ["phase", "status", "namespace", "execution"]

  private var extras: [Extra]

  init(_ extras: [Extra]) {
    self.extras = extras.filter { $0.format == Codex.id && Self.harmless.contains($0.key) }
  }

  mutating func take(_ name: String) -> RawJSON? {
    guard let index = extras.firstIndex(where: { $0.key == name }) else { return nil }
    return extras.remove(at: index).value
  }

  mutating func rest() -> [Extra] {
    defer { extras = [] }
    return extras
  }
}

extension CodexContent {
  /// The role's word in an item.
  static func role(of message: Message) -> String {
    // The service that the program uses refuses system messages in the conversation.
    message.role == .system ? "developer" : message.role.name
  }
}
