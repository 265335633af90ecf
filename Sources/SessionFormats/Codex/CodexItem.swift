internal import JSONText
internal import SessionModel

/// Reads items of the log that the model sees.
enum CodexItem {
  /// Items that are what somebody said.
  static let conversationTypes: Set<String> = ["message", "agent_message"]
  /// Calls that a result answers.
  static let callTypes: Set<String> = [
    "function_call", "custom_tool_call", "local_shell_call", "tool_search_call",
  ]
  /// Summaries that the service made and only it can read.
  static let compactionTypes: Set<String> = [
    "compaction", "compaction_summary", "context_compaction",
  ]
  /// Calls that the service ran itself: what came of them is part of the item, no result follows.
  static let serverCallTypes: Set<String> = ["web_search_call", "image_generation_call"]
  /// All items that say something.
  static let types = conversationTypes.union(callTypes).union(compactionTypes).union([
    "reasoning", "function_call_output", "custom_tool_call_output", "web_search_call",
    "tool_search_output", "image_generation_call",
  ])

  /// The messages that an item stands for; none for items that are no part of the conversation.
  ///
  /// - Parameter name: What a call of the service's own is named that has no identifier.
  static func messages(_ item: JSONValue, naming name: String) -> [Message] {
    guard var message = message(item) else { return [] }
    guard let type = item.text("type"), serverCallTypes.contains(type),
      case .toolCall(var call)? = message.blocks.first
    else { return [message] }
    if call.id.isEmpty { call.id = JSONString(message.id ?? name) }
    let pictures = Array(message.blocks.dropFirst())
    message.blocks = [.toolCall(call)]
    let status = item.text("status") ?? "completed"
    guard status == "completed" || status == "failed" || !pictures.isEmpty else { return [message] }
    var result = Block.ToolResult(
      callID: call.id, name: call.name, content: pictures, isError: status == "failed")
    result.extras.addCodex(CodexExtra.type, text: type)
    return [message, Message(role: .tool, blocks: [.toolResult(result)])]
  }

  /// The message that an item stands for; nil for items that are no part of the conversation.
  private static func message(_ item: JSONValue) -> Message? {
    let type = item.text("type") ?? ""
    switch type {
    case "":
      let isMessage = item["role"]?.string != nil && item["content"] != nil
      return isMessage ? text(item) : nil
    case "message": return text(item)
    case "agent_message":
      var message = self.message(
        item, .user, CodexContent.blocks(item["content"]), except: ["content"])
      message.flags = .synthetic
      message.extras.addCodex(CodexExtra.type, text: type)
      return message
    case "reasoning": return reasoning(item)
    case "function_call", "custom_tool_call": return call(item, type)
    case "local_shell_call":
      return call(item, type, name: "local_shell", item["action"], named: "action")
    case "web_search_call":
      return call(item, type, name: "web_search", item["action"], named: "action")
    case "tool_search_call":
      return call(item, type, name: "tool_search", item["arguments"], named: "arguments")
    case "image_generation_call": return picture(item, type)
    case "function_call_output", "custom_tool_call_output": return output(item, type)
    case "tool_search_output": return tools(item, type)
    case _ where compactionTypes.contains(type):
      let block = Block.OpaqueBlock(
        format: Codex.id, type: JSONString(type), json: RawJSON(item.raw))
      return Message(
        role: .assistant, blocks: [.opaque(block)], flags: [.hidden, .compactionSummary])
    default: return nil
    }
  }

  /// A message with the members that are not known as its extras.
  private static func message(
    _ item: JSONValue, _ role: Role, _ blocks: [Block], except known: [StaticString]
  ) -> Message {
    var extras = item.extras(of: Codex.id, except: known + ["type", "id"])
    let id = item.text("id")
    if id == nil, let other = item["id"] { extras.addCodex("id", RawJSON(other.raw)) }
    return Message(id: id, role: role, blocks: blocks, extras: extras)
  }

  private static func text(_ item: JSONValue) -> Message {
    let role = Role(item.text("role") ?? "")
    let blocks = CodexContent.blocks(item["content"])
    var message = self.message(item, role, blocks, except: ["role", "content"])
    message.flags = CodexContext.flags(role: role, blocks: blocks)
    return message
  }

  // MARK: Reasoning

  private static func reasoning(_ item: JSONValue) -> Message {
    var known: [StaticString] = ["summary"]
    var parts =
      item["summary"]?.elements.map { thinking($0, "summary", usual: "summary_text") } ?? []
    if let content = item["content"], content.kind == .array {
      known.append("content")
      parts += content.elements.map { thinking($0, "raw", usual: "reasoning_text") }
    }
    if let encrypted = item["encrypted_content"]?.string {
      known.append("encrypted_content")
      if parts.isEmpty { parts.append(Block.Thinking(kind: "summary")) }
      parts[0].encrypted = encrypted
    }
    if !parts.isEmpty { parts[0].id = item["id"]?.string }
    var message = self.message(item, .assistant, parts.map { .thinking($0) }, except: known)
    if parts.isEmpty { message.extras.addCodex(CodexExtra.type, text: "reasoning") }
    return message
  }

