internal import JSONText
internal import SessionModel

extension JSONWriter {
  /// Writes a block as it was read, the members in the program's order.
  mutating func claudeBlock(_ block: Block) {
    switch block {
    case .text(let text):
      claudeText(text.text, extras: text.extras)
    case .thinking(let thinking):
      beginObject()
      if let data = thinking.encrypted, thinking.text.isEmpty {
        field("type", "redacted_thinking")
        field("data", data)
      } else {
        field("type", "thinking")
        field("thinking", thinking.text)
        if let signature = thinking.signature { field("signature", signature) }
      }
      claudeExtras(thinking.extras)
      endObject()
    case .toolCall(let call):
      beginObject()
      field("type", "tool_use")
      field("id", call.id)
      field("name", call.name)
      if let arguments = call.arguments { field("input", arguments) }
      claudeExtras(call.extras)
      endObject()
    case .toolResult(let result):
      beginObject()
      field("tool_use_id", result.callID)
      field("type", "tool_result")
      if result.content.count == 1, case .text(let text) = result.content[0], text.extras.isEmpty {
        field("content", text.text)
      } else if !result.content.isEmpty {
        key("content")
        beginArray()
        for part in result.content { claudeBlock(part) }
        endArray()
      }
      if result.isError { field("is_error", true) }
      claudeExtras(result.extras)
      endObject()
    case .image(let image): claudeImage(image)
    case .file(let file): claudeDocument(file)
    case .opaque(let opaque): raw(opaque.json)
    }
  }

  mutating func claudeText(_ text: JSONString, extras: [Extra] = []) {
    beginObject()
    field("type", "text")
    field("text", text)
    claudeExtras(extras)
    endObject()
  }

  mutating func claudeImage(_ image: Block.Image) {
    beginObject()
    field("type", "image")
    key("source")
    beginObject()
    if let data = image.base64 {
      field("type", "base64")
      field("media_type", image.mediaType ?? "image/png")
      field("data", data)
    } else {
      field("type", "url")
      field("url", image.path ?? "")
    }
    endObject()
    claudeExtras(image.extras)
    endObject()
  }

  mutating func claudeDocument(_ file: Block.File) {
    beginObject()
    field("type", "document")
    key("source")
    beginObject()
    if let data = file.base64 {
      field("type", "base64")
      field("media_type", file.mediaType ?? "application/pdf")
      field("data", data)
    } else {
      field("type", "text")
      field("media_type", file.mediaType ?? "text/plain")
      field("data", file.text ?? "")
    }
    endObject()
    if let name = file.name { field("title", name) }
    claudeExtras(file.extras)
    endObject()
  }

  private mutating func claudeExtras(_ extras: [Extra]) {
    for extra in extras where extra.format == ClaudeCode.id { claudeExtra(extra) }
  }
}
