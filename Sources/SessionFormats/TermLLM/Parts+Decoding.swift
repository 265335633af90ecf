import JSONText
package import SessionModel

/// The text of the column `parts`: Go's JSON of a list of parts.
package enum Parts {
  /// Decodes as the tool does: key case is ignored, the last duplicate wins, `null` leaves unset.
  ///
  /// - Throws: Where the tool fails to read the message.
  package static func blocks(of text: [UInt8]) throws(GoDecodingError) -> [Block] {
    guard let document = try document(of: text) else { return [] }
    return try blocks(of: document)
  }

  /// Scans the text; nil if it is empty, which stands for no parts.
  static func document(of text: [UInt8]) throws(GoDecodingError) -> JSONDocument? {
    if text.isEmpty { return nil }
    do throws(JSONError) {
      return try JSONDocument(text, limits: .go)
    } catch {
      throw GoDecodingError(message: "\(error)")
    }
  }

  /// Decodes scanned parts.
  static func blocks(of document: JSONDocument) throws(GoDecodingError) -> [Block] {
    let root = document.root
    if root.isNull { return [] }
    guard root.kind == .array else { throw root.mismatch("a list of parts") }
    var blocks: [Block] = []
    for element in root.elements {
      try append(element, to: &blocks)
    }
    return blocks
  }

  /// Appends the blocks of a part, however it is spelled.
  static func append(
    _ value: JSONValue, to blocks: inout [Block]
  ) throws(GoDecodingError) {
    guard !value.isNull else {
      blocks.append(opaque(value, type: ""))
      return
    }
    let part = PartReader(try PartType.head.object(value))
    let type = try part.string(PartField.type)
    if type.equals("text") {
      try appendText(part, to: &blocks)
    } else if type.equals("tool_call"),
      let call = try part.pointer(PartField.toolCall, PartType.toolCall)
    {
      blocks.append(.toolCall(try toolCall(call, part)))
    } else if type.equals("tool_result"),
      let result = try part.pointer(PartField.toolResult, PartType.toolResult)
    {
      blocks.append(.toolResult(try toolResult(result, part)))
    } else if type.equals("image") {
      blocks.append(.image(try image(part)))
    } else if type.equals("file") {
      blocks.append(.file(try file(part)))
    } else {
      _ = try part.extras(except: [PartField.type])  // Checks the types of all fields.
      blocks.append(opaque(value, type: type))
    }
  }

  private static func opaque(_ value: JSONValue, type: JSONString) -> Block {
    .opaque(Block.OpaqueBlock(format: TermLLM.id, type: type, json: RawJSON(value.raw)))
  }

  private static let textFields: FieldSet = [
    PartField.type, PartField.text, PartField.reasoningContent, PartField.reasoningSummaryParts,
    PartField.reasoningItemID, PartField.reasoningEncryptedContent, PartField.reasoningKind,
    PartField.reasoningSummaryTitle,
  ]

  private static func appendText(
    _ part: PartReader, to blocks: inout [Block]
  ) throws(GoDecodingError) {
    let text = try part.string(PartField.text)
    let reasoning = try part.string(PartField.reasoningContent)
    let item = try part.string(PartField.reasoningItemID)
    let encrypted = try part.string(PartField.reasoningEncryptedContent)
    let kind = try part.string(PartField.reasoningKind)
    let thinkingExtras = try part.extras(
      only: [PartField.reasoningSummaryParts, PartField.reasoningSummaryTitle])
    let extras = try part.extras(except: textFields)
    let hasReasoning =
      !(reasoning.isEmpty && item.isEmpty && encrypted.isEmpty && kind.isEmpty
      && thinkingExtras.isEmpty)
    if hasReasoning {
      blocks.append(
        .thinking(
          Block.Thinking(
            reasoning, encrypted: encrypted.nonEmpty, id: item.nonEmpty,
            kind: kind.isEmpty ? nil : kind.string, extras: thinkingExtras)))
    }
    if !hasReasoning || !text.isEmpty || !extras.isEmpty {
      blocks.append(.text(Block.Text(text, extras: extras)))
    }
  }

  private static func image(_ part: PartReader) throws(GoDecodingError) -> Block.Image {
    var extras = try part.extras(except: [PartField.type, PartField.imageData, PartField.imagePath])
    var block = Block.Image(path: try part.string(PartField.imagePath).nonEmpty)
    if let data = try part.pointer(PartField.imageData, PartType.imageData) {
      (block.mediaType, block.base64) = (try data.string(0).nonEmpty, try data.string(1).nonEmpty)
      if block.base64 == nil, block.mediaType == nil { block.mediaType = "" }
      extras += try data.extras(except: [0, 1])
    }
    block.extras = extras
    return block
  }

  private static func file(_ part: PartReader) throws(GoDecodingError) -> Block.File {
    var block = Block.File(
      path: try part.string(PartField.filePath).nonEmpty,
      text: try part.string(PartField.text).nonEmpty)
    block.extras = try part.extras(
      except: [PartField.type, PartField.text, PartField.fileData, PartField.filePath])
    if let data = try part.pointer(PartField.fileData, PartType.fileData) {
      block.mediaType = try data.string(0).nonEmpty
      block.base64 = try data.string(1).nonEmpty
      block.name = try data.string(2).nonEmpty
      let size = try data.int(3)
      block.size = size == 0 ? nil : size
      // An empty object differs from none.
      if block.mediaType == nil, block.base64 == nil, block.name == nil, block.size == nil {
        block.mediaType = ""
      }
      block.extras += try data.extras(except: [0, 1, 2, 3])
    }
    return block
  }

  private static func toolCall(
    _ call: PartReader, _ part: PartReader
  ) throws(GoDecodingError) -> Block.ToolCall {
    Block.ToolCall(
      id: try call.string(0), name: try call.string(1),
      arguments: call.object.last(4).map { RawJSON($0.raw).withoutHTMLEscapes },
      extras: try call.extras(except: [0, 1, 4])
        + part.extras(except: [PartField.type, PartField.toolCall]))
  }

  private static func toolResult(
    _ result: PartReader, _ part: PartReader
  ) throws(GoDecodingError) -> Block.ToolResult {
    let content = try result.string(2)
    var extras = try result.extras(except: [0, 1, 2, 3, 7])
    var blocks: [Block] = []
    if let parts = result.object[3], !parts.elements.isEmpty {
      var check = JSONWriter()
      try check.go(parts, as: PartType.toolResult.fields[3].shape)
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
      if let parts = result.object[3], parts.kind != .array { throw parts.mismatch("a list") }
      if !content.isEmpty { blocks = [.text(Block.Text(content))] }
    }
    return Block.ToolResult(
      callID: try result.string(0), name: try result.string(1), content: blocks,
      isError: try result.bool(7),
      extras: extras + (try part.extras(except: [PartField.type, PartField.toolResult])))
  }

  private static func contentBlock(_ value: JSONValue) throws(GoDecodingError) -> Block {
    guard !value.isNull else { return opaque(value, type: "content_part") }
    let part = PartReader(try PartType.contentPart.object(value))
    let type = try part.string(0)
    let text = try part.string(1)
    let data = try part.pointer(2, PartType.imageData)
    if type.equals("text"), data == nil, part.object.unknown.isEmpty {
      return .text(Block.Text(text))
    }
    if type.equals("image_data"), text.isEmpty, part.object.unknown.isEmpty, let data {
      return .image(
        Block.Image(
          mediaType: try data.string(0).nonEmpty, base64: try data.string(1).nonEmpty,
          extras: try data.extras(except: [0, 1])))
    }
    return opaque(value, type: "content_part")
  }

  /// The text that a tool result's `Content` repeats.
  static func joinedText(_ blocks: [Block]) -> JSONString {
    let texts = blocks.compactMap(\.plainText)
    if texts.count == 1 { return texts[0] }
    return JSONString(texts.map(\.string).joined(separator: "\n"))
  }
}

extension JSONString {
  /// Nil if empty.
  var nonEmpty: JSONString? { isEmpty ? nil : self }
}
