internal import JSONText
internal import SessionModel

/// An item of the log that the model sees, read.
struct CodexItem {
  /// The message it stands for; nil for items that are no part of the conversation.
  var message: Message?
  /// The item's type.
  var type: String
  /// Why the program skips it.
  var skipped: String?

  private static let common: [StaticString] = ["type", "id"]

  init(_ payload: JSONValue) {
    type = payload["type"]?.string?.string ?? ""
    if type.isEmpty {
      guard payload["role"]?.string != nil, payload["content"] != nil else { return }
      skipped = "the item has no type"
      readMessage(payload)
      return
    }
    switch type {
    case "message": readMessage(payload)
    case "agent_message": readAgentMessage(payload)
    case "reasoning": readReasoning(payload)
    case "function_call": readFunctionCall(payload)
    case "custom_tool_call": readCustomCall(payload)
    case "local_shell_call": readCall(payload, name: "local_shell", arguments: "action")
    case "web_search_call": readCall(payload, name: "web_search", arguments: "action")
    case "tool_search_call": readCall(payload, name: "tool_search", arguments: "arguments")
    case "function_call_output", "custom_tool_call_output": readOutput(payload)
    case "tool_search_output": readSearchOutput(payload)
    case "image_generation_call": readImageGeneration(payload)
    case "compaction", "compaction_summary", "context_compaction":
      let block = Block.opaque(
        Block.OpaqueBlock(
          format: Codex.id, type: JSONString(type), json: RawJSON(payload.raw)))
      message = Message(role: .assistant, blocks: [block], flags: [.hidden, .compactionSummary])
    default: break
    }
  }

  private mutating func set(
    _ payload: JSONValue, _ role: Role, _ blocks: [Block], flags: MessageFlags = [],
    known: [StaticString]
  ) {
    var extras: [Extra] = []
    extras.addCodexMembers(of: payload, except: known + Self.common)
    let id = payload["id"]?.string?.string
    if id == nil, let other = payload["id"] { extras.addCodex("id", RawJSON(other.raw)) }
    message = Message(id: id, role: role, blocks: blocks, flags: flags, extras: extras)
  }

  // MARK: Messages

  private mutating func readMessage(_ payload: JSONValue) {
    let role = Role(payload["role"]?.string?.string ?? "")
    let (blocks, problem) = CodexContent.blocks(payload["content"])
    if payload["role"]?.string == nil { skipped = skipped ?? "the message has no role" }
    if let problem { skipped = skipped ?? problem }
    set(
      payload, role, blocks, flags: CodexContext.flags(role: role, blocks: blocks),
      known: ["role", "content"])
  }

  private mutating func readAgentMessage(_ payload: JSONValue) {
    let (blocks, problem) = CodexContent.blocks(payload["content"])
    skipped = problem
    set(payload, .user, blocks, flags: .synthetic, known: ["content"])
    message?.extras.addCodex(CodexExtra.type, text: type)
  }

  private mutating func readReasoning(_ payload: JSONValue) {
    var blocks: [Block] = []
    if let summary = payload["summary"], summary.kind == .array {
      for part in summary.elements { blocks.append(.thinking(thinking(part, kind: "summary"))) }
    } else {
      skipped = "the reasoning has no summary"
    }
    var known: [StaticString] = ["summary"]
    if let content = payload["content"], content.kind == .array {
      known.append("content")
      for part in content.elements { blocks.append(.thinking(thinking(part, kind: "raw"))) }
    }
    if let encrypted = payload["encrypted_content"]?.string {
      known.append("encrypted_content")
      if blocks.isEmpty { blocks.append(.thinking(Block.Thinking(kind: "summary"))) }
      if case .thinking(var first) = blocks[0] {
        first.encrypted = encrypted
        blocks[0] = .thinking(first)
      }
    }
    if !blocks.isEmpty, let id = payload["id"]?.string, case .thinking(var first) = blocks[0] {
      first.id = id
      blocks[0] = .thinking(first)
    }
    set(payload, .assistant, blocks, known: known)
    if blocks.isEmpty { message?.extras.addCodex(CodexExtra.type, text: type) }
  }

  private func thinking(_ part: JSONValue, kind: String) -> Block.Thinking {
    var block = Block.Thinking(part["text"]?.string ?? "", kind: kind)
    let usual: StaticString = kind == "summary" ? "summary_text" : "reasoning_text"
    if part["type"]?.string?.equals(usual) != true, let type = part["type"] {
      block.extras.addCodex(CodexExtra.type, RawJSON(type.raw))
    }
    block.extras.addCodexMembers(of: part, except: ["type", "text"])
    return block
  }

  // MARK: Tool calls

  /// Why the program skips a call; nil when it has all that is needed.
  static func problem(ofCall payload: JSONValue, type: String) -> String? {
    func isText(_ name: StaticString) -> Bool { payload[name]?.kind == .string }
    switch type {
    case "function_call", "custom_tool_call":
      guard isText("call_id"), isText("name") else {
        return "the call has no identifier or no name"
      }
      if type == "function_call" {
        return isText("arguments") ? nil : "the arguments are not a text"
      }
      return isText("input") ? nil : "the input is not a text"
    default: return nil
    }
  }

