internal import JSONText
internal import SessionFormats
internal import SessionModel

extension Session {
  /// What a meta record says, in the form that the format's codec writes.
  var head: SessionHead {
    var head = SessionHead(id: id)
    head.title = title
    head.preview = preview
    head.workspace = workspace
    head.providerKey = vendor
    head.endpoint = endpoint
    head.model = model
    head.created = createdAt
    head.updated = updatedAt
    head.usage = tokenUsage
    func add(_ key: String, _ write: (inout JSONWriter) -> Void) {
      var writer = JSONWriter(reserving: 32)
      write(&writer)
      head.extras.append(Extra(format: "ggcode", key: key, value: RawJSON(writer.bytes[...])))
    }
    if tunnelEventsComplete { add("tunnel_events_complete") { $0.bool(true) } }
    if !permissionMode.isEmpty { add("permission_mode") { $0.string(permissionMode) } }
    if let sidebarVisible { add("sidebar_visible") { $0.bool(sidebarVisible) } }
    if contextWindow != 0 { add("context_window") { $0.int(contextWindow) } }
    if maxTokens != 0 { add("max_tokens") { $0.int(maxTokens) } }
    return head
  }

  /// Takes over a meta record; it wins completely, empty values included.
  ///
  /// - Parameter keepingSettings: Whether settings that it omits stay, as in current releases.
  mutating func apply(_ head: SessionHead, keepingSettings: Bool) {
    title = head.title ?? ""
    vendor = head.vendorField
    endpoint = head.endpoint ?? ""
    model = head.model ?? ""
    tokenUsage = head.usage ?? TokenUsage()
    createdAt = head.created ?? .goZero
    updatedAt = head.updated ?? .goZero
    tunnelEventsComplete = head.extras.value("tunnel_events_complete", of: "ggcode") != nil
    if !keepingSettings || head.workspace != nil { workspace = head.workspace ?? "" }
    guard keepingSettings else { return }
    preview = head.preview ?? ""
    func setting(_ key: String) -> JSONValue? {
      head.extras.value(key, of: "ggcode").flatMap { JSONDocument(ifValid: Array($0.bytes))?.root }
    }
    if let mode = setting("permission_mode")?.string { permissionMode = mode.string }
    if let visible = setting("sidebar_visible")?.bool { sidebarVisible = visible }
    if let window = setting("context_window")?.int64 { contextWindow = window }
    if let tokens = setting("max_tokens")?.int64 { maxTokens = tokens }
  }

  /// What the list shows of it.
  func indexEntry(profile: JSONLStore.Profile) -> GGCodeIndex.Entry {
    var entry = GGCodeIndex.Entry(id: id)
    entry.title = title
    if profile == .current { entry.preview = preview }
    entry.created = createdAt
    entry.updated = updatedAt
    entry.messageCount = Int64(messages.count)
    entry.workspace = workspace
    entry.vendor = vendor
    entry.endpoint = endpoint
    entry.model = model
    return entry
  }

  /// A session as the list gives it, without its content.
  init(_ entry: GGCodeIndex.Entry) {
    self.init(
      id: entry.id, createdAt: entry.created ?? .goZero, updatedAt: entry.updated ?? .goZero)
    title = entry.title
    workspace = entry.workspace ?? ""
    vendor = entry.vendor ?? ""
    endpoint = entry.endpoint ?? ""
    model = entry.model ?? ""
    preview = entry.preview ?? ""
  }
}

extension SessionHead {
  /// The field `vendor` alone: the tool ignores the `provider` of its oldest releases.
  fileprivate var vendorField: String {
    guard let provider = extras.value("provider", of: "ggcode"),
      let text = JSONDocument(ifValid: Array(provider.bytes))?.root.string?.string,
      text == providerKey
    else { return providerKey ?? "" }
    return ""
  }
}
