package import JSONText
package import SessionModel

extension Parts {
  /// The text of the column `parts` for blocks, as the tool writes it.
  ///
  /// Blocks that the shape cannot express are left out.
  package static func encode(_ blocks: [Block], shape: PartShape) -> [UInt8] {
    var bytes = [UInt8(ascii: "[")]
    var rest = blocks[...]
    while let block = rest.popFirst() {
      var writer = JSONWriter(escaping: .html)
      switch block {
      case .thinking(let thinking):
        // Reasoning rides on the text that follows it.
        if case .text(let text)? = rest.first {
          rest.removeFirst()
          writer.part(text, thinking: thinking, shape)
        } else if thinking.isExpressible(shape) {
          writer.part(nil, thinking: thinking, shape)
        }
      case .text(let text): writer.part(text, thinking: nil, shape)
      default: if block.isExpressible(shape) { writer.part(block, shape) }
      }
      if writer.bytes.isEmpty { continue }
      if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: writer.bytes)
    }
    bytes.append(UInt8(ascii: "]"))
    return bytes
  }

  /// The column `text_content`: the texts that search and display use, one per line.
  package static func textContent(of blocks: [Block], shape: PartShape) -> JSONString {
    let texts = blocks.compactMap { block -> JSONString? in
      switch block {
      case .text(let text): text.text
      case .file(let file): shape.isCurrent ? file.text : nil
      default: nil
      }
    }.filter { !$0.isEmpty }
    if texts.count == 1 { return texts[0] }
    var joined: [UInt8] = []
    for (index, text) in texts.enumerated() {
      if index > 0 { joined.append(0x0A) }
      text.appendUTF8(to: &joined)
    }
    return JSONString(decodedUTF8: joined)
  }
}

extension Block {
  /// Whether a part of the shape can stand for the block.
  func isExpressible(_ shape: PartShape) -> Bool {
    switch self {
    case .text, .toolCall, .toolResult: true
    case .thinking(let thinking): thinking.isExpressible(shape)
    case .image, .file: shape.isCurrent
    case .opaque(let block): block.format == TermLLM.id && shape.isCurrent
    }
  }
}

extension Block.Thinking {
  /// Whether anything of it has a place in a part: signatures and redacted data have none.
  fileprivate func isExpressible(_ shape: PartShape) -> Bool {
    if !text.isEmpty || id != nil { return true }
    return shape.isCurrent && (kind != nil || extras.contains { $0.format == TermLLM.id })
  }
}

/// The value that a block gives a field.
private enum FieldValue {
  case text(JSONString)
  case bool(Bool)
  case int(Int64)
  /// A value that is not empty.
  case json((inout JSONWriter) -> Void)

  /// Whether Go leaves the field out where empty ones are.
  var isEmpty: Bool {
    switch self {
    case .text(let text): text.isEmpty
    case .bool(let value): !value
    case .int(let value): value == 0
    case .json: false
    }
  }
}

extension JSONWriter {
  /// Appends a struct whose fields come from a block, else from its extras, else are zero.
  ///
  /// - Parameter values: What the block says, by the names of fields.
  private mutating func structure(
    _ type: GoStruct, _ extras: [Extra], _ values: [String: FieldValue]
  ) {
    beginObject()
    for field in type.fields {
      let value = values[field.text]
      let kept = extras.value(field.text, of: TermLLM.id)
      if field.omitsEmpty, value?.isEmpty ?? true, kept == nil { continue }
      key(field.name)
      switch value {
      case .text(let text): string(text)
      case .bool(let value): bool(value)
      case .int(let value): int(value)
      case .json(let write): write(&self)
      case nil: extra(kept, as: field.shape)
      }
    }
    endObject()
  }

  /// Appends a field's value out of extras, or its zero value.
  private mutating func extra(_ kept: RawJSON?, as shape: GoShape) {
    if let kept, let document = JSONDocument(ifValid: Array(kept.bytes), limits: .go),
      isWritten(document.root, as: shape)
    {
      return
    }
    switch shape {
    case .string: literal("")
    case .bool: bool(false)
    case .int: int(0)
    case .raw, .base64, .list, .map, .object, .pointer: null()
    }
  }

  /// Appends a value if it is of a type; false if it is not.
  private mutating func isWritten(_ value: JSONValue, as shape: GoShape) -> Bool {
    var writer = JSONWriter(escaping: escaping)
    // Of another type it cannot stand here; the caller writes something else.
    guard (try? writer.go(value, as: shape)) != nil else { return false }
    raw(writer.bytes[...])
    return true
  }

