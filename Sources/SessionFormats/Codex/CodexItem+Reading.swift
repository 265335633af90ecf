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

  /// The members that items of the conversation have.
  private enum Field: Int, CaseIterable {
    case type, id, role, content, callID, name, arguments, input, output, summary, encrypted, action
    case tools, result

    /// As one of a set.
    var bit: UInt32 { 1 << UInt32(rawValue) }
  }

  private static let names = FieldNames([
    "type", "id", "role", "content", "call_id", "name", "arguments", "input", "output", "summary",
    "encrypted_content", "action", "tools", "result",
  ])

  /// An item's payload, whose members were found in one pass.
  private struct Payload {
    let value: JSONValue
    private let table: FieldTable
    /// The members that the model has a place for.
    private(set) var known = Field.type.bit | Field.id.bit

    init?(_ value: JSONValue) {
      guard let table = FieldTable(value, CodexItem.names) else { return nil }
      self.value = value
      self.table = table
    }

    subscript(_ field: Field) -> JSONValue? { table[field.rawValue] }

    /// A member's string; nil if there is none or another value.
    func string(_ field: Field) -> JSONString? { table.string(field.rawValue) }

    /// Notes that the model has a place for a member.
    mutating func take(_ field: Field) { known |= field.bit }
  }

  init(_ value: JSONValue) {
    guard var payload = Payload(value) else {
      type = ""
      return
    }
    type = payload.string(.type)?.string ?? ""
    if type.isEmpty {
      guard payload.string(.role) != nil, payload[.content] != nil else { return }
      skipped = "the item has no type"
      readMessage(&payload)
      return
    }
    switch type {
    case "message": readMessage(&payload)
    case "agent_message": readAgentMessage(&payload)
    case "reasoning": readReasoning(&payload)
    case "function_call": readFunctionCall(&payload)
    case "custom_tool_call": readCustomCall(&payload)
    case "local_shell_call": readCall(&payload, name: "local_shell", arguments: .action)
    case "web_search_call": readCall(&payload, name: "web_search", arguments: .action)
    case "tool_search_call": readCall(&payload, name: "tool_search", arguments: .arguments)
    case "function_call_output", "custom_tool_call_output": readOutput(&payload)
    case "tool_search_output": readSearchOutput(&payload)
    case "image_generation_call": readImageGeneration(&payload)
    case "compaction", "compaction_summary", "context_compaction":
      let block = Block.opaque(
        Block.OpaqueBlock(
          format: Codex.id, type: JSONString(type), json: RawJSON(value.raw)))
      message = Message(role: .assistant, blocks: [block], flags: [.hidden, .compactionSummary])
    default: break
    }
  }

  private mutating func set(
    _ payload: Payload, _ role: Role, _ blocks: [Block], flags: MessageFlags = []
  ) {
    var extras: [Extra] = []
    payload.value.forEachMember(except: Self.names, at: payload.known) { key, value in
      extras.addCodex(key.string, RawJSON(value.raw))
    }
    let id = payload.string(.id)?.string
    if id == nil, let other = payload[.id] { extras.addCodex("id", RawJSON(other.raw)) }
    message = Message(id: id, role: role, blocks: blocks, flags: flags, extras: extras)
  }

  // MARK: Messages

  private mutating func readMessage(_ payload: inout Payload) {
    let role = Role(payload.string(.role)?.string ?? "")
    let (blocks, problem) = CodexContent.blocks(payload[.content])
    if payload.string(.role) == nil { skipped = skipped ?? "the message has no role" }
    if let problem { skipped = skipped ?? problem }
    payload.take(.role)
    payload.take(.content)
    set(payload, role, blocks, flags: CodexContext.flags(role: role, blocks: blocks))
  }

  private mutating func readAgentMessage(_ payload: inout Payload) {
    let (blocks, problem) = CodexContent.blocks(payload[.content])
    skipped = problem
    payload.take(.content)
    set(payload, .user, blocks, flags: .synthetic)
    message?.extras.addCodex(CodexExtra.type, text: type)
  }

  private mutating func readReasoning(_ payload: inout Payload) {
    var blocks: [Block] = []
    if let summary = payload[.summary], summary.kind == .array {
      for part in summary.elements { blocks.append(.thinking(thinking(part, kind: "summary"))) }
    } else {
      skipped = "the reasoning has no summary"
    }
    payload.take(.summary)
    if let content = payload[.content], content.kind == .array {
      payload.take(.content)
      for part in content.elements { blocks.append(.thinking(thinking(part, kind: "raw"))) }
    }
    if let encrypted = payload.string(.encrypted) {
      payload.take(.encrypted)
      if blocks.isEmpty { blocks.append(.thinking(Block.Thinking(kind: "summary"))) }
      if case .thinking(var first) = blocks[0] {
        first.encrypted = encrypted
        blocks[0] = .thinking(first)
      }
    }
    if !blocks.isEmpty, let id = payload.string(.id), case .thinking(var first) = blocks[0] {
      first.id = id
      blocks[0] = .thinking(first)
    }
    set(payload, .assistant, blocks)
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
  static func problem(ofCall value: JSONValue, type: String) -> String? {
    Payload(value).flatMap { problem(ofCall: $0, type: type) }
  }

  private static func problem(ofCall payload: Payload, type: String) -> String? {
    guard type == "function_call" || type == "custom_tool_call" else { return nil }
    guard payload.string(.callID) != nil, payload.string(.name) != nil else {
      return "the call has no identifier or no name"
    }
    if type == "function_call" {
      return payload.string(.arguments) == nil ? "the arguments are not a text" : nil
    }
    return payload.string(.input) == nil ? "the input is not a text" : nil
  }

  private mutating func readFunctionCall(_ payload: inout Payload) {
    var call = Block.ToolCall(
      id: payload.string(.callID) ?? "", name: payload.string(.name) ?? "")
    payload.take(.callID)
    payload.take(.name)
    skipped = Self.problem(ofCall: payload, type: type)
    let arguments = payload[.arguments]
    if let text = arguments?.string {
      payload.take(.arguments)
      Self.readArguments(text, into: &call)
    } else if let arguments, !arguments.isNull {
      call.arguments = RawJSON(arguments.raw)
    }
    set(payload, .assistant, [.toolCall(call)])
  }

  /// Arguments stand as JSON text in a string; text that is not JSON is kept as a string.
  private static func readArguments(_ text: JSONString, into call: inout Block.ToolCall) {
    var bytes: [UInt8] = []
    text.appendUnrepaired(to: &bytes)
    if let document = JSONDocument(ifValid: bytes, limits: .go), text.isExact {
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

  private mutating func readCustomCall(_ payload: inout Payload) {
    var call = Block.ToolCall(
      id: payload.string(.callID) ?? "", name: payload.string(.name) ?? "")
    payload.take(.callID)
    payload.take(.name)
    skipped = Self.problem(ofCall: payload, type: type)
    if let input = payload.string(.input) {
      payload.take(.input)
      call.arguments = Self.literal(input)
    }
    call.extras.addCodex(CodexExtra.type, text: type)
    set(payload, .assistant, [.toolCall(call)])
  }

  private mutating func readCall(_ payload: inout Payload, name: JSONString, arguments: Field) {
    var call = Block.ToolCall(id: payload.string(.callID) ?? "", name: name)
    if payload.string(.callID) != nil { payload.take(.callID) }
    if let value = payload[arguments], !value.isNull {
      call.arguments = RawJSON(value.raw)
      payload.take(arguments)
    }
    call.extras.addCodex(CodexExtra.type, text: type)
    set(payload, .assistant, [.toolCall(call)])
  }

  private mutating func readImageGeneration(_ payload: inout Payload) {
    var call = Block.ToolCall(id: "", name: "image_generation")
    call.extras.addCodex(CodexExtra.type, text: type)
    var blocks = [Block.toolCall(call)]
    if let result = payload.string(.result) {
      payload.take(.result)
      blocks.append(.image(Block.Image(base64: result)))
    }
    set(payload, .assistant, blocks)
  }

  // MARK: Results

  private mutating func readOutput(_ payload: inout Payload) {
    var result = Block.ToolResult(
      callID: payload.string(.callID) ?? "", name: payload.string(.name))
    if type != "function_call_output" { result.extras.addCodex(CodexExtra.type, text: type) }
    payload.take(.callID)
    if result.name != nil { payload.take(.name) }
    if payload.string(.callID) == nil { skipped = "the result has no call identifier" }
    let output = payload[.output]
    if let text = output?.string {
      payload.take(.output)
      result.content = [.text(Block.Text(text))]
      result.isError = CodexOutput.isFailure(text)
    } else if let output, output.kind == .array {
      payload.take(.output)
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
    set(payload, .tool, [.toolResult(result)])
  }

  private mutating func readSearchOutput(_ payload: inout Payload) {
    var result = Block.ToolResult(callID: payload.string(.callID) ?? "", name: "tool_search")
    result.extras.addCodex(CodexExtra.type, text: type)
    if payload.string(.callID) != nil { payload.take(.callID) }
    if let tools = payload[.tools] {
      payload.take(.tools)
      result.content = [
        .opaque(Block.OpaqueBlock(format: Codex.id, type: "tools", json: RawJSON(tools.raw)))
      ]
    }
    set(payload, .tool, [.toolResult(result)])
  }
}
