internal import JSONText
package import SessionModel

/// Mapping of whole records into the model.
package enum GGCodeEntry {
  private static let usageFieldNames: [StaticString] = [
    "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
    "prompt_tokens_total",
  ]
  private static let zeroTokens: StaticString = """
    {"input_tokens":0,"output_tokens":0,"cache_read_tokens":0,"cache_write_tokens":0}
    """
  private static let usageEntryFieldNames: [StaticString] = [
    "timestamp", "turn_index", "model", "vendor", "endpoint", "source", "usage",
  ]
  private static let metricFieldNames: [StaticString] = [
    "timestamp", "turn_index", "type", "ttft", "think_time", "duration", "input_tokens",
    "output_tokens", "cache_read_tokens", "cache_write_tokens", "tool_name", "tool_success",
    "tool_error", "tool_duration", "model", "vendor", "endpoint",
  ]
  private static let tunnelFieldNames: [StaticString] = ["event_id", "stream_id", "type", "data"]
  private static let usageFields = GoFields(usageFieldNames)
  private static let usageEntryFields = GoFields(usageEntryFieldNames)
  private static let metricFields = GoFields(metricFieldNames)
  private static let tunnelFields = GoFields(tunnelFieldNames)

  /// The content of a record; nil for a type that the tool ignores or a payload that is missing.
  package static func content(of record: GGCodeRecord, kind: GGCodeRecord.Kind, id: String)
    throws(GGCodeRecord.Damage) -> Entry.Content?
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
      let messages = try record[.checkpointMessages].map { list throws(GGCodeRecord.Damage) in
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
      guard let data = record.object.last(GGCodeRecord.Field.cost.rawValue) else { return nil }
      return .event(
        EventRecord(
          format: GGCode.id, kind: "cost", data: RawJSON(data.raw), extras: record.unknown))
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

  static func head(from record: GGCodeRecord, id: String) throws(GGCodeRecord.Damage)
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
    for (key, value) in record.object.unknown where key.equals("provider") {
      // Releases before v1.0.6 named the vendor `provider`; later ones ignore the field.
      guard head.providerKey == nil, let provider = value.string, !provider.isEmpty else {
        continue
      }
      head.providerKey = provider.string
    }
    head.extras += record.unknown
    return head
  }

  static func messages(in list: JSONValue) throws(GGCodeRecord.Damage) -> [Message] {
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

  /// Whether a message is the summary that the tool puts first into a checkpoint.
  static func isSummary(_ message: Message) -> Bool {
    guard message.role == .system, case .text(let block)? = message.blocks.first else {
      return false
    }
    return block.text.string.hasPrefix("[Previous conversation summary]")
  }

  static func tokens(from value: JSONValue, _ field: StaticString) throws(GGCodeRecord.Damage)
    -> TokenUsage
  {
    // Most records carry zero tokens, always in these bytes.
    if value.isSpelled(zeroTokens) {
      return TokenUsage(input: 0, output: 0, cacheRead: 0, cacheWrite: 0)
    }
    let object = try value.goObject(field, usageFields)
    func int(_ index: Int) throws(GGCodeRecord.Damage) -> Int64? {
      try object.int64(index, usageFieldNames[index])
    }
    let total = try int(4)
    return TokenUsage(
      input: try int(0) ?? 0, output: try int(1) ?? 0, cacheRead: try int(2) ?? 0,
      cacheWrite: try int(3) ?? 0, promptTotal: total == 0 ? nil : total)
  }

  static func usage(from value: JSONValue, extras: [Extra]) throws(GGCodeRecord.Damage)
    -> UsageRecord
  {
    let object = try value.goObject("usage_entry", usageEntryFields)
    func text(_ index: Int) throws(GGCodeRecord.Damage) -> String? {
      try object.text(index, usageEntryFieldNames[index])
    }
    return UsageRecord(
      time: try object.time(0, "timestamp"), turn: try object.int64(1, "turn_index") ?? 0,
      model: try text(2), provider: try text(3), endpoint: try text(4), source: try text(5),
      usage: try object[6].map { v throws(GGCodeRecord.Damage) in
        try tokens(from: v, "usage")
      } ?? TokenUsage(input: 0, output: 0, cacheRead: 0, cacheWrite: 0),
      extras: extras + object.unknownExtras)
  }

  static func metric(from value: JSONValue, extras: [Extra]) throws(GGCodeRecord.Damage)
    -> MetricRecord
  {
    let object = try value.goObject("metric_event", metricFields)
    func text(_ index: Int) throws(GGCodeRecord.Damage) -> String? {
      try object.text(index, metricFieldNames[index])
    }
    /// A number that is not written when it is zero.
    func number(_ index: Int) throws(GGCodeRecord.Damage) -> Int64? {
      let value = try object.int64(index, metricFieldNames[index])
      return value == 0 ? nil : value
    }
    var metric = MetricRecord(kind: try text(2) ?? "", extras: extras + object.unknownExtras)
    metric.time = try object.time(0, "timestamp")
    metric.turn = try object.int64(1, "turn_index") ?? 0
    metric.timeToFirstToken = try number(3)
    metric.thinkTime = try number(4)
    metric.duration = try number(5)
    let usage = TokenUsage(
      input: try number(6), output: try number(7), cacheRead: try number(8),
      cacheWrite: try number(9))
    if usage != TokenUsage() { metric.usage = usage }
    metric.tool = try text(10)
    let success = try object.bool(11, "tool_success") ?? false
    // Failure is not written; of a tool's run, no word of success means that.
    metric.toolSuccess = success ? true : metric.kind == "tool" ? false : nil
    metric.toolError = try object.nonEmptyString(12, "tool_error")
    metric.toolDuration = try number(13)
    metric.model = try text(14)
    metric.provider = try text(15)
    metric.endpoint = try text(16)
    return metric
  }

  static func tunnelEvent(from value: JSONValue, extras: [Extra])
    throws(GGCodeRecord.Damage) -> EventRecord
  {
    let object = try value.goObject("tunnel_event", tunnelFields)
    func text(_ index: Int) throws(GGCodeRecord.Damage) -> String? {
      try object.text(index, tunnelFieldNames[index])
    }
    return EventRecord(
      format: GGCode.id, kind: "tunnel_event", id: try text(0), stream: try text(1),
      type: try text(2), data: object.last(3).map { RawJSON($0.raw) },
      extras: extras + object.unknownExtras)
  }
}

extension SessionHead {
  fileprivate mutating func addExtra(_ key: String, _ write: (inout JSONWriter) -> Void) {
    var writer = JSONWriter(reserving: 32)
    write(&writer)
    extras.append(Extra(format: GGCode.id, key: key, value: RawJSON(writer.bytes[...])))
  }
}
