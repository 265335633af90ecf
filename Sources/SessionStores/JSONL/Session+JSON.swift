public import JSONText
internal import SessionFormats
internal import SessionCoding
internal import SessionModel

extension Session {
  /// The session as the tool's own JSON of it, compact, in the tool's field order.
  ///
  /// The store does not use it; it serves dumps. Cost is in Base64 there.
  /// - Throws: `.notEncodable` for raw values that are not JSON and times out of range.
  public func json(profile: JSONLStore.Profile = .documented) throws(StoreError) -> RawJSON {
    for message in messages { try Encoding.check(message, in: "session") }
    for event in tunnelEvents {
      if let data = event.data { try Encoding.check(data, in: "session") }
    }
    try Encoding.check(createdAt, in: "session")
    try Encoding.check(updatedAt, in: "session")
    var writer = JSONWriter(reserving: 4_096)
    writer.session(self, layout: profile == .documented ? .classic : .current)
    return RawJSON(writer.bytes[...])
  }
}

extension JSONWriter {
  fileprivate mutating func session(_ session: Session, layout: GGCodeLayout) {
    beginObject()
    field("id", session.id)
    time("created_at", session.createdAt)
    time("updated_at", session.updatedAt)
    field("title", session.title)
    omitEmpty("workspace", session.workspace)
    field("vendor", session.vendor)
    field("endpoint", session.endpoint)
    field("model", session.model)
    if layout == .current { omitEmpty("preview", session.preview) }
    key("token_usage")
    tokens(session.tokenUsage)
    list("endpoint_usage", session.endpointUsage) { $0.tokens($1) }
    list("usage_history", session.usageHistory) { $0.payload(.usage($1), "usage_entry", layout) }
    list("metrics", session.metrics) { $0.payload(.metric($1), "metric_event", layout) }
    list("endpoint_metrics", session.endpointMetrics) { writer, metrics in
      writer.beginArray()
      for metric in metrics { writer.payload(.metric(metric), "metric_event", layout) }
      writer.endArray()
    }
    list("messages", session.messages) { $0.message($1, layout: layout) }
    list("tunnel_events", session.tunnelEvents) {
      $0.payload(.event($1.record), "tunnel_event", layout)
    }
    if session.tunnelEventsComplete { field("tunnel_events_complete", true) }
    if let cost = session.cost, !cost.bytes.isEmpty {
      field("cost", Base64.encode(Array(cost.bytes)))
    }
    if layout == .current {
      omitEmpty("permission_mode", session.permissionMode)
      if let visible = session.sidebarVisible { field("sidebar_visible", visible) }
      omitZero("context_window", session.contextWindow)
      omitZero("max_tokens", session.maxTokens)
    }
    endObject()
  }

  private mutating func list<Element>(
    _ name: StaticString, _ elements: [Element], _ write: (inout JSONWriter, Element) -> Void
  ) {
    if elements.isEmpty { return }
    key(name)
    beginArray()
    for element in elements { write(&self, element) }
    endArray()
  }

  private mutating func list<Value>(
    _ name: StaticString, _ values: [String: Value], _ write: (inout JSONWriter, Value) -> Void
  ) {
    if values.isEmpty { return }
    key(name)
    beginObject()
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      key(JSONString(name))
      write(&self, value)
    }
    endObject()
  }

  /// Appends what a record of the session file holds under its own name.
  private mutating func payload(
    _ content: Entry.Content, _ name: StaticString, _ layout: GGCodeLayout
  ) {
    var writer = JSONWriter(reserving: 256)
    _ = writer.ggcodeRecord(Entry(content), sessionID: "", layout: layout)
    if let value = JSONDocument(ifValid: writer.bytes, limits: .go)?.root[name] {
      raw(value.raw)
    } else {
      null()
    }
  }
}
