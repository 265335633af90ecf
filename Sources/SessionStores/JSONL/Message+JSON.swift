public import JSONText
internal import SessionFormats
public import SessionModel

extension Message {
  /// Reads a message as a session file spells it.
  ///
  /// - Throws: `.malformed` where the tool could not decode it either.
  public init(json: RawJSON) throws(StoreError) {
    do {
      self = try Message(JSONDocument(Array(json.bytes), limits: .go).root)
    } catch {
      throw StoreError(.malformed, "the message cannot be decoded: \(error)")
    }
  }

  init(_ value: JSONValue) throws(GGCodeDamage) {
    let object = try GGCodeObject(value, "message", GGCodeMessage.fields)
    id = try object.string(0)?.string ?? ""
    role = try object.string(1)?.string ?? ""
    if let list = object[2] {
      var blocks: [ContentBlock] = []
      for element in try list.goArray("content") { blocks.append(try ContentBlock(element)) }
      content = blocks
    }
  }

  /// Reads a list of messages.
  static func list(_ value: JSONValue) throws(GGCodeDamage) -> [Message] {
    var messages: [Message] = []
    for element in try value.goArray("messages") {
      messages.append(
        element.isNull ? Message(role: "", content: nil) : try Message(element))
    }
    return messages
  }

  /// The message in the model that all formats share.
  ///
  /// - Throws: `.malformed` if a raw value in it is not JSON.
  public func modelMessage() throws(StoreError) -> SessionModel.Message {
    var writer = JSONWriter()
    writer.message(self, layout: .current)
    do {
      return try GGCodeMessage.message(from: JSONDocument(writer.bytes, limits: .go).root)
    } catch {
      throw StoreError(.malformed, "the message cannot be decoded: \(error)")
    }
  }
}

extension JSONWriter {
  /// Appends a message in the tool's field order.
  mutating func message(_ message: Message, layout: GGCodeLayout) {
    beginObject()
    if layout == .current { omitEmpty("id", message.id) }
    field("role", message.role)
    key("content")
    if let content = message.content {
      beginArray()
      for block in content { self.block(block, layout: layout) }
      endArray()
    } else {
      null()
    }
    endObject()
  }
}
