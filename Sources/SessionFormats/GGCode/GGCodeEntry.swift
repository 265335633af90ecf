internal import JSONText
package import SessionModel

/// Mapping of whole records into the model.
package enum GGCodeEntry {
  private static let usageFields = GGCodeFields([
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
    "prompt_tokens_total",
  ])
  private static let usageEntryFields = GGCodeFields([
    "timestamp", "turn_index", "model", "vendor", "endpoint", "source", "usage",
  ])
  private static let metricFields = GGCodeFields([
    "timestamp", "turn_index", "type", "ttft", "think_time", "duration", "input_tokens",
    "output_tokens", "cache_read_tokens", "cache_write_tokens", "tool_name", "tool_success",
    "tool_error", "tool_duration", "model", "vendor", "endpoint",
  ])
  private static let tunnelFields = GGCodeFields(["event_id", "stream_id", "type", "data"])

  /// The content of a record; nil for a type that the tool ignores or a payload that is missing.
  package static func content(of record: GGCodeRecord, kind: GGCodeRecord.Kind, id: String)
    throws(GGCodeDamage) -> Entry.Content?
  {
    switch kind {
    case .meta:
      return .headChange(try head(from: record, id: id))
    case .message:
      guard let value = record[.message] else { return nil }
      var message = try GGCodeMessage.message(from: value)
      message.time = try record.time(.timestamp)
      message.extras += unknown(record)
      return .message(message)
    case .checkpoint:
      var checkpoint = Checkpoint(
        summaryMessage: try record.text(.checkpointSummaryMessageID),
        lastMessage: try record.text(.checkpointLastMessageID),
        tokens: try record.int(.checkpointTokens).flatMap { $0 == 0 ? nil : $0 },
        extras: record.unknown)
      let messages = try record[.checkpointMessages].map { list throws(GGCodeDamage) in
        try Self.messages(in: list)
      }
      // An empty list beside message ids says nothing; alone it erases what came before.
      if let messages, !messages.isEmpty {
        checkpoint.messages = messages
      } else if checkpoint.summaryMessage == nil {
        checkpoint.messages = []
      }
      return .checkpoint(checkpoint)
    case .cost:
      guard let data = record.object.raw(GGCodeRecord.Field.cost.rawValue) else { return nil }
      return .event(
        EventRecord(format: GGCode.id, kind: "cost", data: data, extras: record.unknown))
    case .usage:
      guard let value = record[.usageEntry] else { return nil }
      return .usage(try usage(from: value, extras: unknown(record)))
    case .metric:
      guard let value = record[.metricEvent] else { return nil }
      return .metric(try metric(from: value, extras: unknown(record)))
    case .tunnelEvent:
      guard let value = record[.tunnelEvent] else { return nil }
      return .event(try tunnelEvent(from: value, extras: unknown(record)))
    case .carryover: return nil
    }
  }

  /// The record's own unknown members, told apart from those of its payload by a prefix.
  private static func unknown(_ record: GGCodeRecord) -> [Extra] {
    record.unknown.map {
      Extra(format: $0.format, key: GGCodeExtras.recordPrefix + $0.key, value: $0.value)
    }
  }

  static func head(from record: GGCodeRecord, id: String) throws(GGCodeDamage)
    -> SessionHead
  {
    var head = SessionHead(id: id)
    head.title = try record.text(.title)
    head.preview = try record.text(.preview)
    head.workspace = try record.text(.workspace)
    head.providerKey = try record.text(.vendor)
    head.endpoint = try record.text(.endpoint)
    head.model = try record.text(.model)
    head.created = try record.time(.createdAt)
    head.updated = try record.time(.updatedAt)
    if let usage = record[.tokenUsage] { head.usage = try tokens(from: usage, "token_usage") }
    if let sessionID = try record.string(.sessionID)?.string, sessionID != id {
      head.addExtra("session_id") { $0.string(sessionID) }
    }
    if try record.bool(.tunnelEventsComplete) == true {
      head.addExtra("tunnel_events_complete") { $0.bool(true) }
    }
    if let mode = try record.text(.permissionMode) {
      head.addExtra("permission_mode") { $0.string(mode) }
    }
    if let visible = try record.bool(.sidebarVisible) {
      head.addExtra("sidebar_visible") { $0.bool(visible) }
    }
    if let window = try record.int(.contextWindow), window != 0 {
      head.addExtra("context_window") { $0.int(window) }
    }
    if let tokens = try record.int(.maxTokens), tokens != 0 {
      head.addExtra("max_tokens") { $0.int(tokens) }
    }
    if let time = try record.time(.timestamp) {
      head.addExtra("timestamp") { $0.string(time.rfc3339) }
    }
    for (key, value) in record.object.sorted.unknown where key.equals("provider") {
      // Releases before v1.0.6 named the vendor `provider`; later ones ignore the field.
      guard head.providerKey == nil, let provider = value.string, !provider.isEmpty else {
        continue
      }
      head.providerKey = provider.string
    }
    head.extras += record.unknown
    return head
  }

  static func messages(in list: JSONValue) throws(GGCodeDamage) -> [Message] {
    var messages: [Message] = []
    var hasSummary = false
    for element in try list.goArray("checkpoint_messages") {
      var message =
        element.isNull ? GGCodeMessage.empty : try GGCodeMessage.message(from: element)
      if !hasSummary, isSummary(message) {
        message.flags.insert(.compactionSummary)
        hasSummary = true
      }
      messages.append(message)
    }
    return messages
  }

  /// How the tool's summaries begin.
  private static let summaryMark = "[Previous conversation summary]"

  /// Whether a message is the summary that the tool puts first into a checkpoint.
  static func isSummary(_ message: Message) -> Bool {
    guard message.role == .system, case .text(let block)? = message.blocks.first else {
      return false
    }
    return block.text.string.hasPrefix(summaryMark)
  }

  /// A summary as the tool writes it, made from another tool's; without one, it says that there is none.
  static func summary(_ message: Message?) -> Message {
    if let message, isSummary(message) { return Message(role: .system, blocks: message.blocks) }
    let texts = (message?.blocks ?? []).compactMap { $0.plainText?.string }
    let said =
      texts.isEmpty
      ? "What was said before is not in use any more." : texts.joined(separator: "\n\n")
    return Message(
      role: .system, blocks: [.text(Block.Text(JSONString("\(summaryMark)\n\(said)")))])
  }

  static func tokens(
    from value: JSONValue, _ name: StaticString
  ) throws(GGCodeDamage) -> TokenUsage {
    let object = try GGCodeObject(value, name, usageFields)
    let total = try object.int(4)
    return TokenUsage(
      input: try object.int(0) ?? 0, output: try object.int(1) ?? 0,
      cacheRead: try object.int(2) ?? 0, cacheWrite: try object.int(3) ?? 0,
      promptTotal: total == 0 ? nil : total)
  }

  static func usage(
    from value: JSONValue, extras: [Extra]
  ) throws(GGCodeDamage) -> UsageRecord {
    let object = try GGCodeObject(value, "usage_entry", usageEntryFields)
    var usage = TokenUsage(input: 0, output: 0, cacheRead: 0, cacheWrite: 0)
    if let value = object[6] { usage = try tokens(from: value, "usage") }
    return UsageRecord(
      time: try object.time(0), turn: try object.int(1) ?? 0, model: try object.text(2),
      provider: try object.text(3), endpoint: try object.text(4), source: try object.text(5),
      usage: usage, extras: extras + object.unknown)
  }

  static func metric(
    from value: JSONValue, extras: [Extra]
  ) throws(GGCodeDamage) -> MetricRecord {
    let object = try GGCodeObject(value, "metric_event", metricFields)
    /// A number that is not written when it is zero.
    func number(_ field: Int) throws(GGCodeDamage) -> Int64? {
      let value = try object.int(field)
      return value == 0 ? nil : value
    }
    var metric = MetricRecord(kind: try object.text(2) ?? "", extras: extras + object.unknown)
    metric.time = try object.time(0)
    metric.turn = try object.int(1) ?? 0
    metric.timeToFirstToken = try number(3)
    metric.thinkTime = try number(4)
    metric.duration = try number(5)
    let usage = TokenUsage(
      input: try number(6), output: try number(7), cacheRead: try number(8),
      cacheWrite: try number(9))
    if usage != TokenUsage() { metric.usage = usage }
    metric.tool = try object.text(10)
    let success = try object.bool(11) ?? false
    // Failure is not written; of a tool's run, no word of success means that.
    metric.toolSuccess = success ? true : metric.kind == "tool" ? false : nil
    metric.toolError = try object.filled(12)
    metric.toolDuration = try number(13)
    metric.model = try object.text(14)
    metric.provider = try object.text(15)
    metric.endpoint = try object.text(16)
    return metric
  }

  static func tunnelEvent(
    from value: JSONValue, extras: [Extra]
  ) throws(GGCodeDamage) -> EventRecord {
    let object = try GGCodeObject(value, "tunnel_event", tunnelFields)
    return EventRecord(
      format: GGCode.id, kind: "tunnel_event", id: try object.text(0), stream: try object.text(1),
      type: try object.text(2), data: object.raw(3), extras: extras + object.unknown)
  }
}

extension SessionHead {
  fileprivate mutating func addExtra(_ key: String, _ write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter(reserving: 32)
    write(&writer)
    extras.append(Extra(format: GGCode.id, key: key, value: RawJSON(writer.bytes[...])))
  }
}
