public import JSONText
public import SessionModel

extension CanonicalJSON {
  /// Reads one record of a timeline.
  ///
  /// - Returns: nil when the record's kind is unknown or a required member is missing or of a wrong
  ///   type; callers keep such a record verbatim.
  public static func entry(from value: JSONValue) -> Entry? {
    guard let kind = value["record"]?.string else { return nil }
    guard let content = content(kind.string, from: value) else { return nil }
    return Entry(content, isEffective: value["effective"]?.bool ?? true)
  }

  private static func content(_ kind: String, from value: JSONValue) -> Entry.Content? {
    switch kind {
    case "message": message(from: value).map(Entry.Content.message)
    case "checkpoint": checkpoint(from: value).map(Entry.Content.checkpoint)
    case "usage": CanonicalObject<UsageField>(value).map { .usage(usage(from: $0)) }
    case "metric": metric(from: value).map(Entry.Content.metric)
    case "event": event(from: value).map(Entry.Content.event)
    case "head": value["head"].flatMap { head(from: $0) }.map(Entry.Content.headChange)
    case "opaque": opaque(from: value).map(Entry.Content.opaque)
    default: nil
    }
  }

  private static func message(from value: JSONValue) -> Message? {
    guard let object = CanonicalObject<MessageField>(value), let role = object[.role]?.string,
      let content = object[.content], content.kind == .array
    else { return nil }
    var message = Message(role: Role(role.string))
    message.blocks.reserveCapacity(2)
    for element in content.elements {
      guard let block = block(from: element) else { return nil }
      message.blocks.append(block)
    }
    message.id = object.text(.id)
    message.parent = object.text(.parent)
    message.time = object[.time]?.time
    message.duration = object[.duration]?.int64
    message.model = object.text(.model)
    message.usage = object[.usage]?.tokens
    message.turn = object[.turn]?.int64
    if let flags = object[.flags] {
      for name in flags.elements.compactMap({ $0.string }) {
        for (flag, known) in flagNames where name.equals(known) { message.flags.insert(flag) }
      }
    }
    message.extras = object[.extras]?.extraGroups ?? []
    return message
  }

  private static func usage(from object: CanonicalObject<UsageField>) -> UsageRecord {
    UsageRecord(
      time: object[.time]?.time, turn: object[.turn]?.int64, model: object.text(.model),
      provider: object.text(.provider), endpoint: object.text(.endpoint),
      source: object.text(.source), usage: object[.usage]?.tokens ?? TokenUsage(),
      extras: object[.extras]?.extraGroups ?? [])
  }

  private static func checkpoint(from value: JSONValue) -> Checkpoint? {
    var checkpoint = Checkpoint(
      summaryMessage: value.text("summary_message"), lastMessage: value.text("last_message"),
      tokens: value["tokens"]?.int64, time: value.time("time"), extras: value.extras)
    if let messages = value["messages"] {
      var list: [Message] = []
      for element in messages.elements {
        guard let message = message(from: element) else { return nil }
        list.append(message)
      }
      checkpoint.messages = list
    }
    return checkpoint
  }

  private static func metric(from value: JSONValue) -> MetricRecord? {
    guard let object = CanonicalObject<MetricField>(value), let kind = object.text(.kind) else {
      return nil
    }
    var metric = MetricRecord(kind: kind, extras: object[.extras]?.extraGroups ?? [])
    metric.time = object[.time]?.time
    metric.turn = object[.turn]?.int64
    metric.timeToFirstToken = object[.timeToFirstToken]?.int64
    metric.thinkTime = object[.thinkTime]?.int64
    metric.duration = object[.duration]?.int64
    metric.usage = object[.usage]?.tokens
    metric.tool = object.text(.tool)
    metric.toolSuccess = object[.toolSuccess]?.bool
    metric.toolError = object[.toolError]?.string
    metric.toolDuration = object[.toolDuration]?.int64
    metric.model = object.text(.model)
    metric.provider = object.text(.provider)
    metric.endpoint = object.text(.endpoint)
    return metric
  }

