internal import JSONText
internal import SessionModel

/// Content as the Gemini API has it: a text, a part, or a list of parts and texts.
struct GeminiParts {
  /// The format that extras and unknown parts are of.
  let format: String

  /// The parts of some content.
  func parts(_ content: JSONValue?) -> [JSONValue] {
    guard let content, !content.isNull else { return [] }
    return content.kind == .array ? Array(content.elements) : [content]
  }

  /// The block of a part.
  func block(_ part: JSONValue) -> Block {
    if let text = part.string { return .text(Block.Text(text)) }
    if let text = part["text"]?.string {
      guard part["thought"]?.bool == true else {
        return .text(Block.Text(text, extras: part.extras(of: format, except: ["text"])))
      }
      return .thinking(
        Block.Thinking(
          text, signature: part["thoughtSignature"]?.string,
          extras: part.extras(of: format, except: ["text", "thought", "thoughtSignature"])))
    }
    if let call = part["functionCall"] {
      return .toolCall(
        Block.ToolCall(
          id: call["id"]?.string ?? "", name: call["name"]?.string ?? "",
          arguments: call["args"].map { RawJSON($0.raw) },
          extras: part.extras(of: format, except: ["functionCall"])))
    }
    if let answer = part["functionResponse"] { return .toolResult(result(answer)) }
    if let data = part["inlineData"], let bytes = data["data"]?.string {
      let type = data["mimeType"]?.string
      return type?.string.hasPrefix("image/") ?? true
        ? .image(Block.Image(mediaType: type, base64: bytes))
        : .file(Block.File(mediaType: type, base64: bytes))
    }
    if let file = part["fileData"], let place = file["fileUri"]?.string {
      return .file(Block.File(mediaType: file["mimeType"]?.string, path: place))
    }
    let type = part.members.first { _ in true }?.key ?? ""
    return .opaque(Block.OpaqueBlock(format: format, type: type, json: RawJSON(part.raw)))
  }

  /// The answer in a `functionResponse`: its `output` or `error` as text, anything else as JSON.
  func result(_ answer: JSONValue) -> Block.ToolResult {
    let response = answer["response"]
    let error = response?["error"]
    var content: [Block] = []
    if let text = (error ?? response?["output"])?.string ?? response?.string {
      content.append(.text(Block.Text(text)))
    } else if let response, !response.isNull {
      let text = JSONString(decodedUTF8: Array(response.raw))
      content.append(.text(Block.Text(text)))
    }
    content += parts(answer["parts"]).map(block)
    return Block.ToolResult(
      callID: answer["id"]?.string ?? "", name: answer["name"]?.string, content: content,
      isError: error != nil,
      extras: answer.extras(of: format, except: ["id", "name", "response", "parts"]))
  }
}
