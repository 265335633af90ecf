internal import JSONText
internal import SessionFormats
internal import SessionModel

/// Record lines as they are written, made by the format's own codec.
enum RecordLine {
  private static func finish(_ writer: inout JSONWriter) -> [UInt8] {
    writer.newline()
    return writer.bytes
  }

  private static func entry(
    _ content: Entry.Content, _ id: String, _ layout: GGCodeLayout
  ) -> [UInt8] {
    var writer = JSONWriter(reserving: 512)
    _ = writer.ggcodeRecord(Entry(content), sessionID: id, layout: layout)
    return finish(&writer)
  }

  static func meta(
    _ session: Session, layout: GGCodeLayout, withPreview: Bool = true
  ) throws(StoreError) -> [UInt8] {
    try Encoding.check(session.createdAt, in: "meta")
    try Encoding.check(session.updatedAt, in: "meta")
    var head = session.head
    if !withPreview { head.preview = nil }
    return entry(.headChange(head), session.id, layout)
  }

  static func message(
    _ message: Message, of id: String, layout: GGCodeLayout, time: Timestamp
  ) throws(StoreError) -> [UInt8] {
    try Encoding.check(message, in: "message")
    var writer = JSONWriter(reserving: 512)
    writer.ggcodeRecord("message", sessionID: id, layout: layout) { writer in
      writer.key("message")
      writer.message(message, layout: layout)
      if layout == .current { writer.time("timestamp", time) }
    }
    return finish(&writer)
  }

  static func checkpoint(
    _ messages: [Message], tokens: Int64, of id: String, layout: GGCodeLayout
  ) throws(StoreError) -> [UInt8] {
    for message in messages { try Encoding.check(message, in: "checkpoint") }
    var writer = JSONWriter(reserving: 512)
    writer.ggcodeRecord("checkpoint", sessionID: id, layout: layout) { writer in
      if layout == .current {
        writer.time("timestamp", nil)
        writer.omitZero("checkpoint_tokens", tokens)
      }
      if !messages.isEmpty {
        writer.key("checkpoint_messages")
        writer.beginArray()
        for message in messages { writer.message(message, layout: layout) }
        writer.endArray()
      }
      if layout != .current { writer.omitZero("checkpoint_tokens", tokens) }
    }
    return finish(&writer)
  }

  static func checkpoint(
    summaryMessage: String, lastMessage: String, tokens: Int64, of id: String
  ) -> [UInt8] {
    entry(
      .checkpoint(
        Checkpoint(
          summaryMessage: summaryMessage, lastMessage: lastMessage, tokens: tokens)), id, .current)
  }

  static func usage(
    _ usage: UsageEntry, of id: String, layout: GGCodeLayout
  ) throws(StoreError) -> [UInt8] {
    if let time = usage.time { try Encoding.check(time, in: "usage") }
    return entry(.usage(usage), id, layout)
  }

  static func metric(
    _ metric: MetricEvent, of id: String, layout: GGCodeLayout
  ) throws(StoreError) -> [UInt8] {
    if let time = metric.time { try Encoding.check(time, in: "metric") }
    return entry(.metric(metric), id, layout)
  }

  static func tunnelEvent(
    _ event: TunnelEvent, of id: String, layout: GGCodeLayout
  ) throws(StoreError) -> [UInt8] {
    if let data = event.data { try Encoding.check(data, in: "tunnel event") }
    return entry(.event(event.record), id, layout)
  }

  static func cost(
    _ cost: RawJSON, of id: String, layout: GGCodeLayout
  ) throws(StoreError) -> [UInt8] {
    try Encoding.check(cost, in: "cost")
    return entry(.event(EventRecord(format: "ggcode", kind: "cost", data: cost)), id, layout)
  }
}

/// The checks that the tool's encoder makes.
enum Encoding {
  static func check(_ message: Message, in record: String) throws(StoreError) {
    for block in message.content ?? [] {
      if let input = block.input { try check(input, in: record) }
    }
  }

  static func check(_ raw: RawJSON, in record: String) throws(StoreError) {
    do throws(JSONError) {
      _ = try JSONDocument(Array(raw.bytes), limits: .go)
    } catch {
      throw StoreError(
        .notEncodable,
        "encoding \(record): json: error calling MarshalJSON for type json.RawMessage: \(error)")
    }
  }

  static func check(_ time: Timestamp, in record: String) throws(StoreError) {
    let year = CivilTime(secondsSinceEpoch: time.seconds &+ Int64(time.offset)).year
    if !(0...9_999).contains(year) || abs(Int64(time.offset)) >= 86_400 {
      throw StoreError(
        .notEncodable,
        "encoding \(record): json: error calling MarshalJSON for type time.Time: out of range")
    }
  }
}
