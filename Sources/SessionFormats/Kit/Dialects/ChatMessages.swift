internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Messages as the chat API of OpenAI has them: content that is a text or a list of parts, and calls whose
/// arguments are JSON in a text.
struct ChatMessages {
  /// The format that extras and unknown parts are of.
  let format: String

  /// The blocks of a `content`.
  func blocks(_ content: JSONValue?) -> [Block] {
    guard let content, !content.isNull else { return [] }
    if let text = content.string { return text.isEmpty ? [] : [.text(Block.Text(text))] }
    return content.elements.map(block)
  }

  private func block(_ part: JSONValue) -> Block {
    if let text = part.string { return .text(Block.Text(text)) }
    let type = part["type"]?.string ?? ""
    switch type.string {
    case "text", "input_text", "output_text":
      return .text(
        Block.Text(
          part["text"]?.string ?? "", extras: part.extras(of: format, except: ["type", "text"])))
    case "image_url", "input_image":
      guard let url = part["image_url"]?["url"]?.string ?? part["image_url"]?.string else { break }
      return .image(ImageAddress.block(url))
    default: break
    }
    return .opaque(Block.OpaqueBlock(format: format, type: type, json: RawJSON(part.raw)))
  }

  /// The calls of a `tool_calls`.
  func calls(_ calls: JSONValue?) -> [Block] {
    guard let calls, calls.kind == .array else { return [] }
    return calls.elements.map { call in
      let function = call["function"]
      return .toolCall(
        Block.ToolCall(
          id: call["id"]?.string ?? "", name: function?["name"]?.string ?? "",
          arguments: function?["arguments"].map(arguments),
          extras: call.extras(of: format, except: ["id", "type", "function"])))
    }
  }

  /// JSON in a text, or as it is.
  private func arguments(_ value: JSONValue) -> RawJSON {
    guard let text = value.string else { return RawJSON(value.raw) }
    var bytes: [UInt8] = []
    text.appendUTF8(to: &bytes)
    return bytes.isEmpty ? RawJSON("{}") : ChatArguments.read(bytes)
  }
}

extension JSONWriter {
  /// Writes calls as an array of `tool_calls`.
  mutating func chatCalls(_ calls: [Block.ToolCall], of format: String) {
    beginArray()
    for call in calls {
      beginObject()
      field("id", call.id)
      field("type", "function")
      extras(call.extras, of: format, except: ["id", "type", "function"])
      key("function")
      beginObject()
      field("name", call.name)
      let arguments = ChatArguments.text(of: RawJSON.object(call.arguments))
      field("arguments", JSONString(decodedUTF8: arguments))
      endObject()
      endObject()
    }
    endArray()
  }

  /// Writes texts and pictures as an array of parts; other blocks have no place.
  mutating func chatParts(_ blocks: [Block]) {
    beginArray()
    for block in blocks {
      if let text = block.chatText {
        object(["type": "text", "text": text])
      } else if block.isChatPart, case .image(let image) = block, let url = ImageAddress.url(image)
      {
        beginObject()
        field("type", "image_url")
        key("image_url")
        object(["url": url])
        endObject()
      }
    }
    endArray()
  }
}

extension Block {
  /// The text of a text or of a file that is one.
  var chatText: JSONString? {
    switch self {
    case .text(let text): text.text
    case .file(let file): file.text
    default: nil
    }
  }

  /// Whether ``JSONWriter/chatParts(_:)`` has a place for it.
  var isChatPart: Bool {
    // A path means nothing to the model's provider.
    if case .image(let image) = self {
      return image.base64 != nil || image.path?.string.hasPrefix("http") == true
    }
    return chatText != nil
  }
}
