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
    case "usage":
      .usage(
        UsageRecord(
          time: value.time("time"), turn: value["turn"]?.int64, model: value.text("model"),
          provider: value.text("provider"), endpoint: value.text("endpoint"),
          source: value.text("source"), usage: value.tokens("usage") ?? TokenUsage(),
          extras: value.extras))
    case "metric": metric(from: value).map(Entry.Content.metric)
    case "event": event(from: value).map(Entry.Content.event)
    case "head": value["head"].flatMap { head(from: $0) }.map(Entry.Content.headChange)
    case "opaque": opaque(from: value).map(Entry.Content.opaque)
    default: nil
    }
  }

  private static func message(from value: JSONValue) -> Message? {
    guard let role = value["role"]?.string, let content = value["content"],
      content.kind == .array
    else { return nil }
    var message = Message(role: Role(role.string))
    message.blocks.reserveCapacity(2)
    for element in content.elements {
      guard let block = block(from: element) else { return nil }
      message.blocks.append(block)
    }
    message.id = value.text("id")
    message.parent = value.text("parent")
    message.time = value.time("time")
    message.duration = value["duration_ns"]?.int64
    message.model = value.text("model")
    message.usage = value.tokens("usage")
    message.turn = value["turn"]?.int64
    if let flags = value["flags"] {
      for name in flags.elements.compactMap({ $0.string }) {
        for (flag, known) in flagNames where name.equals(known) { message.flags.insert(flag) }
      }
    }
    message.extras = value.extras
    return message
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
    guard let kind = value.text("kind") else { return nil }
    var metric = MetricRecord(kind: kind, extras: value.extras)
    metric.time = value.time("time")
    metric.turn = value["turn"]?.int64
    metric.timeToFirstToken = value["time_to_first_token_ns"]?.int64
    metric.thinkTime = value["think_time_ns"]?.int64
    metric.duration = value["duration_ns"]?.int64
    metric.usage = value.tokens("usage")
    metric.tool = value.text("tool")
    metric.toolSuccess = value["tool_success"]?.bool
    metric.toolError = value["tool_error"]?.string
    metric.toolDuration = value["tool_duration_ns"]?.int64
    metric.model = value.text("model")
    metric.provider = value.text("provider")
    metric.endpoint = value.text("endpoint")
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
    guard let type = value["type"]?.string else { return nil }
    let none: JSONString = ""
    switch type.string {
    case "text":
      return .text(Block.Text(value["text"]?.string ?? none, extras: value.extras))
    case "thinking":
      return .thinking(
        Block.Thinking(
          value["text"]?.string ?? none, signature: value["signature"]?.string,
          encrypted: value["encrypted"]?.string, id: value["id"]?.string,
          kind: value.text("kind"), extras: value.extras))
    case "tool_call":
      return .toolCall(
        Block.ToolCall(
          id: value["id"]?.string ?? none, name: value["name"]?.string ?? none,
          arguments: value["arguments"].map { RawJSON($0.raw) }, extras: value.extras))
    case "tool_result":
      var content: [Block] = []
      if let parts = value["content"] {
        for element in parts.elements {
          guard let part = block(from: element) else { return nil }
          content.append(part)
        }
      }
      return .toolResult(
        Block.ToolResult(
          callID: value["call_id"]?.string ?? none, name: value["name"]?.string,
          content: content, isError: value["is_error"]?.bool ?? false, extras: value.extras))
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

  func time(_ key: StaticString) -> Timestamp? {
    guard let value = self[key] else { return nil }
    if value.kind == .string {
      let text = value.raw.dropFirst().dropLast()
      return Timestamp(rfc3339: text.span)
    }
    guard let at = value.text("at"), var time = Timestamp(rfc3339: at) else { return nil }
    time.text = value.text("text")
    time.isSynthesised = value["synthesised"]?.bool ?? false
    return time
  }

  func tokens(_ key: StaticString) -> TokenUsage? {
    guard let value = self[key], value.kind == .object else { return nil }
    return TokenUsage(
      input: value["input"]?.int64, output: value["output"]?.int64,
      cacheRead: value["cache_read"]?.int64, cacheWrite: value["cache_write"]?.int64,
      promptTotal: value["prompt_total"]?.int64)
  }

  var extras: [Extra] {
    guard let groups = self["extras"] else { return [] }
    return groups.members.flatMap { group in
      group.value.members.map {
        Extra(format: group.key.string, key: $0.key.string, value: RawJSON($0.value.raw))
      }
    }
  }
}