  private mutating func readFunctionCall(_ payload: JSONValue) {
    var call = Block.ToolCall(
      id: payload["call_id"]?.string ?? "", name: payload["name"]?.string ?? "")
    var known: [StaticString] = ["call_id", "name"]
    skipped = Self.problem(ofCall: payload, type: type)
    let arguments = payload["arguments"]
    if let text = arguments?.string {
      known.append("arguments")
      Self.readArguments(text, into: &call)
    } else if let arguments, !arguments.isNull {
      call.arguments = RawJSON(arguments.raw)
    }
    set(payload, .assistant, [.toolCall(call)], known: known)
  }

  /// Arguments stand as JSON text in a string; text that is not JSON is kept as a string.
  private static func readArguments(_ text: JSONString, into call: inout Block.ToolCall) {
    var bytes: [UInt8] = []
    text.appendUnrepaired(to: &bytes)
    if let document = try? JSONDocument(bytes, limits: .go), text.isExact {
      call.arguments = RawJSON(document.bytes[...])
    } else {
      call.arguments = literal(text)
      call.extras.addCodex(CodexExtra.isText, RawJSON("true"))
    }
  }

  private static func literal(_ text: JSONString) -> RawJSON {
    var writer = JSONWriter(reserving: text.utf8Count + 2)
    writer.string(text)
    return RawJSON(writer.bytes[...])
  }

  private mutating func readCustomCall(_ payload: JSONValue) {
    var call = Block.ToolCall(
      id: payload["call_id"]?.string ?? "", name: payload["name"]?.string ?? "")
    var known: [StaticString] = ["call_id", "name"]
    skipped = Self.problem(ofCall: payload, type: type)
    if let input = payload["input"]?.string {
      known.append("input")
      call.arguments = Self.literal(input)
    }
    call.extras.addCodex(CodexExtra.type, text: type)
    set(payload, .assistant, [.toolCall(call)], known: known)
  }

  private mutating func readCall(_ payload: JSONValue, name: JSONString, arguments: StaticString) {
    var call = Block.ToolCall(id: payload["call_id"]?.string ?? "", name: name)
    var known: [StaticString] = []
    if payload["call_id"]?.string != nil { known.append("call_id") }
    if let value = payload[arguments], !value.isNull {
      call.arguments = RawJSON(value.raw)
      known.append(arguments)
    }
    call.extras.addCodex(CodexExtra.type, text: type)
    set(payload, .assistant, [.toolCall(call)], known: known)
  }

  private mutating func readImageGeneration(_ payload: JSONValue) {
    var call = Block.ToolCall(id: "", name: "image_generation")
    call.extras.addCodex(CodexExtra.type, text: type)
    var blocks = [Block.toolCall(call)]
    var known: [StaticString] = []
    if let result = payload["result"]?.string {
      known.append("result")
      blocks.append(.image(Block.Image(base64: result)))
    }
    set(payload, .assistant, blocks, known: known)
  }

  // MARK: Results

  private mutating func readOutput(_ payload: JSONValue) {
    var result = Block.ToolResult(
      callID: payload["call_id"]?.string ?? "", name: payload["name"]?.string)
    if type != "function_call_output" { result.extras.addCodex(CodexExtra.type, text: type) }
    var known: [StaticString] = ["call_id"]
    if result.name != nil { known.append("name") }
    if payload["call_id"]?.string == nil { skipped = "the result has no call identifier" }
    let output = payload["output"]
    if let text = output?.string {
      known.append("output")
      result.content = [.text(Block.Text(text))]
      result.isError = CodexOutput.isFailure(text)
    } else if let output, output.kind == .array {
      known.append("output")
      let (blocks, problem) = CodexContent.blocks(output)
      result.content = blocks
      // One text alone in an array is not the same as a text.
      if blocks.count == 1, blocks[0].plainText != nil {
        result.extras.addCodex("output_is_array", RawJSON("true"))
      }
      skipped = skipped ?? problem
    } else {
      skipped = "the result is neither a text nor a list"
      if let text = output?["text"]?.string ?? output?["content"]?.string {
        result.content = [.text(Block.Text(text))]
      } else if let output, !output.isNull {
        result.content = [
          .opaque(
            Block.OpaqueBlock(format: Codex.id, type: "output", json: RawJSON(output.raw)))
        ]
      }
    }
    set(payload, .tool, [.toolResult(result)], known: known)
  }

  private mutating func readSearchOutput(_ payload: JSONValue) {
    var result = Block.ToolResult(callID: payload["call_id"]?.string ?? "", name: "tool_search")
    result.extras.addCodex(CodexExtra.type, text: type)
    var known: [StaticString] = []
    if payload["call_id"]?.string != nil { known.append("call_id") }
    if let tools = payload["tools"] {
      known.append("tools")
      result.content = [
        .opaque(Block.OpaqueBlock(format: Codex.id, type: "tools", json: RawJSON(tools.raw)))
      ]
    }
    set(payload, .tool, [.toolResult(result)], known: known)
  }
}
