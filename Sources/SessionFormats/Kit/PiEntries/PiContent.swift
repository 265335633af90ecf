internal import JSONText
internal import SessionModel

/// Reads messages and their blocks.
struct PiContent {
  /// The format that extras and unknown blocks are of.
  let format: String

  /// The message that an entry says; nil when it is of an unknown role.
  func message(_ object: JSONValue, _ type: String) -> Message? {
    let time = object.time("timestamp")
    switch type {
    case "custom_message":
      var message = Message(role: .user, blocks: blocks(object["content"]), time: time)
      message.flags = object["display"]?.bool == false ? [.hidden, .synthetic] : .synthetic
      message.extras = object.extras(
        of: format, except: ["type", "id", "parentId", "timestamp", "content", "display"])
      return message
    case "branch_summary":
      return Message(
        role: .user, blocks: [.text(Block.Text(object["summary"]?.string ?? ""))], time: time,
        flags: .synthetic,
        extras: object.extras(
          of: format, except: ["type", "id", "parentId", "timestamp", "summary"]))
    default:
      guard let content = object["message"] else { return nil }
      var message = message(content: content, time: time)
      message?.extras += object.extras(
        of: format, except: ["type", "id", "parentId", "timestamp", "message"]
      ).map { Extra(format: format, key: "entry." + $0.key, value: $0.value) }
      return message
    }
  }

  /// What stands in the `message` of an entry.
  ///
  /// - Parameter time: The time of the entry; nil to take the message's own.
  func message(content object: JSONValue, time: Timestamp?) -> Message? {
    let time = time ?? object.time("timestamp")
    var message = Message(role: .user, time: time)
    switch object.text("role") {
    case "user":
      message.blocks = blocks(object["content"])
      message.extras = object.extras(of: format, except: ["role", "content"])
    case "developer":
      message.role = .developer
      message.blocks = blocks(object["content"])
      message.extras = object.extras(of: format, except: ["role", "content"])
    case "assistant":
      message.role = .assistant
      message.blocks = blocks(object["content"])
      message.model = object.text("model").flatMap { $0 == ModelProvider.unknown ? nil : $0 }
      message.usage = Self.usage(object["usage"])
      message.extras = object.extras(of: format, except: ["role", "content", "model"])
    case "toolResult":
      message.role = .tool
      message.blocks = [
        .toolResult(
          Block.ToolResult(
            callID: object["toolCallId"]?.string ?? "", name: object["toolName"]?.string,
            content: blocks(object["content"]), isError: object["isError"]?.bool ?? false))
      ]
      message.extras = object.extras(
        of: format, except: ["role", "content", "toolCallId", "toolName", "isError"])
    case "bashExecution":
      message.blocks = [.text(Block.Text(JSONString(shellText(object))))]
      message.extras = object.extras(of: format, except: ["role"])
    case "custom", "hookMessage":
      message.blocks = blocks(object["content"])
      message.flags = object["display"]?.bool == false ? [.hidden, .synthetic] : .synthetic
      message.extras = object.extras(of: format, except: ["content", "display"])
    default: return nil
    }
    return message
  }

  /// What the model is told of a command that the person ran (`bashExecutionToText`).
  private func shellText(_ object: JSONValue) -> String {
    let output = object.text("output") ?? ""
    var text = "Ran `\(object.text("command") ?? "")`\n"
    text += output.isEmpty ? "(no output)" : "```\n\(output)\n```"
    if object["cancelled"]?.bool == true {
      text += "\n\n(command cancelled)"
    } else if let code = object["exitCode"]?.int64, code != 0 {
      text += "\n\nCommand exited with code \(code)"
    }
    return text
  }

  /// A text, or a list of blocks.
  func blocks(_ content: JSONValue?) -> [Block] {
    guard let content else { return [] }
    if let text = content.string { return text.isEmpty ? [] : [.text(Block.Text(text))] }
    return content.elements.map(block)
  }

  private func block(_ value: JSONValue) -> Block {
    let type = value["type"]?.string ?? ""
    switch type.string {
    case "text":
      return .text(
        Block.Text(
          value["text"]?.string ?? "", extras: value.extras(of: format, except: ["type", "text"])))
    case "thinking": return .thinking(thinking(value))
    case "toolCall":
      return .toolCall(
        Block.ToolCall(
          id: value["id"]?.string ?? "", name: value["name"]?.string ?? "",
          arguments: value["arguments"].map { RawJSON($0.raw) },
          extras: value.extras(of: format, except: ["type", "id", "name", "arguments"])))
    case "image" where value["data"]?.string != nil:
      return .image(
        Block.Image(
          mediaType: value["mimeType"]?.string, base64: value["data"]?.string,
          extras: value.extras(of: format, except: ["type", "data", "mimeType"])))
    default:
      return .opaque(Block.OpaqueBlock(format: format, type: type, json: RawJSON(value.raw)))
    }
  }

  /// Reasoning; for OpenAI's the signature is the whole item as JSON.
  private func thinking(_ value: JSONValue) -> Block.Thinking {
    let signature = value["thinkingSignature"]?.string
    var block = Block.Thinking(
      value["thinking"]?.string ?? "",
      extras: value.extras(
        of: format, except: ["type", "thinking", "thinkingSignature", "redacted"]))
    if let signature, let item = JSONDocument(ifValid: Array(signature.string.utf8))?.root,
      item.text("type") == "reasoning"
    {
      block.id = item["id"]?.string
      block.encrypted = item["encrypted_content"]?.string
      block.extras += value.extras(of: format, except: ["type", "thinking", "redacted"]).filter {
        $0.key == "thinkingSignature"
      }
    } else if value["redacted"]?.bool == true {
      block.encrypted = signature
    } else {
      block.signature = signature
    }
    return block
  }

  /// The tokens of an answer; the input leaves out what came from the cache.
  static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, value.kind == .object else { return nil }
    return TokenUsage(
      input: value["input"]?.int64, output: value["output"]?.int64,
      cacheRead: value["cacheRead"]?.int64, cacheWrite: value["cacheWrite"]?.int64)
  }
}
