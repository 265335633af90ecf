import JSONText
package import SessionModel

/// The text of the column `parts`: Go's JSON of a list of parts.
package enum Parts {
  /// Decodes as the tool does: key case is ignored, the last duplicate wins, `null` leaves unset.
  ///
  /// - Throws: Where the tool fails to read the message.
  package static func blocks(of text: [UInt8]) throws(GoDecodingError) -> [Block] {
    if text.isEmpty { return [] }
    let root: JSONValue
    do throws(JSONError) {
      root = try JSONDocument(text, limits: .go).root
    } catch {
      throw GoDecodingError(message: "\(error)")
    }
    if root.isNull { return [] }
    guard root.kind == .array else { throw root.mismatch("a list of parts") }
    var blocks: [Block] = []
    for element in root.elements { try append(element, to: &blocks) }
    return blocks
  }

  /// Appends the blocks of a part, however it is spelled.
  private static func append(
    _ value: JSONValue, to blocks: inout [Block]
  ) throws(GoDecodingError) {
    guard !value.isNull else {
      blocks.append(opaque(value, type: ""))
      return
    }
    let part = try PartReader(value, PartType.head)
    let type = try part.string("Type")
    if type.equals("text") {
      try appendText(part, to: &blocks)
    } else if type.equals("tool_call"),
      let call = try part.pointer("ToolCall", PartType.toolCall)
    {
      blocks.append(.toolCall(try toolCall(call, part)))
    } else if type.equals("tool_result"),
      let result = try part.pointer("ToolResult", PartType.toolResult)
    {
      blocks.append(.toolResult(try toolResult(result, part)))
    } else if type.equals("image") {
      blocks.append(.image(try image(part)))
    } else if type.equals("file") {
      blocks.append(.file(try file(part)))
    } else {
      _ = try part.extras(except: ["Type"])  // Checks the types of all fields.
      blocks.append(opaque(value, type: type))
    }
  }

  private static func opaque(_ value: JSONValue, type: JSONString) -> Block {
    .opaque(Block.OpaqueBlock(format: TermLLM.id, type: type, json: RawJSON(value.raw)))
  }

  private static let textFields: Set<String> = [
    "Type", "Text", "ReasoningContent", "ReasoningSummaryParts", "ReasoningItemID",
    "ReasoningEncryptedContent", "ReasoningKind", "ReasoningSummaryTitle",
  ]

  private static func appendText(
    _ part: PartReader, to blocks: inout [Block]
  ) throws(GoDecodingError) {
    let text = try part.string("Text")
    let thinking = Block.Thinking(
      try part.string("ReasoningContent"), encrypted: try part.text("ReasoningEncryptedContent"),
      id: try part.text("ReasoningItemID"), kind: try part.text("ReasoningKind")?.string,
      extras: try part.extras(only: ["ReasoningSummaryParts", "ReasoningSummaryTitle"]))
    let extras = try part.extras(except: textFields)
    let hasReasoning =
      !thinking.text.isEmpty || thinking.encrypted != nil || thinking.id != nil
      || thinking.kind != nil || !thinking.extras.isEmpty
    if hasReasoning { blocks.append(.thinking(thinking)) }
    if !hasReasoning || !text.isEmpty || !extras.isEmpty {
      blocks.append(.text(Block.Text(text, extras: extras)))
    }
  }

  private static func image(_ part: PartReader) throws(GoDecodingError) -> Block.Image {
    var extras = try part.extras(except: ["Type", "ImageData", "ImagePath"])
    var block = Block.Image(path: try part.text("ImagePath"))
    if let data = try part.pointer("ImageData", PartType.imageData) {
      (block.mediaType, block.base64) = (try data.text("media_type"), try data.text("base64"))
      if block.base64 == nil, block.mediaType == nil { block.mediaType = "" }
      extras += try data.extras(except: ["media_type", "base64"])
    }
    block.extras = extras
    return block
  }

  private static func file(_ part: PartReader) throws(GoDecodingError) -> Block.File {
    var block = Block.File(path: try part.text("FilePath"), text: try part.text("Text"))
    block.extras = try part.extras(except: ["Type", "Text", "FileData", "FilePath"])
    if let data = try part.pointer("FileData", PartType.fileData) {
      block.mediaType = try data.text("media_type")
      block.base64 = try data.text("base64")
      block.name = try data.text("filename")
      let size = try data.int("size_bytes")
      block.size = size == 0 ? nil : size
      // An empty object differs from none.
      if block.mediaType == nil, block.base64 == nil, block.name == nil, block.size == nil {
        block.mediaType = ""
      }
      block.extras += try data.extras(except: ["media_type", "base64", "filename", "size_bytes"])
    }
    return block
  }

  private static func toolCall(
    _ call: PartReader, _ part: PartReader
  ) throws(GoDecodingError) -> Block.ToolCall {
    Block.ToolCall(
      id: try call.string("ID"), name: try call.string("Name"),
      arguments: call.raw("Arguments").map { RawJSON($0.raw).withoutHTMLEscapes },
      extras: try call.extras(except: ["ID", "Name", "Arguments"])
        + part.extras(except: ["Type", "ToolCall"]))
  }

  private static func toolResult(
    _ result: PartReader, _ part: PartReader
  ) throws(GoDecodingError) -> Block.ToolResult {
    let content = try result.string("Content")
    var extras = try result.extras(except: ["ID", "Name", "Content", "content_parts", "IsError"])
    var blocks: [Block] = []
    if let parts = result["content_parts"], !parts.elements.isEmpty {
      var check = JSONWriter()
      try check.go(parts, as: .list(.object(PartType.contentPart)))
      for element in parts.elements { blocks.append(try contentBlock(element)) }
      // Content repeats the parts' text; what cannot be made from them again is kept.
      if blocks.count == 1, blocks[0].plainText != nil {
        extras.append(
          Extra(format: TermLLM.id, key: "content_parts", value: RawJSON(parts.raw)))
      }
      if content != Parts.joinedText(blocks) {
        var writer = JSONWriter()
        writer.string(content)
        extras.append(
          Extra(format: TermLLM.id, key: "Content", value: RawJSON(writer.bytes[...])))
      }
    } else {
      if let parts = result["content_parts"], parts.kind != .array {
        throw parts.mismatch("a list")
      }
      if !content.isEmpty { blocks = [.text(Block.Text(content))] }
    }
    return Block.ToolResult(
      callID: try result.string("ID"), name: try result.string("Name"), content: blocks,
      isError: try result.bool("IsError"),
      extras: extras + (try part.extras(except: ["Type", "ToolResult"])))
  }

  private static func contentBlock(_ value: JSONValue) throws(GoDecodingError) -> Block {
    guard !value.isNull else { return opaque(value, type: "content_part") }
    let part = try PartReader(value, PartType.contentPart)
    let type = try part.string("type")
    let text = try part.string("text")
    let data = try part.pointer("image_data", PartType.imageData)
    guard part.object.unknown.isEmpty else { return opaque(value, type: "content_part") }
    if type.equals("text"), data == nil { return .text(Block.Text(text)) }
    if type.equals("image_data"), text.isEmpty, let data {
      return .image(
        Block.Image(
          mediaType: try data.text("media_type"), base64: try data.text("base64"),
          extras: try data.extras(except: ["media_type", "base64"])))
    }
    return opaque(value, type: "content_part")
  }

  /// The text that a tool result's `Content` repeats.
  static func joinedText(_ blocks: [Block]) -> JSONString {
    let texts = blocks.compactMap(\.plainText)
    if texts.count == 1 { return texts[0] }
    return JSONString(texts.map(\.string).joined())
  }
}
