import JSONText
import SessionModel

extension JSONWriter {
  mutating func toolCall(_ call: Block.ToolCall, _ shape: PartShape) {
    let isCurrent = shape.isCurrent
    structure(isCurrent ? PartType.toolCall : PartType.seedToolCall, call.extras) {
      writer, index in
      switch isCurrent || index < 2 ? index : index + 2 {
      case 0: writer.string(call.id)
      case 1: writer.string(call.name)
      case 4: writer.arguments(call.arguments)
      default: return false
      }
      return true
    }
  }

  /// Arguments are embedded as they are but for white space; what is not JSON becomes a string.
  mutating func arguments(_ arguments: RawJSON?) {
    guard let arguments else { return null() }
    if (JSONDocument(ifValid: Array(arguments.bytes), limits: .go)) != nil {
      compact(arguments.bytes)
    } else {
      string(JSONString(decodedUTF8: Array(arguments.bytes)))
    }
  }

  mutating func toolResult(_ result: Block.ToolResult, _ shape: PartShape) {
    let content = result.content
    let isPlain = result.isPlain
    let isCurrent = shape.isCurrent
    structure(isCurrent ? PartType.toolResult : PartType.seedToolResult, result.extras) {
      writer, index in
      switch isCurrent || index < 3 ? index : index + 1 {
      case 0: writer.string(result.callID)
      case 1: writer.string(result.name ?? "")
      case 2:
        if result.extras.value("Content", of: TermLLM.id) != nil { return false }
        writer.string(Parts.joinedText(content))
      case 3:
        if isPlain { return false }
        writer.contentParts(content)
      case 7: writer.bool(result.isError)
      default: return false
      }
      return true
    } isLeftOut: { index in
      !isCurrent || index != 3 || isPlain
    }
  }

  private mutating func contentParts(_ blocks: [Block]) {
    beginArray()
    for block in blocks {
      switch block {
      case .text(let text):
        beginObject()
        field("type", "text" as String)
        if !text.text.isEmpty { field("text", text.text) }
        endObject()
      case .image(let image):
        beginObject()
        field("type", "image_data" as String)
        key("image_data")
        imageObject(image)
        endObject()
      case .opaque(let opaque) where opaque.format == TermLLM.id:
        guard let document = JSONDocument(ifValid: Array(opaque.json.bytes), limits: .go) else {
          continue
        }
        _ = isWritten(document.root, as: .object(PartType.contentPart))
      default: break
      }
    }
    endArray()
  }

  mutating func imageData(_ image: Block.Image) {
    let hasData =
      image.mediaType != nil || image.base64 != nil
      || PartType.imageData.fields.contains {
        image.extras.value($0.name.description, of: TermLLM.id) != nil
      }
    if hasData { imageObject(image) } else { null() }
  }

  private mutating func imageObject(_ image: Block.Image) {
    structure(PartType.imageData, image.extras) { writer, index in
      switch index {
      case 0: writer.string(image.mediaType ?? "")
      case 1: writer.string(image.base64 ?? "")
      default: return false
      }
      return true
    } isLeftOut: { index in
      switch index {
      case 0: image.mediaType?.isEmpty ?? true
      case 1: image.base64?.isEmpty ?? true
      default: true
      }
    }
  }

  mutating func fileData(_ file: Block.File) {
    guard file.mediaType != nil || file.base64 != nil || file.name != nil || file.size != nil
    else { return null() }
    beginObject()
    if let type = file.mediaType?.nonEmpty { field("media_type", type) }
    if let base64 = file.base64?.nonEmpty { field("base64", base64) }
    if let name = file.name?.nonEmpty { field("filename", name) }
    if let size = file.size, size != 0 { field("size_bytes", size) }
    endObject()
  }

  /// Appends a struct whose fields come from a block, from its extras, or are zero.
  ///
  /// - Parameter isLeftOut: Whether the block says nothing for a field that is omitted when empty.
  private mutating func structure(
    _ type: GoStruct, _ extras: [Extra], _ write: (inout JSONWriter, _ index: Int) -> Bool,
    isLeftOut: (_ index: Int) -> Bool = { _ in true }
  ) {
    beginObject()
    for (index, field) in type.fields.enumerated() {
      if field.omitsEmpty, isLeftOut(index),
        extras.isEmpty || extras.value(field.name.description, of: TermLLM.id) == nil
      {
        continue
      }
      key(field.name)
      if !write(&self, index) { value(of: field, extras) }
    }
    endObject()
  }
}

extension Block.ToolResult {
  /// Whether the result is at most one text, for which the field `Content` is enough.
  fileprivate var isPlain: Bool {
    content.count <= 1 && content.allSatisfy { $0.plainText != nil }
  }
}
