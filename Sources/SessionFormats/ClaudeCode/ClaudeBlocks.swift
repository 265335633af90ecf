internal import JSONText
internal import SessionModel

/// Reads the content of messages: a text, or blocks as Anthropic's API has them.
enum ClaudeBlocks {
  static func blocks(_ content: JSONValue) -> [Block] {
    if let text = content.string { return [.text(Block.Text(text))] }
    return content.elements.map(block)
  }

  /// The tokens of a response; the input leaves out what came from the cache.
  static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, value.kind == .object else { return nil }
    return TokenUsage(
      input: value["input_tokens"]?.int64, output: value["output_tokens"]?.int64,
      cacheRead: value["cache_read_input_tokens"]?.int64,
      cacheWrite: value["cache_creation_input_tokens"]?.int64)
  }

  private static func block(_ value: JSONValue) -> Block {
    func rest(_ known: [StaticString]) -> [Extra] {
      value.extras(of: ClaudeCode.id, except: ["type"] + known)
    }
    let type = value["type"]?.string ?? ""
    switch type.string {
    case "text":
      guard let text = value["text"]?.string else { break }
      return .text(Block.Text(text, extras: rest(["text"])))
    case "thinking":
      guard let text = value["thinking"]?.string else { break }
      return .thinking(
        Block.Thinking(
          text, signature: value["signature"]?.string, extras: rest(["thinking", "signature"])))
    case "redacted_thinking":
      guard let data = value["data"]?.string else { break }
      return .thinking(Block.Thinking(encrypted: data, kind: "redacted", extras: rest(["data"])))
    case "tool_use":
      guard let name = value["name"]?.string else { break }
      return .toolCall(
        Block.ToolCall(
          id: value["id"]?.string ?? "", name: name,
          arguments: value["input"].map { RawJSON($0.raw) },
          extras: rest(["id", "name", "input"])))
    case "tool_result":
      return .toolResult(result(value, rest(["tool_use_id", "content", "is_error"])))
    case "image":
      guard let source = value["source"] else { break }
      let (data, url) = (source["data"]?.string, source["url"]?.string)
      switch source.text("type") {
      case "base64" where data != nil:
        return .image(
          Block.Image(
            mediaType: source["media_type"]?.string, base64: data, extras: rest(["source"])))
      case "url" where url != nil:
        return .image(Block.Image(path: url, extras: rest(["source"])))
      default: break
      }
    case "document":
      guard let source = value["source"], let data = source["data"]?.string else { break }
      var file = Block.File(
        name: value["title"]?.string, mediaType: source["media_type"]?.string,
        extras: rest(["source", "title"]))
      switch source.text("type") {
      case "base64": file.base64 = data
      case "text": file.text = data
      default: return opaque(value, type)
      }
      return .file(file)
    default: break
    }
    return opaque(value, type)
  }

  private static func opaque(_ value: JSONValue, _ type: JSONString) -> Block {
    .opaque(Block.OpaqueBlock(format: ClaudeCode.id, type: type, json: RawJSON(value.raw)))
  }

  private static func result(_ value: JSONValue, _ rest: [Extra]) -> Block.ToolResult {
    var result = Block.ToolResult(
      callID: value["tool_use_id"]?.string ?? "", isError: value["is_error"]?.bool ?? false,
      extras: rest)
    guard let content = value["content"] else { return result }
    if let text = content.string {
      result.content = text.isEmpty ? [] : [.text(Block.Text(text))]
    } else if content.kind == .array {
      result.content = blocks(content)
    } else {
      result.extras.append(
        Extra(format: ClaudeCode.id, key: "content", value: RawJSON(content.raw)))
    }
    return result
  }
}
