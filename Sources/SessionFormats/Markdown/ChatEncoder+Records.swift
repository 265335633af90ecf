internal import JSONText
internal import SessionCoding
internal import SessionModel

extension ChatEncoder {
  /// Appends an entry that is neither message nor checkpoint.
  mutating func append(record entry: Entry) {
    var fields = ChatFields()
    switch entry.content {
    case .message, .checkpoint: return
    case .usage(let usage): write(usage, &fields)
    case .metric(let metric): write(metric, &fields)
    case .event(let event): write(event, &fields)
    case .headChange(let head):
      fields.text("type", "head")
      ChatHead.write(head, to: &fields)
    case .opaque(let record):
      append(record, isEffective: entry.isEffective)
      return
    }
    if !entry.isEffective { fields.flag("effective", false) }
    marker(.event, &fields)
    newline()
    appendParts(fields)
  }

  private func write(_ usage: UsageRecord, _ fields: inout ChatFields) {
    fields.text("type", "usage")
    fields.time("time", usage.time)
    fields.number("turn", usage.turn)
    fields.text("model", usage.model)
    fields.text("provider", usage.provider)
    fields.text("endpoint", usage.endpoint)
    fields.text("source", usage.source)
    fields.tokens("usage", usage.usage)
    fields.extras(usage.extras)
  }

  private func write(_ metric: MetricRecord, _ fields: inout ChatFields) {
    fields.text("type", "metric")
    fields.text("kind", metric.kind)
    fields.time("time", metric.time)
    fields.number("turn", metric.turn)
    fields.number("time_to_first_token_ns", metric.timeToFirstToken)
    fields.number("think_time_ns", metric.thinkTime)
    fields.number("duration_ns", metric.duration)
    fields.tokens("usage", metric.usage)
    fields.text("tool", metric.tool)
    fields.flag("tool_success", metric.toolSuccess)
    fields.text("tool_error", metric.toolError)
    fields.number("tool_duration_ns", metric.toolDuration)
    fields.text("model", metric.model)
    fields.text("provider", metric.provider)
    fields.text("endpoint", metric.endpoint)
    fields.extras(metric.extras)
  }

  private func write(_ event: EventRecord, _ fields: inout ChatFields) {
    fields.text("type", "event")
    fields.text("format", event.format)
    fields.text("kind", event.kind)
    fields.text("id", event.id)
    fields.text("stream", event.stream)
    fields.text("event", event.type)
    fields.time("time", event.time)
    fields.raw("data", event.data)
    fields.extras(event.extras)
  }

  private mutating func append(_ record: OpaqueRecord, isEffective: Bool) {
    let text = ChatText.Fenced(Array(record.bytes))
    var fields = ChatFields()
    fields.text("type", "record")
    fields.text("format", record.format)
    fields.text("kind", record.type)
    fields.text("damage", record.damage)
    if !isEffective { fields.flag("effective", false) }
    fields.shape(text)
    marker(.raw, &fields)
    fence(text, info: "text", fold: record.type ?? "Record")
  }
}
