package import JSONText
internal import SessionCoding
package import SessionModel

extension JSONWriter {
  /// Writes a record that holds one value more than all records do.
  package mutating func ggcodeRecord(
    _ type: StaticString, sessionID: String, layout: GGCodeLayout,
    _ payload: (inout JSONWriter) -> Void
  ) {
    beginRecord(type, sessionID, layout, hasTime: true)
    payload(&self)
    endObject()
  }

  /// Writes a record; false, with nothing written, when the format has no place for the entry.
  package mutating func ggcodeRecord(_ entry: Entry, sessionID: String, layout: GGCodeLayout)
    -> Bool
  {
    switch entry.content {
    case .headChange(let head):
      ggcodeMeta(head, sessionID: sessionID, layout: layout)
    case .message(let message):
      guard GGCodeMessage.isExpressible(message) else { return false }
      beginRecord("message", sessionID, layout, hasTime: true)
      key("message")
      ggcodeMessage(message, layout: layout)
      if layout.identifiesMessages { time("timestamp", message.time) }
      ggcodeExtras(message.extras, ofRecord: true)
      endObject()
    case .checkpoint(let checkpoint):
      return ggcodeCheckpoint(checkpoint, sessionID: sessionID, layout: layout)
    case .usage(let record):
      beginRecord("usage", sessionID, layout)
      ggcodeUsage(record, layout: layout)
      ggcodeExtras(record.extras, ofRecord: true)
      endObject()
    case .metric(let record):
      beginRecord("metric", sessionID, layout)
      ggcodeMetric(record, layout: layout)
      ggcodeExtras(record.extras, ofRecord: true)
      endObject()
    case .event(let event):
      guard event.format == GGCode.id else { return false }
      return ggcodeEvent(event, sessionID: sessionID, layout: layout)
    case .opaque: return false
    }
    return true
  }

