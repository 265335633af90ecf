public import JSONText
public import SessionModel

extension CanonicalJSON {
  /// Reads one record of a timeline: what it says, and whether the tool uses it.
  ///
  /// - Returns: nil when the record's kind is unknown or a required member is missing or of a wrong
  ///   type; callers keep such a record verbatim.
  public static func content(
    from value: JSONValue
  ) -> (content: Entry.Content, isEffective: Bool)? {
    let (kind, effective) = value.members("record", "effective")
    guard let kind = kind?.index(in: kinds) else { return nil }
    return content(kind, from: value).map { ($0, effective?.bool ?? true) }
  }

  private static let kinds = FieldNames([
    "message", "usage", "metric", "head", "checkpoint", "event", "opaque",
  ])

  private static func content(_ kind: Int, from value: JSONValue) -> Entry.Content? {
    switch kind {
    case 0: message(from: value).map(Entry.Content.message)
    case 1: CanonicalObject<UsageField>(value).map { .usage(usage(from: $0)) }
    case 2: metric(from: value).map(Entry.Content.metric)
    case 3: value["head"].flatMap { head(from: $0) }.map(Entry.Content.headChange)
    case 4: checkpoint(from: value).map(Entry.Content.checkpoint)
    case 5: event(from: value).map(Entry.Content.event)
    case 6: opaque(from: value).map(Entry.Content.opaque)
    default: nil
    }
  }

  private static func message(from value: JSONValue) -> Message? {
    guard let object = CanonicalObject<MessageField>(value), let role = object.string(.role),
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
    message.duration = object.int64(.duration)
    message.model = object.text(.model)
    message.usage = object[.usage]?.tokens
    message.turn = object.int64(.turn)
    if let flags = object[.flags] {
      for name in flags.elements {
        if let (flag, _) = flagNames.first(where: { name.string?.equals($0.name) ?? false }) {
          message.flags.insert(flag)
        } else {
          message.extras.append(
            Extra(format: format, key: otherFlag, value: RawJSON(name.raw)))
        }
      }
    }
    message.extras += object.extras
    return message
  }

  private static func usage(from object: CanonicalObject<UsageField>) -> UsageRecord {
    UsageRecord(
      time: object[.time]?.time, turn: object.int64(.turn), model: object.text(.model),
      provider: object.text(.provider), endpoint: object.text(.endpoint),
      source: object.text(.source), usage: object[.usage]?.tokens ?? TokenUsage(),
      extras: object.extras)
  }

  private static func checkpoint(from value: JSONValue) -> Checkpoint? {
    guard let object = CanonicalObject<CheckpointField>(value) else { return nil }
    var checkpoint = Checkpoint(
      summaryMessage: object.text(.summaryMessage), lastMessage: object.text(.lastMessage),
      tokens: object.int64(.tokens), time: object[.time]?.time, extras: object.extras)
    if let messages = object[.messages] {
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
    var metric = MetricRecord(kind: kind, extras: object.extras)
    metric.time = object[.time]?.time
    metric.turn = object.int64(.turn)
    metric.timeToFirstToken = object.int64(.timeToFirstToken)
    metric.thinkTime = object.int64(.thinkTime)
    metric.duration = object.int64(.duration)
    metric.usage = object[.usage]?.tokens
    metric.tool = object.text(.tool)
    metric.toolSuccess = object.bool(.toolSuccess)
    metric.toolError = object.string(.toolError)
    metric.toolDuration = object.int64(.toolDuration)
    metric.model = object.text(.model)
    metric.provider = object.text(.provider)
    metric.endpoint = object.text(.endpoint)
    return metric
  }

  private static func event(from value: JSONValue) -> EventRecord? {
    guard let object = CanonicalObject<EventField>(value), let format = object.text(.format),
      let kind = object.text(.kind)
    else { return nil }
    return EventRecord(
      format: format, kind: kind, id: object.text(.id), stream: object.text(.stream),
      type: object.text(.type), time: object[.time]?.time,
      data: object[.data].map { RawJSON($0.raw) }, extras: object.extras)
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
    guard let object = CanonicalObject<BlockField>(value), let type = object.string(.type) else {
      return nil
    }
    let none: JSONString = ""
    let extras = object.extras
    switch type.string {
    case "text":
      return .text(Block.Text(object.string(.text) ?? none, extras: extras))
    case "thinking":
      return .thinking(
        Block.Thinking(
          object.string(.text) ?? none, signature: object.string(.signature),
          encrypted: object.string(.encrypted), id: object.string(.id),
          kind: object.text(.kind), extras: extras))
    case "tool_call":
      return .toolCall(
        Block.ToolCall(
          id: object.string(.id) ?? none, name: object.string(.name) ?? none,
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
          callID: object.string(.callID) ?? none, name: object.string(.name),
          content: content, isError: object.bool(.isError) ?? false, extras: extras))
    case "image":
      return .image(
        Block.Image(
          mediaType: object.string(.mediaType), base64: object.string(.base64),
          path: object.string(.path), extras: extras))
    case "file":
      return .file(
        Block.File(
          name: object.string(.name), mediaType: object.string(.mediaType),
          base64: object.string(.base64), path: object.string(.path),
          text: object.string(.text), size: object.int64(.size), extras: extras))
    case "opaque":
      guard let json = object[.json] else { return nil }
      return .opaque(
        Block.OpaqueBlock(
          format: object.text(.format) ?? "", type: object.string(.kind) ?? none,
          json: RawJSON(json.raw)))
    default: return nil
    }
  }
}

extension JSONValue {
  func text(_ key: StaticString) -> String? { self[key]?.string?.string }

  /// The time that this value states.
  var time: Timestamp? {
    if kind == .string {
      let text = raw
      return Timestamp(rfc3339: text.span.extracting(1..<(text.count - 1)))
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
      input: object.int64(.input), output: object.int64(.output),
      cacheRead: object.int64(.cacheRead), cacheWrite: object.int64(.cacheWrite),
      promptTotal: object.int64(.promptTotal))
  }

  /// The fields in this value, which groups them by format.
  var extraGroups: [Extra] {
    members.flatMap { group in
      group.value.members.map {
        Extra(format: group.key.string, key: $0.key.string, value: RawJSON($0.value.raw))
      }
    }
  }
}
