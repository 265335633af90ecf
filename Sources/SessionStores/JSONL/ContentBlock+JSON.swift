internal import JSONText
internal import SessionFormats

extension ContentBlock {
  /// Decodes an element of a message's list; `null` gives an empty block.
  init(_ value: JSONValue) throws(GGCodeDamage) {
    self.init(type: "")
    if value.isNull { return }
    let object = try GGCodeObject(value, "content", GGCodeMessage.blockFields)
    func string(_ index: Int) throws(GGCodeDamage) -> String {
      try object.string(index)?.string ?? ""
    }
    type = try string(0)
    text = try string(1)
    imageMIME = try string(2)
    imageData = try string(3)
    toolName = try string(4)
    toolID = try string(5)
    input = object.raw(6)
    output = try string(7)
    isError = try object.bool(8) ?? false
    if let value = object[9] { images = try Self.images(value) }
    reasoningContent = try string(10)
    thinkingSignature = try string(11)
    thinkingData = try string(12)
    cache = object[13]?.bool ?? false
  }

  private static func images(_ value: JSONValue) throws(GGCodeDamage) -> [Image] {
    var images: [Image] = []
    for element in try value.goArray("images") {
      guard !element.isNull else {
        images.append(Image(mime: "", base64: ""))
        continue
      }
      let object = try GGCodeObject(element, "images", GGCodeMessage.imageFields)
      images.append(
        Image(
          mime: try object.string(0)?.string ?? "",
          base64: try object.string(1)?.string ?? ""))
    }
    return images
  }
}

extension JSONWriter {
  /// Appends a block in the tool's field order; empty fields are left out.
  mutating func block(_ block: ContentBlock, layout: GGCodeLayout) {
    beginObject()
    field("type", block.type)
    omitEmpty("text", block.text)
    omitEmpty("image_mime", block.imageMIME)
    omitEmpty("image_data", block.imageData)
    omitEmpty("tool_name", block.toolName)
    omitEmpty("tool_id", block.toolID)
    if let input = block.input {
      key("input")
      compact(input.bytes)
    }
    omitEmpty("output", block.output)
    if block.isError { field("is_error", true) }
    if !block.images.isEmpty {
      key("images")
      beginArray()
      for image in block.images {
        beginObject()
        field("mime", image.mime)
        field("base64", image.base64)
        endObject()
      }
      endArray()
    }
    omitEmpty("reasoning_content", block.reasoningContent)
    omitEmpty("thinking_signature", block.thinkingSignature)
    omitEmpty("thinking_data", block.thinkingData)
    if layout == .current, block.cache { field("cache", true) }
    endObject()
  }
}
