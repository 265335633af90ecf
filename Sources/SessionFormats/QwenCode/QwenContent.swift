internal import JSONText
internal import SessionModel

/// Reads messages and their parts.
enum QwenContent {
  private static let parts = GeminiParts(format: QwenCode.id)
  private static let contextStart = "<qwen:user-prompt-submit-context>"
  private static let contextEnd = "</qwen:user-prompt-submit-context>"

  /// The message of a user, assistant or tool record, without what only the model was told.
  static func message(_ object: JSONValue) -> Message {
    var message = Message(
      role: .user, time: object.time("timestamp"),
      extras: object.extras(
        of: QwenCode.id,
        except: [
          "uuid", "parentUuid", "sessionId", "timestamp", "type", "cwd", "message", "model",
        ]))
    switch object.text("type") {
    case "assistant":
      message.role = .assistant
      message.blocks = blocks(object)
      message.model = object.text("model")
      message.usage = usage(object["usageMetadata"])
    case "tool_result":
      message.role = .tool
      message.blocks = blocks(object)
      let status = object["toolCallResult"]?.text("status")
      let index = message.blocks.firstIndex(where: \.isToolResult)
      if let index, case .toolResult(var result) = message.blocks[index] {
        result.isError = status.map { $0 != "success" } ?? result.isError
        message.blocks[index] = .toolResult(result)
      }
    default:
      message.blocks = prompt(object).shown
      if !isTyped(object) {
        message.flags = isOfProgram(object) ? [.hidden, .synthetic] : .synthetic
      }
    }
    return message
  }

  /// What a user record tells the model beside what the person typed; nil where it tells nothing.
  static func context(_ object: JSONValue) -> Message? {
    guard object.text("type") == "user" else { return nil }
    let hidden = prompt(object).hidden
    guard !hidden.isEmpty else { return nil }
    return Message(
      role: .user, blocks: hidden, time: object.time("timestamp"), flags: [.hidden, .synthetic])
  }

  /// Whether a person typed a user record.
  static func isTyped(_ object: JSONValue) -> Bool {
    switch object.text("subtype") {
    case nil, "mid_turn_user_message", "realtime_message":
      object.text("provenance").map { $0 == "real_user" } ?? true
    default: false
    }
  }

  /// Whether a user record is one by which the program itself spoke to the model.
  private static func isOfProgram(_ object: JSONValue) -> Bool {
    object["subtype"] == nil && object.text("provenance") == "system"
  }

  /// Whether a record is a sub-agent's.
  static func isOfSubagent(_ object: JSONValue) -> Bool {
    object["isSidechain"]?.bool == true || object["agentId"]?.string != nil
  }

  /// The title that a record gives; an empty one takes it away.
  static func title(_ object: JSONValue) -> String? {
    object["systemPayload"]?.text("customTitle").flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func blocks(_ object: JSONValue) -> [Block] {
    parts.parts(object["message"]?["parts"]).map(block)
  }

  private static func block(_ part: JSONValue) -> Block {
    guard let answer = part["functionResponse"] else { return parts.block(part) }
    var result = parts.result(answer)
    // session-migrate keeps pictures in a member of its own.
    for item in answer["response"]?["sessionMigrateContent"]?.elements.map({ $0 }) ?? []
    where item.text("type") == "image" {
      guard let url = item.text("image_url"), url.hasPrefix("data:"),
        let start = url.firstRange(of: ";base64,")
      else { continue }
      result.content.append(
        .image(
          Block.Image(
            mediaType: JSONString(String(url[..<start.lowerBound].dropFirst(5))),
            base64: JSONString(String(url[start.upperBound...])))))
    }
    let hasMedia = result.content.contains { $0.plainText == nil }
    result.content.removeAll { block in
      guard let text = block.plainText else { return false }
      return text.isEmpty || hasMedia && text.string == QwenParts.success
    }
    return .toolResult(result)
  }

  /// What a user record shows, and what only the model gets (`transcript-records.ts`).
  private static func prompt(_ object: JSONValue) -> (shown: [Block], hidden: [Block]) {
    let blocks = blocks(object)
    let isContext = blocks.last?.plainText.map { isWholeContext($0.string) } ?? false
    let subtype = object.text("subtype")
    guard let text = object["systemPayload"]?["displayText"]?.string,
      object["systemPayload"]?["hookContext"]?.string != nil || isContext
        || subtype == "mid_turn_user_message" || subtype == "notification"
    else {
      return isContext ? (blocks.dropLast(), blocks.suffix(1)) : (blocks, [])
    }
    let others = blocks.filter { $0.plainText == nil }
    // A message that came while tools ran is told with words around it.
    let hidden = blocks.filter {
      $0.plainText.map { $0 != text && !$0.string.hasSuffix("]: " + text.string) } ?? false
    }
    return ([.text(Block.Text(text))] + others, hidden)
  }

  private static func isWholeContext(_ text: String) -> Bool {
    let text = text.trimmingPrefix(while: \.isWhitespace)
    guard text.hasPrefix(contextStart) else { return false }
    return text.reversed().drop(while: \.isWhitespace).starts(with: contextEnd.reversed())
  }

  /// A list of contents as the model gets them.
  static func messages(_ history: JSONValue?) -> [Message] {
    var messages = parts.parts(history).map { content in
      let blocks = parts.parts(content["parts"]).map(block)
      let isResults = !blocks.isEmpty && blocks.allSatisfy(\.isToolResult)
      let role: Role = content.text("role") == "model" ? .assistant : isResults ? .tool : .user
      return Message(role: role, blocks: blocks)
    }
    if messages.first?.role == .user { messages[0].flags.insert(.compactionSummary) }
    return messages
  }

  /// The tokens of an answer; `promptTokenCount` counts what came from the cache too.
  static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, value.kind == .object else { return nil }
    let (prompt, cached) = (
      value["promptTokenCount"]?.int64, value["cachedContentTokenCount"]?.int64
    )
    let output = value["candidatesTokenCount"]?.int64
    guard prompt != nil || output != nil else { return nil }
    let (rest, isTooLarge) = (prompt ?? 0).subtractingReportingOverflow(cached ?? 0)
    return TokenUsage(
      input: prompt == nil || isTooLarge ? prompt : max(0, rest), output: output,
      cacheRead: cached, promptTotal: prompt)
  }
}
