internal import JSONText
internal import SessionCoding
internal import SessionModel

/// What the services that run models refuse, and what is written in its place.
///
/// Programs send a conversation as it stands in their files; one picture or name that the service does
/// not take makes the whole session unusable. Every writer of such files passes what other tools said
/// through here. The originals stay in the carry.
///
/// | refused | written |
/// |---|---|
/// | names of tools outside `^[a-zA-Z0-9_-]{1,64}$` | a name made from it, see ``ToolName`` |
/// | pictures whose stated type is not that of their bytes | the type that the bytes have |
/// | pictures other than JPEG, PNG, GIF and WebP, or that do not decode | a text that says what it was |
/// | blocks of kinds that only another format has | their text where they have one, else nothing |
/// | empty texts and empty reasoning, and messages without content | nothing |
///
/// Text that tells a model what it may do does not cross formats either, see ``PermissionText``.
struct ModelAPI {
  /// The format that is written, whose own kinds of blocks stay.
  let format: String

  /// What is written for an entry of another format; where nothing of it can be sent, it says nothing.
  func accepted(_ entry: Entry) -> Entry {
    var accepted = entry
    switch entry.content {
    case .message(let message):
      let sent = self.accepted(message)
      accepted.content =
        sent.map { .message($0) } ?? .opaque(OpaqueRecord(format: format, bytes: []))
    case .checkpoint(var checkpoint):
      checkpoint.messages = checkpoint.messages?.compactMap(self.accepted)
      accepted.content = .checkpoint(checkpoint)
    case .usage, .metric, .event, .headChange, .opaque: break
    }
    return accepted
  }

  private func accepted(_ message: Message) -> Message? {
    var message = message
    message.blocks = blocks(
      PermissionText.removed(from: message) ?? message.blocks, of: message.role)
    return message.blocks.isEmpty ? nil : message
  }

  private func blocks(_ blocks: [Block], of role: Role) -> [Block] {
    blocks.compactMap { block in
      switch block {
      case .text(let text): return text.text.isEmpty ? nil : block
      case .toolCall(var call):
        call.name = Self.toolName(call.name)
        return .toolCall(call)
      case .toolResult(var result):
        if let name = result.name, !name.isEmpty { result.name = Self.toolName(name) }
        result.content = self.blocks(result.content, of: .tool)
        return .toolResult(result)
      case .image(let image):
        // No service takes pictures from the model; each writer has its own way with them.
        return role == .assistant ? block : Self.accepted(image)
      case .opaque(let opaque):
        if opaque.format == format { return block }
        return opaque.text.flatMap { $0.isEmpty ? nil : .text(Block.Text($0)) }
      case .thinking(let thinking):
        let parts = [thinking.text, thinking.signature ?? "", thinking.encrypted ?? ""]
        return thinking.kind == nil && parts.allSatisfy(\.isEmpty) ? nil : block
      case .file: return block
      }
    }
  }

  private static func toolName(_ name: JSONString) -> JSONString {
    name.isEmpty ? "tool" : JSONString(ToolName.portable(name))
  }

  private static func accepted(_ image: Block.Image) -> Block {
    guard let data = image.base64 else { return .image(image) }
    let bytes = Base64.decode(data.string)
    let known = bytes.flatMap { PictureType($0, stated: image.mediaType?.string) }
    guard let type = known else {
      let stated = image.mediaType.flatMap { $0.isEmpty ? nil : $0.string } ?? "of unknown type"
      let about = [image.path?.string, stated, bytes == nil ? "its data does not decode" : nil]
      return .text(
        Block.Text(JSONString("[image: \(about.compactMap(\.self).joined(separator: ", "))]")))
    }
    if image.mediaType?.string == type.rawValue { return .image(image) }
    var image = image
    image.mediaType = JSONString(type.rawValue)
    return .image(image)
  }
}
