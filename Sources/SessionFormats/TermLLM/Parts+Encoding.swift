package import JSONText
package import SessionModel

extension Parts {
  /// Appends the text of the column `parts` for blocks, as the tool writes it.
  ///
  /// Blocks that the shape cannot express are left out.
  package static func encode(_ blocks: [Block], shape: PartShape, into bytes: inout [UInt8]) {
    // The array is not the writer's own, so that a part which says nothing leaves no comma.
    var writer = JSONWriter(escaping: .html)
    swap(&writer.bytes, &bytes)
    let size = blocks.reduce(2) { $0 + 600 + $1.storedCount / 8 * 9 }
    writer.bytes.reserveCapacity(writer.bytes.count + size)
    writer.bytes.append(UInt8(ascii: "["))
    var isFirst = true
    var index = 0
    while index < blocks.count {
      let end = writer.bytes.count
      if !isFirst { writer.bytes.append(UInt8(ascii: ",")) }
      let start = writer.bytes.count
      index += encode(blocks[index...], shape, to: &writer)
      if writer.bytes.count > start {
        isFirst = false
      } else {
        writer.bytes.removeLast(start - end)
      }
    }
    writer.bytes.append(UInt8(ascii: "]"))
    swap(&writer.bytes, &bytes)
  }

  /// Appends the part for the first of some blocks, if there is one; returns the blocks it stands for.
  private static func encode(
    _ blocks: ArraySlice<Block>, _ shape: PartShape, to writer: inout JSONWriter
  ) -> Int {
    switch blocks[blocks.startIndex] {
    case .thinking(let thinking):
      // Reasoning rides on the text that follows it.
      if blocks.count > 1, case .text(let text) = blocks[blocks.startIndex + 1] {
        writer.part(text, thinking: thinking, shape)
        return 2
      }
      if thinking.isExpressible(shape) { writer.part(nil, thinking: thinking, shape) }
    case .text(let text):
      writer.part(text, thinking: nil, shape)
    case let block:
      writer.part(block, shape)
    }
    return 1
  }

  /// The column `text_content`: the texts that search and display use, one per line.
  package static func textContent(of blocks: [Block], shape: PartShape) -> JSONString {
    var texts: [JSONString] = []
    for block in blocks {
      switch block {
      case .text(let text): texts.append(text.text)
      case .file(let file): if shape.isCurrent, let text = file.text { texts.append(text) }
      default: break
      }
    }
    texts.removeAll(where: \.isEmpty)
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
  /// About how many bytes what it says takes.
  fileprivate var storedCount: Int {
    switch self {
    case .text(let block): block.text.storedCount
    case .thinking(let block): block.text.storedCount
    case .toolCall(let block): block.arguments?.bytes.count ?? 0
    case .toolResult(let block): block.content.reduce(0) { $0 + $1.storedCount }
    case .image(let block): block.base64?.storedCount ?? 0
    case .file(let block):
      (block.base64?.storedCount ?? 0) + (block.text?.storedCount ?? 0)
    case .opaque(let block): block.json.bytes.count
    }
  }

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
  func isExpressible(_ shape: PartShape) -> Bool {
    if !text.isEmpty || id != nil { return true }
    return shape.isCurrent && (kind != nil || !partExtras.isEmpty)
  }

  /// Encrypted reasoning is only usable with its item's identifier.
  var encryptedContent: JSONString { id == nil ? "" : encrypted ?? "" }

  /// Fields of this format.
  var partExtras: [Extra] { extras.filter { $0.format == TermLLM.id } }
}

extension JSONWriter {
  /// Appends a part whose fields are given by position; all others get their zero values.
  private mutating func fields(
    _ shape: PartShape, _ type: StaticString, extras: [Extra],
    _ write: (inout JSONWriter, _ position: Int) -> Bool
  ) {
    let fields = shape.type.fields
    let positions = shape.positions
    beginObject()
    for index in 0..<shape.type.fields.count {
      let field = fields[index]
      key(field.name)
      if index == 0 {
        literal(type)
      } else if !write(&self, positions[index]) {
        value(of: field, extras)
      }
    }
    endObject()
  }

  /// Appends a field's value out of extras, or its zero value.
  mutating func value(of field: GoStruct.Field, _ extras: [Extra]) {
    if !extras.isEmpty, let raw = extras.value(field.name.description, of: TermLLM.id),
      let document = JSONDocument(ifValid: Array(raw.bytes), limits: .go),
      isWritten(document.root, as: field.shape)
    {
      return
    }
    switch field.shape {
    case .string: literal("")
    case .bool: bool(false)
    case .int: int(0)
    case .raw, .base64, .list, .map, .object, .pointer: null()
    }
  }

  /// Appends a value if it is of a type; false if it is not.
  mutating func isWritten(_ value: JSONValue, as shape: GoShape) -> Bool {
    var writer = JSONWriter(escaping: escaping)
    guard (try? writer.go(value, as: shape)) != nil else { return false }
    raw(writer.bytes[...])
    return true
  }

  mutating func part(_ text: Block.Text?, thinking: Block.Thinking?, _ shape: PartShape) {
    fields(shape, "text", extras: (text?.extras ?? []) + (thinking?.extras ?? [])) {
      writer, position in
      switch position {
      case PartField.text: writer.string(text?.text ?? "")
      case PartField.reasoningContent: writer.string(thinking?.text ?? "")
      case PartField.reasoningItemID: writer.string(thinking?.id ?? "")
      case PartField.reasoningEncryptedContent:
        writer.string(thinking?.encryptedContent ?? "")
      case PartField.reasoningKind: writer.string(thinking?.kind ?? "")
      default: return false
      }
      return true
    }
  }

  /// Appends the part for a block other than reasoning; nothing if the shape has no place for it.
  mutating func part(_ block: Block, _ shape: PartShape) {
    guard block.isExpressible(shape) else { return }
    switch block {
    case .text(let text): part(text, thinking: nil, shape)
    case .thinking: break
    case .toolCall(let call):
      fields(shape, "tool_call", extras: call.extras) { writer, position in
        guard position == PartField.toolCall else { return false }
        writer.toolCall(call, shape)
        return true
      }
    case .toolResult(let result):
      fields(shape, "tool_result", extras: result.extras) { writer, position in
        guard position == PartField.toolResult else { return false }
        writer.toolResult(result, shape)
        return true
      }
    case .image(let image):
      fields(shape, "image", extras: image.extras) { writer, position in
        switch position {
        case PartField.imageData: writer.imageData(image)
        case PartField.imagePath: writer.string(image.path ?? "")
        default: return false
        }
        return true
      }
    case .file(let file):
      fields(shape, "file", extras: file.extras) { writer, position in
        switch position {
        case PartField.text: writer.string(file.text ?? "")
        case PartField.fileData: writer.fileData(file)
        case PartField.filePath: writer.string(file.path ?? "")
        default: return false
        }
        return true
      }
    case .opaque(let opaque): part(opaque, shape)
    }
  }

  /// Appends a part kept verbatim, in the key order of the shape.
  private mutating func part(_ opaque: Block.OpaqueBlock, _ shape: PartShape) {
    guard let document = JSONDocument(ifValid: Array(opaque.json.bytes), limits: .go) else {
      return
    }
    let object = GoObject(document.root, fields: shape.type.names)
    var writer = JSONWriter(escaping: escaping)
    do throws(GoDecodingError) {
      writer.beginObject()
      for field in 0..<shape.type.fields.count {
        try writer.go(object, field, shape.type.fields[field])
      }
      writer.endObject()
    } catch {
      return
    }
    raw(writer.bytes[...])
  }
}
