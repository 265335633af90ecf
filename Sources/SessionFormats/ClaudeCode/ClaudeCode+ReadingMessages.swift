internal import JSONText
internal import SessionModel

/// Mapping of user and assistant records into the model.
enum ClaudeMessage {
  /// Whether a turn's record has content that can be one.
  static func hasContent(_ record: ClaudeRecord) -> Bool {
    guard let kind = record.message?[.content]?.kind else { return false }
    return kind == .string || kind == .array
  }

  /// Whether the program sends a turn's content; of malformed content it drops the whole record.
  static func isSent(_ record: ClaudeRecord) -> Bool {
    guard let content = record.message?[.content] else { return false }
    if content.kind == .string { return true }
    guard content.kind == .array else { return false }
    for block in content.elements {
      guard let type = block["type"]?.string else { return false }
      if type.equals("text"), block["text"]?.string == nil { return false }
    }
    return true
  }

  /// Whether a system record is a command or its output, which the program sends as user text.
  static func isLocalCommand(_ root: JSONValue) -> Bool {
    (root["subtype"]?.string?.equals("local_command") ?? false)
      && root["content"]?.string != nil && !(root["isDisplayOnly"]?.isTruthy ?? false)
  }

  /// Whether an attachment is a prompt that was queued, or a file that the person named.
  static func isAttachedMessage(_ root: JSONValue) -> Bool {
    guard let attachment = root["attachment"], let type = attachment["type"]?.string else {
      return false
    }
    if type.equals("queued_command") {
      guard let prompt = attachment["prompt"] else { return false }
      return prompt.kind == .string || prompt.kind == .array
    }
    return type.equals("file") && attachment["content"]?["file"]?["content"]?.string != nil
  }

  static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, let tokens = FieldTable(value, tokenNames) else { return nil }
    return TokenUsage(
      input: tokens.int64(0), output: tokens.int64(1), cacheRead: tokens.int64(2),
      cacheWrite: tokens.int64(3))
  }

  private static let tokenNames = FieldNames([
    "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
  ])

  // MARK: Blocks

  static func blocks(_ content: JSONValue) -> [Block] {
    if let text = content.string { return [.text(Block.Text(text))] }
    var blocks: [Block] = []
    for value in content.elements { blocks.append(block(value)) }
    return blocks
  }

  private static func block(_ value: JSONValue) -> Block {
    let type = value["type"]?.string ?? ""
    if type.equals("text"), let text = value["text"]?.string {
      return .text(Block.Text(text, extras: extras(value, except: ["type", "text"])))
    }
    if type.equals("thinking"), let text = value["thinking"]?.string {
      return .thinking(
        Block.Thinking(
          text, signature: value["signature"]?.string,
          extras: extras(value, except: ["type", "thinking", "signature"])))
    }
    if type.equals("redacted_thinking"), let data = value["data"]?.string {
      return .thinking(
        Block.Thinking(
          encrypted: data, kind: "redacted", extras: extras(value, except: ["type", "data"])))
    }
    if type.equals("tool_use"), value["name"]?.string != nil {
      return .toolCall(
        Block.ToolCall(
          id: value["id"]?.string ?? "", name: value["name"]?.string ?? "",
          arguments: value["input"].map { RawJSON($0.raw) },
          extras: extras(value, except: ["type", "id", "name", "input"])))
    }
    if type.equals("tool_result") { return .toolResult(result(value)) }
    if type.equals("image"), let image = image(value) { return .image(image) }
    if type.equals("document"), let file = document(value) { return .file(file) }
    return .opaque(
      Block.OpaqueBlock(format: ClaudeCode.id, type: type, json: RawJSON(value.raw)))
  }

  private static func result(_ value: JSONValue) -> Block.ToolResult {
    var result = Block.ToolResult(
      callID: value["tool_use_id"]?.string ?? "",
      isError: value["is_error"]?.bool ?? false,
      extras: extras(value, except: ["type", "tool_use_id", "content", "is_error"]))
    switch value["content"]?.kind {
    case .string?:
      if let text = value["content"]?.string, !text.isEmpty {
        result.content = [.text(Block.Text(text))]
      }
    case .array?: result.content = value["content"].map { blocks($0) } ?? []
    case nil: break
    default:
      if let content = value["content"] {
        result.extras.append(
          Extra(format: ClaudeCode.id, key: "content", value: RawJSON(content.raw)))
      }
    }
    return result
  }

  private static func image(_ value: JSONValue) -> Block.Image? {
    guard let source = value["source"], let type = source["type"]?.string else { return nil }
    let rest = extras(value, except: ["type", "source"])
    if type.equals("base64"), let data = source["data"]?.string {
      return Block.Image(mediaType: source["media_type"]?.string, base64: data, extras: rest)
    }
    if type.equals("url"), let url = source["url"]?.string {
      return Block.Image(path: url, extras: rest)
    }
    return nil
  }

  private static func document(_ value: JSONValue) -> Block.File? {
    guard let source = value["source"], let type = source["type"]?.string else { return nil }
    var file = Block.File(
      name: value["title"]?.string, mediaType: source["media_type"]?.string,
      extras: extras(value, except: ["type", "source", "title"]))
    if type.equals("base64"), let data = source["data"]?.string {
      file.base64 = data
    } else if type.equals("text"), let text = source["data"]?.string {
      file.text = text
    } else {
      return nil
    }
    return file
  }

  /// The members that the model has no place for.
  static func extras(
    _ value: JSONValue, except known: [StaticString]
  ) -> [Extra] {
    var extras: [Extra] = []
    for (key, member) in value.members(except: known) {
      extras.append(
        Extra(format: ClaudeCode.id, key: key.string, value: RawJSON(member.raw)))
    }
    return extras
  }
}