  private mutating func beginRecord(
    _ type: StaticString, _ sessionID: String, _ layout: GGCodeLayout, hasTime: Bool = false
  ) {
    beginObject()
    key("type")
    literal(type)
    omitEmpty("session_id", sessionID)
    if layout != .oldest {
      members(
        """
        "token_usage":{"input_tokens":0,"output_tokens":0,"cache_read_tokens":0,\
        "cache_write_tokens":0}
        """)
    }
    members(
      #""created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z""#)
    // Current releases write it always.
    if layout == .current, !hasTime { time("timestamp", nil) }
  }

  private mutating func ggcodeMeta(
    _ head: SessionHead, sessionID: String, layout: GGCodeLayout
  ) {
    func raw(_ key: String) -> RawJSON? { head.extras.value(key, of: GGCode.id) }
    let isOldestProvider = layout == .oldest && raw("provider") != nil
    beginObject()
    field("type", "meta")
    omitEmpty("session_id", sessionID)
    omitEmpty("title", head.title)
    if layout == .current { omitEmpty("preview", head.preview) }
    omitEmpty("workspace", head.workspace)
    omitEmpty(
      isOldestProvider ? "provider" : "vendor", head.providerKey ?? head.provider)
    omitEmpty("endpoint", head.endpoint)
    omitEmpty("model", head.model)
    if layout != .oldest {
      key("token_usage")
      tokens(head.usage ?? TokenUsage())
    }
    time("created_at", head.created)
    time("updated_at", head.updated)
    setting(.tunnelEventsComplete, head)
    if layout == .current {
      time("timestamp", nil)
      setting(.permissionMode, head)
      setting(.sidebarVisible, head)
      setting(.contextWindow, head)
      setting(.maxTokens, head)
    }
    ggcodeExtras(head.extras)
    endObject()
  }

  /// A setting kept among the extras, when it has the type that the tool expects.
  private mutating func setting(_ field: GGCodeRecord.Field, _ head: SessionHead) {
    guard let value = head.extras.value(field.name.description, of: GGCode.id),
      let document = JSONDocument(ifValid: Array(value.bytes)), !document.root.isNull,
      // Whether the check fails is what is asked.
      (try? GGCodeRecord.check(document.root, field)) != nil
    else { return }
    self.field(field.name, value)
  }

  private mutating func ggcodeCheckpoint(
    _ checkpoint: Checkpoint, sessionID: String, layout: GGCodeLayout
  ) -> Bool {
    // A checkpoint by id would make classic releases drop everything before it.
    if layout != .current, checkpoint.messages == nil { return false }
    beginRecord("checkpoint", sessionID, layout)
    if layout == .current {
      omitEmpty("checkpoint_summary_msg_id", checkpoint.summaryMessage)
      omitEmpty("checkpoint_last_msg_id", checkpoint.lastMessage)
      omitZero("checkpoint_tokens", checkpoint.tokens)
    }
    if let messages = checkpoint.messages, !messages.isEmpty {
      key("checkpoint_messages")
      beginArray()
      for message in messages { ggcodeMessage(message, layout: layout) }
      endArray()
    }
    if layout != .current { omitZero("checkpoint_tokens", checkpoint.tokens) }
    ggcodeExtras(checkpoint.extras)
    endObject()
    return true
  }

  private mutating func ggcodeUsage(_ record: UsageRecord, layout: GGCodeLayout) {
    key("usage_entry")
    beginObject()
    time("timestamp", record.time)
    field("turn_index", record.turn ?? 0)
    omitEmpty("model", record.model)
    omitEmpty("vendor", record.provider)
    omitEmpty("endpoint", record.endpoint)
    if layout == .current { omitEmpty("source", record.source) }
    key("usage")
    tokens(record.usage)
    ggcodeExtras(record.extras)
    endObject()
  }

  private mutating func ggcodeMetric(_ record: MetricRecord, layout: GGCodeLayout) {
    key("metric_event")
    beginObject()
    time("timestamp", record.time)
    field("turn_index", record.turn ?? 0)
    field("type", record.kind)
    omitZero("ttft", record.timeToFirstToken)
    omitZero("think_time", record.thinkTime)
    omitZero("duration", record.duration)
    if layout == .current, let usage = record.usage {
      omitZero("input_tokens", usage.input)
      omitZero("output_tokens", usage.output)
      omitZero("cache_read_tokens", usage.cacheRead)
      omitZero("cache_write_tokens", usage.cacheWrite)
    }
    omitEmpty("tool_name", record.tool)
    if record.toolSuccess == true { field("tool_success", true) }
    omitEmpty("tool_error", record.toolError)
    omitZero("tool_duration", record.toolDuration)
    omitEmpty("model", record.model)
    omitEmpty("vendor", record.provider)
    omitEmpty("endpoint", record.endpoint)
    ggcodeExtras(record.extras)
    endObject()
  }

  private mutating func ggcodeEvent(
    _ event: EventRecord, sessionID: String, layout: GGCodeLayout
  ) -> Bool {
    switch event.kind {
    case "tunnel_event":
      beginRecord("tunnel_event", sessionID, layout)
      key("tunnel_event")
      beginObject()
      field("event_id", event.id ?? "")
      omitEmpty("stream_id", event.stream)
      field("type", event.type ?? "")
      if let data = event.data {
        key("data")
        compact(data.bytes)
      }
      ggcodeExtras(event.extras)
      endObject()
      ggcodeExtras(event.extras, ofRecord: true)
    case "cost":
      guard let data = event.data else { return false }
      beginRecord("cost", sessionID, layout)
      key("cost")
      compact(data.bytes)
      ggcodeExtras(event.extras)
    default: return false
    }
    endObject()
    return true
  }
}

extension JSONWriter {
  package mutating func omitEmpty(_ name: StaticString, _ value: String?) {
    if let value, !value.isEmpty { field(name, value) }
  }

  package mutating func omitEmpty(_ name: StaticString, _ value: JSONString?) {
    if let value, !value.isEmpty { field(name, value) }
  }

  package mutating func omitZero(_ name: StaticString, _ value: Int64?) {
    if let value, value != 0 { field(name, value) }
  }

  /// A time in Go's spelling; the zero time when there is none.
  package mutating func time(_ name: StaticString, _ value: Timestamp?) {
    key(name)
    guard let value, value.isWritable else {
      literal("0001-01-01T00:00:00Z")
      return
    }
    ascii { value.appendRFC3339(to: &$0) }
  }

  package mutating func tokens(_ usage: TokenUsage) {
    beginObject()
    field("input_tokens", usage.input ?? 0)
    field("output_tokens", usage.output ?? 0)
    field("cache_read_tokens", usage.cacheRead ?? 0)
    field("cache_write_tokens", usage.cacheWrite ?? 0)
    omitZero("prompt_tokens_total", usage.promptTotal)
    endObject()
  }
}

extension Timestamp {
  /// Whether Go's encoder writes this time: years of four digits, offsets below a day.
  var isWritable: Bool {
    let year = CivilTime(secondsSinceEpoch: seconds &+ Int64(offset)).year
    return (0...9_999).contains(year) && abs(offset) < 86_400
  }
}
