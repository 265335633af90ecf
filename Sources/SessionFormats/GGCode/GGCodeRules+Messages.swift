internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Single messages: who speaks, blocks, pictures, identifiers, and that the person said something.
struct GGCodeMessageRules: GGCodeRuleGroup {
  private var ids: Set<ContentHash> = []
  private var hasUserText = false

  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    switch line.content {
    case .message(let message):
      check(message, line, report)
      if let id = message.id, !ids.insert(ContentHash(Array(id.utf8)[...])).inserted {
        report(
          line.finding(
            "message-id", .warning,
            "a second message has the identifier \"\(id)\"; current releases keep the first only"))
      }
      if line.isEffective, Self.hasUserText(message) { hasUserText = true }
    case .checkpoint(let checkpoint):
      for message in checkpoint.messages ?? [] {
        check(message, line, report)
        if line.isEffective, Self.hasUserText(message) { hasUserText = true }
      }
    default: break
    }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void) {
    guard !hasUserText else { return }
    report(
      file.finding(
        "user-text", .warning,
        "nothing of what ggcode loads is text of the person; it deletes such files when it lists or "
          + "saves"))
  }

  private func check(_ message: Message, _ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    switch message.role {
    case .user, .assistant, .system: break
    case .tool where message.holdsOnlyToolResults: break
    default:
      report(
        line.finding(
          "role", .info,
          "the role \"\(message.role.name)\" is not user, assistant or system; ggcode keeps it"))
    }
    for block in message.blocks {
      switch block {
      case .opaque(let opaque):
        report(
          line.finding(
            "block-type", .info,
            "blocks of type \"\(opaque.type.string)\" are unknown; ggcode keeps but never shows "
              + "them"))
      case .image(let image): check(image, line, report)
      case .toolResult(let result):
        for case .image(let image) in result.content { check(image, line, report) }
      default: break
      }
    }
  }

  private func check(_ image: Block.Image, _ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    if image.mediaType == nil {
      report(line.finding("image", .info, "a picture states no MIME type"))
    }
    if image.base64.map({ Base64.decode($0.string) == nil }) ?? true {
      report(line.finding("image", .info, "the data of a picture are not Base64"))
    }
  }

  /// The tool's `HasUserInteraction`: a text block of the role `user` that is not blank.
  private static func hasUserText(_ message: Message) -> Bool {
    message.role == .user
      && message.blocks.contains { block in
        guard let text = block.plainText, !text.isEmpty else { return false }
        var bytes: [UInt8] = []
        text.appendUTF8(to: &bytes)
        return UnicodeWhiteSpace.trimmed(bytes) != nil
      }
  }
}

/// Tool calls and their results, within what the tool loads.
struct GGCodeToolRules: GGCodeRuleGroup {
  private struct Call {
    var place: Place
    /// Whether something other than results followed the call.
    var isPassed = false
  }

  private var open: [ContentHash: Call] = [:]
  private var order: [ContentHash] = []
  private var answered: Set<ContentHash> = []

  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    guard line.isEffective else { return }
    for message in line.content.map(Self.messages) ?? [] {
      observe(message, line, report)
    }
  }

  private static func messages(of content: Entry.Content) -> [Message] {
    switch content {
    case .message(let message): [message]
    case .checkpoint(let checkpoint): checkpoint.messages ?? []
    default: []
    }
  }

  private mutating func observe(
    _ message: Message, _ line: GGCodeRuleLine, _ report: (Finding) -> Void
  ) {
    if !message.holdsOnlyToolResults {
      for key in open.keys { open[key]?.isPassed = true }
    }
    for block in message.blocks {
      switch block {
      case .toolCall(let call):
        let key = ContentHash(Array(call.id.string.utf8)[...])
        if open.updateValue(Call(place: line.place), forKey: key) == nil { order.append(key) }
        answered.remove(key)
      case .toolResult(let result):
        let key = ContentHash(Array(result.callID.string.utf8)[...])
        if open.removeValue(forKey: key) != nil {
          answered.insert(key)
        } else {
          let isSecond = answered.contains(key)
          report(
            line.finding(
              "tool-result", .warning,
              isSecond
                ? "a second result answers the tool call \"\(result.callID.string)\"; model "
                  + "services may refuse the session"
                : "a result answers no tool call (\"\(result.callID.string)\"); model services "
                  + "may refuse the session"))
        }
      default: break
      }
    }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void) {
    for key in order {
      guard let call = open.removeValue(forKey: key) else { continue }
      report(
        file.finding(
          "tool-call", call.isPassed ? .warning : .info,
          call.isPassed
            ? "a tool call has no result; model services may refuse the session"
            : "the last turn's tool call has no result yet", at: call.place))
    }
  }
}
