public import JSONText
public import SessionModel

extension CanonicalJSON {
  /// Appends an entry as one record, without a line end.
  public static func write(_ entry: Entry, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.key("record")
    switch entry.content {
    case .message(let message):
      writer.literal("message")
      writeEffective(entry, to: &writer)
      writeMembers(of: message, to: &writer)
    case .checkpoint(let checkpoint):
      writer.literal("checkpoint")
      writeEffective(entry, to: &writer)
      writeMembers(of: checkpoint, to: &writer)
    case .usage(let usage):
      writer.literal("usage")
      writeEffective(entry, to: &writer)
      writeMembers(of: usage, to: &writer)
    case .metric(let metric):
      writer.literal("metric")
      writeEffective(entry, to: &writer)
      writeMembers(of: metric, to: &writer)
    case .event(let event):
      writer.literal("event")
      writeEffective(entry, to: &writer)
      writeMembers(of: event, to: &writer)
    case .headChange(let head):
      writer.literal("head")
      writeEffective(entry, to: &writer)
      writer.key("head")
      write(head, to: &writer)
    case .opaque(let record):
      writer.literal("opaque")
      writeEffective(entry, to: &writer)
      writeMembers(of: record, to: &writer)
    }
    writer.endObject()
  }

  private static func writeEffective(_ entry: Entry, to writer: inout JSONWriter) {
    guard !entry.isEffective else { return }
    writer.key("effective")
    writer.bool(false)
  }

  private static func writeMembers(of message: Message, to writer: inout JSONWriter) {
    if let id = message.id {
      writer.key("id")
      writer.string(id)
    }
    if let parent = message.parent {
      writer.key("parent")
      writer.string(parent)
    }
    writer.key("role")
    writer.string(message.role.name)
    writer.time("time", message.time)
    writer.number("duration_ns", message.duration)
    writer.text("model", message.model)
    writer.tokens("usage", message.usage)
    writer.number("turn", message.turn)
    let others = message.extras.filter { $0.format == format && $0.key == otherFlag }
    if !message.flags.isEmpty || !others.isEmpty {
      writer.key("flags")
      writer.beginArray()
      for (flag, name) in flagNames where message.flags.contains(flag) { writer.literal(name) }
      for flag in others { writer.oneLine(flag.value) }
      writer.endArray()
    }
    writer.key("content")
    writer.beginArray()
    for block in message.blocks { write(block, to: &writer) }
    writer.endArray()
    writer.extras(message.extras, besides: MessageField.names)
  }

  /// The field that keeps a flag which is not known here.
  static let otherFlag = "flags"

  /// The names of message flags, in the order in which they are written.
  static let flagNames: [(flag: MessageFlags, name: StaticString)] = [
    (.hidden, "hidden"), (.sideChain, "side-chain"), (.synthetic, "synthetic"),
    (.compactionSummary, "compaction-summary"), (.compactionTail, "compaction-tail"),
  ]

  private static func writeMembers(of checkpoint: Checkpoint, to writer: inout JSONWriter) {
    writer.time("time", checkpoint.time)
    writer.text("summary_message", checkpoint.summaryMessage)
    writer.text("last_message", checkpoint.lastMessage)
    writer.number("tokens", checkpoint.tokens)
    if let messages = checkpoint.messages {
      writer.key("messages")
      writer.beginArray()
      for message in messages {
        writer.beginObject()
        writeMembers(of: message, to: &writer)
        writer.endObject()
      }
      writer.endArray()
    }
    writer.extras(checkpoint.extras, besides: CheckpointField.names)
  }

  private static func writeMembers(of usage: UsageRecord, to writer: inout JSONWriter) {
    writer.time("time", usage.time)
    writer.number("turn", usage.turn)
    writer.text("model", usage.model)
    writer.text("provider", usage.provider)
    writer.text("endpoint", usage.endpoint)
    writer.text("source", usage.source)
    writer.tokens("usage", usage.usage)
    writer.extras(usage.extras, besides: UsageField.names)
  }

  private static func writeMembers(of metric: MetricRecord, to writer: inout JSONWriter) {
    writer.key("kind")
    writer.string(metric.kind)
    writer.time("time", metric.time)
    writer.number("turn", metric.turn)
    writer.number("time_to_first_token_ns", metric.timeToFirstToken)
    writer.number("think_time_ns", metric.thinkTime)
    writer.number("duration_ns", metric.duration)
    writer.tokens("usage", metric.usage)
    writer.text("tool", metric.tool)
    writer.flag("tool_success", metric.toolSuccess)
    writer.text("tool_error", metric.toolError)
    writer.number("tool_duration_ns", metric.toolDuration)
    writer.text("model", metric.model)
    writer.text("provider", metric.provider)
    writer.text("endpoint", metric.endpoint)
    writer.extras(metric.extras, besides: MetricField.names)
  }

  private static func writeMembers(of event: EventRecord, to writer: inout JSONWriter) {
    writer.key("format")
    writer.string(event.format)
    writer.key("kind")
    writer.string(event.kind)
    writer.text("id", event.id)
    writer.text("stream", event.stream)
    writer.text("type", event.type)
    writer.time("time", event.time)
    if let data = event.data {
      writer.key("data")
      writer.oneLine(data)
    }
    writer.extras(event.extras, besides: EventField.names)
  }

  private static func writeMembers(of record: OpaqueRecord, to writer: inout JSONWriter) {
    writer.key("format")
    writer.string(record.format)
    writer.text("type", record.type)
    writer.text("damage", record.damage)
    if let text = String(validating: record.bytes, as: UTF8.self) {
      writer.key("text")
      writer.string(text)
    } else {
      writer.key("base64")
      writer.string(Base64.encode(record.bytes))
    }
  }
}
