package import JSONText
package import SessionModel

/// Mapping of messages and their content blocks into the model.
package enum GGCodeMessage {
  private static let messageFields = GoFields(["id", "role", "content"])

  /// One flat struct serves all block kinds; these are its fields in the order of the file.
  package static let blockFieldNames: [StaticString] = [
    "type", "text", "image_mime", "image_data", "tool_name", "tool_id", "input", "output",
    "is_error", "images", "reasoning_content", "thinking_signature", "thinking_data", "cache",
  ]

  enum BlockField: Int {
    case type, text, imageMIME, imageData, toolName, toolID, input, output, isError, images,
      reasoningContent, thinkingSignature, thinkingData, cache
  }

  private static let blockFields = GoFields(blockFieldNames)

  /// The field of a name.
  static func blockField(_ name: String) -> BlockField? {
    blockFieldNames.firstIndex { $0.description == name }.flatMap { BlockField(rawValue: $0) }
  }

  /// Whether a value has the type of a field.
  static func isValue(_ json: RawJSON, of field: BlockField) -> Bool {
    guard let document = JSONDocument(ifValid: Array(json.bytes), limits: .go) else { return false }
    switch field {
    case .input: return true
    case .isError, .cache: return document.root.bool != nil
    case .images:
      var writer = JSONWriter(reserving: json.bytes.count + 16)
      writer.beginObject()
      writer.field("images", json)
      writer.endObject()
      return isBlock(RawJSON(writer.bytes[...]))
    default: return document.root.string != nil
    }
  }
  private static let imageFields = GoFields(["mime", "base64"])

  package static func message(from value: JSONValue) throws(GGCodeRecord.Damage) -> Message {
    let object = try value.goObject("message", messageFields)
    var message = Message(role: Role(try object.text(1, "role") ?? ""))
    // Classic releases do not know `id`, so that one of another type does not make them drop the line.
    if let id = object[0] {
      if let text = id.string {
        if !text.isEmpty { message.id = text.string }
      } else {
        message.extras.append(Extra(format: GGCode.id, key: "id", value: RawJSON(id.raw)))
      }
    }
    if let content = object[2] {
      for element in try content.goArray("content") {
        try append(element, to: &message.blocks)
      }
    } else {
      message.extras.append(Extra(format: GGCode.id, key: "content", value: .null))
    }
    if object.hasUnknown { message.extras += object.unknownExtras }
    // Tool results travel in user messages; the model gives them a role of their own.
    if message.role == .user, message.holdsOnlyToolResults { message.role = .tool }
    return message
  }

  /// What a `null` in a list of messages decodes to.
  static let empty = Message(
    role: .other(""), extras: [Extra(format: GGCode.id, key: "content", value: .null)])

  /// Whether a block of this format can stand in a message as it is.
  static func isBlock(_ json: RawJSON) -> Bool {
    guard let document = JSONDocument(ifValid: Array(json.bytes), limits: .go) else { return false }
    var blocks: [Block] = []
    return (try? append(document.root, to: &blocks)) != nil
  }

  private static func append(_ element: JSONValue, to blocks: inout [Block])
    throws(GGCodeRecord.Damage)
  {
    if element.isNull {
      blocks.append(.opaque(Block.OpaqueBlock(format: GGCode.id, type: "", json: .null)))
      return
    }
    let object = try element.goObject("content", blockFields)
    var block = BlockReader(object: object)
    switch try block.object.text(BlockField.type.rawValue, "type") ?? "" {
    case "text":
      if let thinking = try block.thinking() { blocks.append(.thinking(thinking)) }
      let text = try block.text(.text)
      if text != nil || block.usedThinking == false {
        blocks.append(.text(Block.Text(text ?? "", extras: try block.rest())))
      } else {
        try block.attachRest(to: &blocks)
      }
    case "thinking":
      guard try block.text(.text) == nil, var thinking = try block.thinking() else {
        blocks.append(try block.opaque(element))
        return
      }
      // Redacted reasoning has this type by itself; other reasoning usually lies in text blocks.
      if !thinking.text.isEmpty || thinking.encrypted == nil { thinking.kind = "thinking" }
      thinking.extras = try block.rest()
      blocks.append(.thinking(thinking))
    case "tool_use":
      blocks.append(
        .toolCall(
          Block.ToolCall(
            id: try block.string(.toolID) ?? "", name: try block.string(.toolName) ?? "",
            arguments: block.raw(.input), extras: try block.rest())))
    case "tool_result":
      var result = Block.ToolResult(
        callID: try block.string(.toolID) ?? "", name: try block.text(.toolName))
      if let output = try block.text(.output) {
        result.content.append(.text(Block.Text(output)))
      }
      result.isError = try block.bool(.isError) ?? false
      result.content += try block.images()
      result.extras = try block.rest()
      blocks.append(.toolResult(result))
    case "image":
      blocks.append(
        .image(
          Block.Image(
            mediaType: try block.text(.imageMIME), base64: try block.text(.imageData),
            extras: try block.rest())))
    default: blocks.append(try block.opaque(element))
    }
  }

  /// Reads fields of one block and remembers which are left over.
  private struct BlockReader {
    let object: GoObject
    /// The fields read.
    var used = GoFieldSet([BlockField.type.rawValue])
    var usedThinking = false

    mutating func string(_ field: BlockField) throws(GGCodeRecord.Damage) -> JSONString? {
      used.insert(field.rawValue)
      return try object.string(field.rawValue, blockFieldNames[field.rawValue])
    }

    /// A string that is absent when empty.
    mutating func text(_ field: BlockField) throws(GGCodeRecord.Damage) -> JSONString? {
      used.insert(field.rawValue)
      return try object.nonEmptyString(field.rawValue, blockFieldNames[field.rawValue])
    }

    mutating func bool(_ field: BlockField) throws(GGCodeRecord.Damage) -> Bool? {
      used.insert(field.rawValue)
      return try object.bool(field.rawValue, blockFieldNames[field.rawValue])
    }

    mutating func raw(_ field: BlockField) -> RawJSON? {
      used.insert(field.rawValue)
      return object.last(field.rawValue).map { RawJSON($0.raw) }
    }

    mutating func thinking() throws(GGCodeRecord.Damage) -> Block.Thinking? {
      let reasoning = try text(.reasoningContent)
      let signature = try text(.thinkingSignature)
      let encrypted = try text(.thinkingData)
      guard reasoning != nil || signature != nil || encrypted != nil else { return nil }
      usedThinking = true
      return Block.Thinking(reasoning ?? "", signature: signature, encrypted: encrypted)
    }

    mutating func images() throws(GGCodeRecord.Damage) -> [Block] {
      used.insert(BlockField.images.rawValue)
      guard let value = object[BlockField.images.rawValue] else { return [] }
      var blocks: [Block] = []
      for element in try value.goArray("images") {
        if element.isNull {
          blocks.append(.image(Block.Image()))
          continue
        }
        let image = try element.goObject("images", imageFields)
        blocks.append(
          .image(
            Block.Image(
              mediaType: try image.nonEmptyString(0, "mime"),
              base64: try image.nonEmptyString(1, "base64"))))
      }
      return blocks
    }

    /// A block of a kind that the model does not know, verbatim.
    mutating func opaque(_ element: JSONValue) throws(GGCodeRecord.Damage) -> Block {
      try checkTypes()
      return .opaque(
        Block.OpaqueBlock(
          format: GGCode.id, type: try string(.type) ?? "", json: RawJSON(element.raw)))
    }

    /// Checks the types of all fields, as decoding the struct would.
    mutating func checkTypes() throws(GGCodeRecord.Damage) {
      let strings: [BlockField] = [
        .text, .imageMIME, .imageData, .toolName, .toolID, .output, .reasoningContent,
        .thinkingSignature, .thinkingData,
      ]
      for field in strings where !used.contains(field.rawValue) { _ = try string(field) }
      if !used.contains(BlockField.isError.rawValue) { _ = try bool(.isError) }
      if !used.contains(BlockField.images.rawValue) { _ = try images() }
    }

    /// The fields that the block's kind does not use, and the unknown ones.
    mutating func rest() throws(GGCodeRecord.Damage) -> [Extra] {
      if object.fields.isSubset(of: used), !object.hasUnknown { return [] }
      let before = used
      try checkTypes()
      var extras: [Extra] = []
      for (index, name) in blockFieldNames.enumerated() where !before.contains(index) {
        let isRaw = index == BlockField.input.rawValue
        guard let value = isRaw ? object.last(index) : object[index],
          isRaw || !Self.isZero(value)
        else { continue }
        extras.append(Extra(format: GGCode.id, key: "\(name)", value: RawJSON(value.raw)))
      }
      return extras + object.unknownExtras
    }

    /// Whether a value is one that the tool does not write.
    private static func isZero(_ value: JSONValue) -> Bool {
      value.string?.isEmpty ?? (value.bool.map { !$0 } ?? false)
    }

    /// Gives the rest to the thinking block that was just added.
    mutating func attachRest(to blocks: inout [Block]) throws(GGCodeRecord.Damage) {
      let rest = try rest()
      guard !rest.isEmpty, case .thinking(var thinking)? = blocks.last else { return }
      thinking.extras = rest
      blocks[blocks.count - 1] = .thinking(thinking)
    }
  }
}