  private static func event(from value: JSONValue) -> EventRecord? {
    guard let format = value.text("format"), let kind = value.text("kind") else { return nil }
    return EventRecord(
      format: format, kind: kind, id: value.text("id"), stream: value.text("stream"),
      type: value.text("type"), time: value.time("time"),
      data: value["data"].map { RawJSON($0.raw) }, extras: value.extras)
  }

  private static func opaque(from value: JSONValue) -> OpaqueRecord? {
    guard let format = value.text("format") else { return nil }
    var bytes: [UInt8] = []
    if let text = value["text"]?.string {
      text.appendUTF8(to: &bytes)
    } else if let decoded = value.text("base64").flatMap({ Base64.decode($0) }) {
      bytes = decoded
    } else {
      return nil
    }
    return OpaqueRecord(
      format: format, type: value.text("type"), damage: value.text("damage"), bytes: bytes[...])
  }

  private static func block(from value: JSONValue) -> Block? {
    guard let object = CanonicalObject<BlockField>(value), let type = object[.type]?.string else {
      return nil
    }
    let none: JSONString = ""
    var extras: [Extra] { object[.extras]?.extraGroups ?? [] }
    switch type.string {
    case "text":
      return .text(Block.Text(object[.text]?.string ?? none, extras: extras))
    case "thinking":
      return .thinking(
        Block.Thinking(
          object[.text]?.string ?? none, signature: object[.signature]?.string,
          encrypted: object[.encrypted]?.string, id: object[.id]?.string,
          kind: object.text(.kind), extras: extras))
    case "tool_call":
      return .toolCall(
        Block.ToolCall(
          id: object[.id]?.string ?? none, name: object[.name]?.string ?? none,
          arguments: object[.arguments].map { RawJSON($0.raw) }, extras: extras))
    case "tool_result":
      var content: [Block] = []
      if let parts = object[.content] {
        for element in parts.elements {
          guard let part = block(from: element) else { return nil }
          content.append(part)
        }
      }
      return .toolResult(
        Block.ToolResult(
          callID: object[.callID]?.string ?? none, name: object[.name]?.string,
          content: content, isError: object[.isError]?.bool ?? false, extras: extras))
    case "image":
      return .image(
        Block.Image(
          mediaType: value["media_type"]?.string, base64: value["base64"]?.string,
          path: value["path"]?.string, extras: value.extras))
    case "file":
      return .file(
        Block.File(
          name: value["name"]?.string, mediaType: value["media_type"]?.string,
          base64: value["base64"]?.string, path: value["path"]?.string,
          text: value["text"]?.string, size: value["size"]?.int64, extras: value.extras))
    case "opaque":
      guard let json = value["json"] else { return nil }
      return .opaque(
        Block.OpaqueBlock(
          format: value.text("format") ?? "", type: value["kind"]?.string ?? none,
          json: RawJSON(json.raw)))
    default: return nil
    }
  }
}

extension JSONValue {
  func text(_ key: StaticString) -> String? { self[key]?.string?.string }

  func time(_ key: StaticString) -> Timestamp? { self[key]?.time }

  /// The time that this value states.
  var time: Timestamp? {
    if kind == .string {
      return withBytes { Timestamp(rfc3339: $0.extracting(1..<($0.count - 1))) }
    }
    guard let at = text("at"), var time = Timestamp(rfc3339: at) else { return nil }
    time.text = text("text")
    time.isSynthesised = self["synthesised"]?.bool ?? false
    return time
  }

  /// The tokens that this value states; nil if it is not an object.
  var tokens: TokenUsage? {
    guard let object = CanonicalObject<TokenField>(self) else { return nil }
    return TokenUsage(
      input: object[.input]?.int64, output: object[.output]?.int64,
      cacheRead: object[.cacheRead]?.int64, cacheWrite: object[.cacheWrite]?.int64,
      promptTotal: object[.promptTotal]?.int64)
  }

  var extras: [Extra] { self["extras"]?.extraGroups ?? [] }

  /// The fields in this value, which groups them by format.
  var extraGroups: [Extra] {
    members.flatMap { group in
      group.value.members.map {
        Extra(format: group.key.string, key: $0.key.string, value: RawJSON($0.value.raw))
      }
    }
  }
}