  fileprivate mutating func part(
    _ text: Block.Text?, thinking: Block.Thinking?, _ shape: PartShape
  ) {
    structure(
      shape.type, (text?.extras ?? []) + (thinking?.extras ?? []),
      [
        "Type": .text("text"), "Text": .text(text?.text ?? ""),
        "ReasoningContent": .text(thinking?.text ?? ""),
        "ReasoningItemID": .text(thinking?.id ?? ""),
        // Encrypted reasoning is only usable with its item's identifier.
        "ReasoningEncryptedContent": .text(thinking?.id.flatMap { _ in thinking?.encrypted } ?? ""),
        "ReasoningKind": .text(JSONString(thinking?.kind ?? "")),
      ])
  }

  /// Appends the part for a block other than text and reasoning.
  fileprivate mutating func part(_ block: Block, _ shape: PartShape) {
    switch block {
    case .text, .thinking: break
    case .toolCall(let call):
      structure(
        shape.type, call.extras,
        ["Type": .text("tool_call"), "ToolCall": .json { $0.toolCall(call, shape) }])
    case .toolResult(let result):
      structure(
        shape.type, result.extras,
        ["Type": .text("tool_result"), "ToolResult": .json { $0.toolResult(result, shape) }])
    case .image(let image):
      structure(
        shape.type, image.extras,
        [
          "Type": .text("image"), "ImageData": .json { $0.imageData(image) },
          "ImagePath": .text(image.path ?? ""),
        ])
    case .file(let file):
      structure(
        shape.type, file.extras,
        [
          "Type": .text("file"), "Text": .text(file.text ?? ""),
          "FileData": .json { $0.fileData(file) }, "FilePath": .text(file.path ?? ""),
        ])
    case .opaque(let opaque): verbatim(opaque, as: shape.type)
    }
  }

  /// Appends what was kept verbatim, in the key order of a type; nothing if it is of another.
  private mutating func verbatim(_ opaque: Block.OpaqueBlock, as type: GoStruct) {
    guard let document = JSONDocument(ifValid: Array(opaque.json.bytes), limits: .go) else {
      return
    }
    _ = isWritten(document.root, as: .object(type))
  }

  private mutating func toolCall(_ call: Block.ToolCall, _ shape: PartShape) {
    structure(
      shape.isCurrent ? PartType.toolCall : PartType.seedToolCall, call.extras,
      [
        "ID": .text(call.id), "Name": .text(call.name),
        "Arguments": .json { $0.arguments(call.arguments) },
      ])
  }

  /// Arguments are embedded as they are but for white space; what is not JSON becomes a string.
  private mutating func arguments(_ arguments: RawJSON?) {
    guard let arguments else { return null() }
    if JSONDocument(ifValid: Array(arguments.bytes), limits: .go) != nil {
      compact(arguments.bytes)
    } else {
      string(JSONString(decodedUTF8: Array(arguments.bytes)))
    }
  }

  private mutating func toolResult(_ result: Block.ToolResult, _ shape: PartShape) {
    let content = result.content
    var values: [String: FieldValue] = [
      "ID": .text(result.callID), "Name": .text(result.name ?? ""),
      "IsError": .bool(result.isError),
    ]
    if result.extras.value("Content", of: TermLLM.id) == nil {
      values["Content"] = .text(Parts.joinedText(content))
    }
    // For at most one text the field `Content` is enough.
    if content.count > 1 || content.contains(where: { $0.plainText == nil }) {
      values["content_parts"] = .json { $0.contentParts(content) }
    }
    structure(
      shape.isCurrent ? PartType.toolResult : PartType.seedToolResult, result.extras, values)
  }

  private mutating func contentParts(_ blocks: [Block]) {
    let type = PartType.contentPart
    beginArray()
    for block in blocks {
      switch block {
      case .text(let text): structure(type, [], ["type": .text("text"), "text": .text(text.text)])
      case .image(let image):
        structure(
          type, [], ["type": .text("image_data"), "image_data": .json { $0.imageObject(image) }])
      case .opaque(let opaque) where opaque.format == TermLLM.id: verbatim(opaque, as: type)
      default: break
      }
    }
    endArray()
  }

  private mutating func imageData(_ image: Block.Image) {
    let hasData =
      image.mediaType != nil || image.base64 != nil
      || PartType.imageData.fields.contains {
        image.extras.value($0.text, of: TermLLM.id) != nil
      }
    if hasData { imageObject(image) } else { null() }
  }

  private mutating func imageObject(_ image: Block.Image) {
    structure(
      PartType.imageData, image.extras,
      ["media_type": .text(image.mediaType ?? ""), "base64": .text(image.base64 ?? "")])
  }

  private mutating func fileData(_ file: Block.File) {
    guard file.mediaType != nil || file.base64 != nil || file.name != nil || file.size != nil
    else { return null() }
    structure(
      PartType.fileData, [],
      [
        "media_type": .text(file.mediaType ?? ""), "base64": .text(file.base64 ?? ""),
        "filename": .text(file.name ?? ""), "size_bytes": .int(file.size ?? 0),
      ])
  }
}
