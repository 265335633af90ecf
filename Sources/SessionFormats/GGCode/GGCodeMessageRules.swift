internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Single messages: who speaks, blocks, pictures, identifiers, and that the person said something.
struct GGCodeMessageRules: GGCodeRuleGroup {
  private var ids: Set<ContentHash> = []
  private var hasUserText = false

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    for message in line.messages {
      check(message, line.place, &log)
      if line.isEffective, Self.hasUserText(message) { hasUserText = true }
    }
    if case .message(let message) = line.content, let id = message.id,
      !ids.insert(ContentHash(Array(id.utf8)[...])).inserted
    {
      log.add(
        "message-id", .warning, line.place,
        "a second message has the identifier \"\(id)\"; current releases keep the first only")
    }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {
    if hasUserText { return }
    log.add(
      "user-text", .warning, file.place,
      "nothing of what ggcode loads is text of the person; it deletes such files when it lists or "
        + "saves")
  }

  private func check(_ message: Message, _ place: Place, _ log: inout FindingLog) {
    switch message.role {
    case .user, .assistant, .system: break
    case .tool where message.holdsOnlyToolResults: break
    default:
      log.add(
        "role", .info, place,
        "the role \"\(message.role.name)\" is not user, assistant or system; ggcode keeps it")
    }
    for block in message.blocks {
      switch block {
      case .opaque(let opaque):
        log.add(
          "block-type", .info, place,
          "blocks of type \"\(opaque.type.string)\" are unknown; ggcode keeps but never shows them")
      case .image(let image): check(image, place, &log)
      case .toolResult(let result):
        for case .image(let image) in result.content { check(image, place, &log) }
      default: break
      }
    }
  }

  private func check(_ image: Block.Image, _ place: Place, _ log: inout FindingLog) {
    if image.mediaType == nil { log.add("image", .info, place, "a picture states no MIME type") }
    if image.base64.map({ Base64.decode($0.string) == nil }) ?? true {
      log.add("image", .info, place, "the data of a picture are not Base64")
    }
  }

  /// The tool's `HasUserInteraction`: a text block of the role `user` that is not blank.
  private static func hasUserText(_ message: Message) -> Bool {
    message.role == .user
      && message.blocks.contains { block in
        guard let text = block.plainText else { return false }
        return UnicodeWhiteSpace.trimmed(Array(text.string.utf8)[...]) != nil
      }
  }
}
