internal import JSONText
internal import SessionModel

/// Content as the Messages API of Anthropic has it: a text, or a list of blocks.
///
/// Tools that keep it spell some of it otherwise: reasoning may be called `reasoning` or `thought`, and a
/// text may stand alone where a list is usual.
struct AnthropicBlocks {
  /// The format that extras and unknown blocks are of.
  let format: String

  /// The blocks of some content.
  func blocks(_ content: JSONValue?) -> [Block] {
    guard let content, !content.isNull else { return [] }
    if let text = content.string { return text.isEmpty ? [] : [.text(Block.Text(text))] }
    if content.kind == .object { return [block(content)] }
    return content.elements.map(block)
  }

  private func block(_ value: JSONValue) -> Block {
    if let text = value.string { return .text(Block.Text(text)) }
    let type = value["type"]?.string ?? (value["text"] == nil ? "" : "text")
    switch type.string {
    case "text":
      return .text(
        Block.Text(
          value["text"]?.string ?? "", extras: value.extras(of: format, except: ["type", "text"])))
    case "thinking", "reasoning", "thought":
      return .thinking(
        Block.Thinking(
          value["thinking"]?.string ?? value["text"]?.string ?? "",
          signature: value["signature"]?.string,
          extras: value.extras(of: format, except: ["type", "thinking", "text", "signature"])))
    case "redacted_thinking":
      var thinking = Block.Thinking("")
      thinking.encrypted = value["data"]?.string
      return .thinking(thinking)
    case "tool_use":
      return .toolCall(
        Block.ToolCall(
          id: value["id"]?.string ?? "", name: value["name"]?.string ?? "",
          arguments: value["input"].map { RawJSON($0.raw) },
          extras: value.extras(of: format, except: ["type", "id", "name", "input"])))
    case "tool_result":
      return .toolResult(
        Block.ToolResult(
          callID: value["tool_use_id"]?.string ?? "", content: blocks(value["content"]),
          isError: value["is_error"]?.bool ?? false,
          extras: value.extras(of: format, except: ["type", "tool_use_id", "content", "is_error"])))
    case "image":
      guard let source = value["source"] else { break }
      let type = source["media_type"]?.string ?? source["mediaType"]?.string
      return .image(
        Block.Image(mediaType: type, base64: source["data"]?.string, path: source["url"]?.string))
    default: break
    }
    return .opaque(Block.OpaqueBlock(format: format, type: type, json: RawJSON(value.raw)))
  }
}
