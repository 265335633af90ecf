internal import JSONText
internal import SessionModel

extension JSONWriter {
  /// Writes the members of an item's payload.
  mutating func codexItem(_ part: CodexPart, of message: Message) {
    // Members that may come along in an item of a session that was read elsewhere, each written once.
    var own = message.extras.filter {
      $0.format == Codex.id && ["phase", "status", "namespace", "execution"].contains($0.key)
    }
    switch part {
    case .content(let blocks):
      let type = message.extras.text(CodexExtra.type, of: Codex.id)
      field("type", type ?? "message")
      codexMember("status", &own)
      // The service that the program uses refuses system messages in the conversation.
      if type == nil { field("role", message.role == .system ? "developer" : message.role.name) }
      codexContent("content", blocks, isAnswer: message.role == .assistant)
    case .call(let call): codexCall(call, &own)
    case .result(let result): codexResult(result, &own)
    case .reasoning, .opaque: break
    }
    extras(own, of: Codex.id)
  }

  private mutating func codexMember(_ name: StaticString, _ own: inout [Extra]) {
    guard let index = own.firstIndex(where: { $0.key == name.description }) else { return }
    field(name, own.remove(at: index).value)
  }

  private mutating func codexContent(
    _ name: StaticString, _ blocks: [Block], isAnswer: Bool
  ) {
    array(name, blocks) { json, block in
      switch block {
      case .text(let text):
        let own = text.extras.text(CodexExtra.type, of: Codex.id)
        let type = own.map { JSONString($0) } ?? (isAnswer ? "output_text" : "input_text")
        json.object(["type": type, "text": text.text])
      case .image(let image):
        guard let url = ImageAddress.url(image) else { return }
        json.object(["type": "input_image", "image_url": url])
      case .file, .thinking, .toolCall, .toolResult, .opaque: break
      }
    }
  }

  private mutating func codexCall(_ call: Block.ToolCall, _ own: inout [Extra]) {
    let type = call.extras.text(CodexExtra.type, of: Codex.id) ?? "function_call"
    // The text in arguments that are one JSON string.
    let text = call.arguments.flatMap { JSONDocument(ifValid: Array($0.bytes)) }?.root.string
    field("type", type)
    switch type {
    case "custom_tool_call":
      codexMember("status", &own)
      field("call_id", call.id)
      field("name", call.name)
      codexMember("namespace", &own)
      if let text { field("input", text) }
    case "local_shell_call", "web_search_call", "tool_search_call":
      if type != "web_search_call", !call.id.isEmpty { field("call_id", call.id) }
      codexMember("status", &own)
      codexMember("execution", &own)
      if let arguments = call.arguments {
        key(type == "tool_search_call" ? "arguments" : "action")
        raw(arguments)
      }
    case "image_generation_call": codexMember("status", &own)
    default:
      field("name", call.name)
      codexMember("namespace", &own)
      if call.extras.value(CodexExtra.isText, of: Codex.id) != nil, let text {
        field("arguments", text)
      } else {
        field("arguments", JSONString(decodedUTF8: Array(call.arguments?.bytes ?? [0x7B, 0x7D])))
      }
      field("call_id", call.id)
    }
  }

  private mutating func codexResult(_ result: Block.ToolResult, _ own: inout [Extra]) {
    let type = result.extras.text(CodexExtra.type, of: Codex.id) ?? "function_call_output"
    let isSearch = type == "tool_search_output"
    field("type", type)
    if !(isSearch && result.callID.isEmpty) { field("call_id", result.callID) }
    if isSearch {
      codexMember("status", &own)
      codexMember("execution", &own)
    }
    let content = result.content.filter(\.isCodexContent)
    if isSearch, result.content.count == 1, case .opaque(let opaque) = result.content[0],
      opaque.format == Codex.id
    {
      field("tools", opaque.json)
    } else if content.count == 1, let text = content[0].plainText,
      result.extras.value(CodexExtra.isArray, of: Codex.id) == nil
    {
      field("output", text)
    } else if content.isEmpty {
      field("output", "")
    } else {
      codexContent("output", content, isAnswer: false)
    }
  }
}

extension Block {
  /// Whether a result's output has a place for it.
  fileprivate var isCodexContent: Bool {
    switch self {
    case .text, .file: true
    case .image(let image): ImageAddress.url(image) != nil
    case .thinking, .toolCall, .toolResult, .opaque: false
    }
  }
}