  private static func thinking(
    _ part: JSONValue, _ kind: String, usual: StaticString
  ) -> Block.Thinking {
    var block = Block.Thinking(part["text"]?.string ?? "", kind: kind)
    if let type = part["type"], type.string?.equals(usual) != true {
      block.extras.addCodex(CodexExtra.type, RawJSON(type.raw))
    }
    block.extras += part.extras(of: Codex.id, except: ["type", "text"])
    return block
  }

  // MARK: Tool calls

  /// A call of a function, with arguments as JSON text in a string, or with a text as its input.
  private static func call(_ item: JSONValue, _ type: String) -> Message {
    var known: [StaticString] = ["call_id", "name"]
    var call = Block.ToolCall(id: item["call_id"]?.string ?? "", name: item["name"]?.string ?? "")
    if type == "custom_tool_call" {
      if let input = item["input"]?.string {
        known.append("input")
        call.arguments = RawJSON(string: input)
      }
      call.extras.addCodex(CodexExtra.type, text: type)
    } else if let text = item["arguments"]?.string {
      known.append("arguments")
      var bytes: [UInt8] = []
      text.appendUnrepaired(to: &bytes)
      if let document = JSONDocument(ifValid: bytes, limits: .go), text.isExact {
        call.arguments = .onOneLine(document.bytes)
      } else {
        call.arguments = RawJSON(string: text)
        call.extras.addCodex(CodexExtra.isText, RawJSON("true"))
      }
    } else if let arguments = item["arguments"], !arguments.isNull {
      call.arguments = RawJSON(arguments.raw)
    }
    return message(item, .assistant, [.toolCall(call)], except: known)
  }

  /// A call of a tool of the program or of the service.
  private static func call(
    _ item: JSONValue, _ type: String, name: JSONString, _ arguments: JSONValue?,
    named: StaticString
  ) -> Message {
    var known: [StaticString] = []
    var call = Block.ToolCall(id: item["call_id"]?.string ?? "", name: name)
    if item["call_id"]?.string != nil { known.append("call_id") }
    if let arguments, !arguments.isNull {
      known.append(named)
      call.arguments = RawJSON(arguments.raw)
    }
    call.extras.addCodex(CodexExtra.type, text: type)
    return message(item, .assistant, [.toolCall(call)], except: known)
  }

  private static func picture(_ item: JSONValue, _ type: String) -> Message {
    var call = Block.ToolCall(id: "", name: "image_generation")
    call.extras.addCodex(CodexExtra.type, text: type)
    guard let result = item["result"]?.string else {
      return message(item, .assistant, [.toolCall(call)], except: [])
    }
    return message(
      item, .assistant, [.toolCall(call), .image(Block.Image(base64: result))], except: ["result"])
  }

  // MARK: Results

  private static func output(_ item: JSONValue, _ type: String) -> Message {
    var known: [StaticString] = ["call_id"]
    var result = Block.ToolResult(
      callID: item["call_id"]?.string ?? "", name: item["name"]?.string)
    if result.name != nil { known.append("name") }
    if type != "function_call_output" { result.extras.addCodex(CodexExtra.type, text: type) }
    let output = item["output"]
    if let text = output?.string {
      known.append("output")
      result.content = [.text(Block.Text(text))]
      result.isError = CodexOutput.isFailure(text)
    } else if let output, output.kind == .array {
      known.append("output")
      result.content = CodexContent.blocks(output)
      if result.content.count == 1, result.content[0].plainText != nil {
        result.extras.addCodex(CodexExtra.isArray, RawJSON("true"))
      }
    } else if let text = output?["text"]?.string ?? output?["content"]?.string {
      result.content = [.text(Block.Text(text))]
    } else if let output, !output.isNull {
      result.content = [
        .opaque(Block.OpaqueBlock(format: Codex.id, type: "output", json: RawJSON(output.raw)))
      ]
    }
    return message(item, .tool, [.toolResult(result)], except: known)
  }

  private static func tools(_ item: JSONValue, _ type: String) -> Message {
    var known: [StaticString] = []
    var result = Block.ToolResult(callID: item["call_id"]?.string ?? "", name: "tool_search")
    result.extras.addCodex(CodexExtra.type, text: type)
    if item["call_id"]?.string != nil { known.append("call_id") }
    if let tools = item["tools"] {
      known.append("tools")
      result.content = [
        .opaque(Block.OpaqueBlock(format: Codex.id, type: "tools", json: RawJSON(tools.raw)))
      ]
    }
    return message(item, .tool, [.toolResult(result)], except: known)
  }
}
