import Foundation
import JSONText
import SessionCoding
import SessionFormats
import SessionModel
import TestSupport
import Testing

/// What reading gives, beside what the tool's own releases load from the same store.
@Suite struct GGCodeLoadTests {
  static let store = Fixtures.root + "/ggcode/store"

  /// A session as one release loads it.
  struct Loaded: CustomTestStringConvertible, @unchecked Sendable {
    var id: String
    var release: String
    var session: [String: Any]
    var derived: [String: Any]
    var testDescription: String { "\(id) by \(release)" }

    func list(_ key: String) -> [[String: Any]] { session[key] as? [[String: Any]] ?? [] }
    func text(_ key: String) -> String { session[key] as? String ?? "" }
  }

  static func loads(_ release: String) throws -> [Loaded] {
    let bytes = try Fixtures.bytes("ggcode/store-expected/load.\(release).json")
    let root = try #require(
      try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    let sessions = try #require(root["sessions"] as? [[String: Any]])
    return try sessions.map { session in
      Loaded(
        id: try #require(session["id"] as? String), release: release,
        session: try #require(session["session"] as? [String: Any]),
        derived: try #require(session["derived"] as? [String: Any]))
    }
  }

  static let classic = (try? loads("1.3.75")) ?? []
  static let current = (try? loads("1.3.216")) ?? []

  func read(_ id: String) throws -> (head: SessionHead, entries: [Entry]) {
    let reader = try GGCode().open(Self.store, options: ReadOptions()).reader(for: id)
    var entries: [Entry] = []
    while let entry = try reader.next() { entries.append(entry) }
    return (reader.head, entries)
  }

  @Test func `both releases' loads of all sessions are there`() {
    #expect(Self.classic.count == 6)
    #expect(Self.current.count == 6)
  }

  @Test(arguments: classic + current)
  func `the head is what the release shows`(_ loaded: Loaded) throws {
    let head = try read(loaded.id).head
    #expect(head.title ?? "" == loaded.text("title"))
    #expect(head.endpoint ?? "" == loaded.text("endpoint"))
    #expect(head.model ?? "" == loaded.text("model"))
    #expect(head.created?.rfc3339 == loaded.text("created_at"))
    #expect(head.updated?.rfc3339 == loaded.text("updated_at"))
    // Current releases put in their own working folder, "/" here, where no meta states one.
    let isOwnFolder = loaded.release == "1.3.216" && loaded.text("workspace") == "/"
    if !isOwnFolder { #expect(head.workspace ?? "" == loaded.text("workspace")) }
    // Releases from v1.0.6 on ignore the `provider` of earlier ones; we keep it as the vendor.
    let isOldest = head.extras.value("provider", of: "ggcode") != nil
    if !isOldest { #expect(head.providerKey ?? "" == loaded.text("vendor")) }
    #expect(tokens(head.usage ?? TokenUsage()) == tokens(loaded.session["token_usage"]))
  }

  /// Classic releases load the last checkpoint's messages and what follows it.
  ///
  /// Session e5 has a checkpoint by identifiers, of which classic releases understand only that
  /// everything before it goes; reading follows the current releases there.
  @Test(arguments: classic.filter { !$0.id.hasSuffix("e5") })
  func `the effective view is what classic releases load`(_ loaded: Loaded) throws {
    let effective = try read(loaded.id).entries.filter(\.isEffective)
    var messages: [Message] = []
    for entry in effective {
      switch entry.content {
      case .checkpoint(let checkpoint): messages = checkpoint.messages ?? []
      case .message(let message): messages.append(message)
      default: break
      }
    }
    #expect(messages.map(flat) == loaded.list("messages").map(flat))
    #expect(
      effective.compactMap(usage) == loaded.list("usage_history").map(usage))
    #expect(effective.compactMap(event) == loaded.list("tunnel_events").map(event))
    #expect(effective.compactMap(cost).last == loaded.session["cost_raw"] as? String)
    #expect(effective.compactMap(metric).count == loaded.list("metrics").count)
  }

  @Test(arguments: classic.filter { $0.id.hasSuffix("e5") })
  func `a checkpoint by identifiers empties the classic view`(_ loaded: Loaded) throws {
    let entries = try read(loaded.id).entries
    let last = entries.lastIndex { if case .checkpoint = $0.content { true } else { false } }
    let after = try entries[#require(last)...].compactMap(message)
    #expect(after.map(flat) == loaded.list("messages").map(flat))
  }

  /// Current releases show the whole history; the model sees what the last checkpoint leaves.
  @Test(arguments: current)
  func `all messages are what current releases show`(_ loaded: Loaded) throws {
    let entries = try read(loaded.id).entries
    var expected = loaded.list("messages")
    if loaded.id.hasSuffix("b2") {
      // On loading, current releases add the last classic checkpoint's summary as a message.
      expected.removeAll { $0["role"] as? String == "system" }
    }
    #expect(entries.compactMap(message).map(flat) == expected.map(flat))
    #expect(entries.compactMap(usage) == loaded.list("usage_history").map(usage))
    #expect(entries.compactMap(metric).count == loaded.list("metrics").count)
    #expect(entries.compactMap(cost).last == loaded.session["cost_raw"] as? String)
    for (entry, message) in zip(entries.compactMap(message), expected) {
      guard let id = message["id"] as? String, id != "<generated>" else { continue }
      #expect(entry.id == id)
    }
  }

  /// Where the last checkpoint is by identifiers, the effective view is what the model is sent; of
  /// the others only b2 has a checkpoint, whose classic view differs.
  @Test(arguments: current.filter { !$0.id.hasSuffix("b2") })
  func `the effective view is the current releases' context`(_ loaded: Loaded) throws {
    let effective = try read(loaded.id).entries.filter(\.isEffective).compactMap(message)
    let context = try #require(loaded.derived["context_messages"] as? [[String: Any]])
    #expect(effective.map(flat) == context.map(flat))
  }

  // MARK: Both sides in one form

  func message(_ entry: Entry) -> Message? {
    if case .message(let message) = entry.content { message } else { nil }
  }

  func flat(_ message: Message) -> [String] {
    let role = message.role == .tool && message.holdsOnlyToolResults ? "user" : message.role.name
    return [role]
      + message.blocks.map { block in
        switch block {
        case .text(let text): "text \(text.text)"
        case .thinking(let thinking):
          "thinking \(thinking.text)|\(thinking.signature ?? "")|\(thinking.encrypted ?? "")"
        case .toolCall(let call):
          "call \(call.id)|\(call.name)|\(call.arguments?.string ?? "nil")"
        case .toolResult(let result):
          "result \(result.callID)|\(result.name ?? "")|\(result.isError)|"
            + result.content.map { part in
              switch part {
              case .text(let text): "text \(text.text)"
              case .image(let image): "image \(image.mediaType ?? "")|\(image.base64 ?? "")"
              default: "?"
              }
            }.joined(separator: "|")
        case .image(let image): "image \(image.mediaType ?? "")|\(image.base64 ?? "")"
        default: "?"
        }
      }
  }

  func flat(_ message: [String: Any]) -> [String] {
    [message["role"] as? String ?? ""]
      + (message["content"] as? [[String: Any]] ?? []).flatMap(flatBlock)
  }

  func flatBlock(_ block: [String: Any]) -> [String] {
    func text(_ key: String) -> String { block[key] as? String ?? "" }
    switch text("type") {
    case "text", "thinking":
      var parts: [String] = []
      let hasThinking =
        block["reasoning_content"] != nil || block["thinking_signature"] != nil
        || block["thinking_data"] != nil
      if hasThinking {
        parts.append(
          "thinking \(text("reasoning_content"))|\(text("thinking_signature"))|"
            + text("thinking_data"))
      }
      if block["text"] != nil || !hasThinking { parts.append("text \(text("text"))") }
      return parts
    case "tool_use":
      return [
        "call \(text("tool_id"))|\(text("tool_name"))|\(block["input_raw"] as? String ?? "nil")"
      ]
    case "tool_result":
      var parts: [String] = []
      if !text("output").isEmpty { parts.append("text \(text("output"))") }
      for image in block["images"] as? [[String: String]] ?? [] {
        parts.append("image \(image["mime"] ?? "")|\(image["base64"] ?? "")")
      }
      let isError = block["is_error"] as? Bool ?? false
      return [
        "result \(text("tool_id"))|\(text("tool_name"))|\(isError)|"
          + parts.joined(separator: "|")
      ]
    case "image": return ["image \(text("image_mime"))|\(text("image_data"))"]
    default: return ["?"]
    }
  }

  func tokens(_ usage: TokenUsage) -> [Int64] {
    [usage.input, usage.output, usage.cacheRead, usage.cacheWrite, usage.promptTotal].map {
      $0 ?? 0
    }
  }

  func tokens(_ usage: Any?) -> [Int64] {
    let usage = usage as? [String: Any] ?? [:]
    return [
      "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
      "prompt_tokens_total",
    ].map { (usage[$0] as? NSNumber)?.int64Value ?? 0 }
  }

  func usage(_ entry: Entry) -> String? {
    guard case .usage(let usage) = entry.content else { return nil }
    return
      "\(usage.time?.rfc3339 ?? "")|\(usage.turn ?? 0)|\(usage.model ?? "")|"
      + "\(usage.provider ?? "")|\(usage.endpoint ?? "")|\(usage.source ?? "")|"
      + "\(tokens(usage.usage))"
  }

  func usage(_ usage: [String: Any]) -> String {
    func text(_ key: String) -> String { usage[key] as? String ?? "" }
    let turn = (usage["turn_index"] as? NSNumber)?.int64Value ?? 0
    return "\(text("timestamp"))|\(turn)|\(text("model"))|\(text("vendor"))|\(text("endpoint"))|"
      + "\(text("source"))|\(tokens(usage["usage"]))"
  }

  func event(_ entry: Entry) -> String? {
    guard case .event(let event) = entry.content, event.kind == "tunnel_event" else { return nil }
    return "\(event.id ?? "")|\(event.stream ?? "")|\(event.type ?? "")|\(event.data?.string ?? "")"
  }

  func event(_ event: [String: Any]) -> String {
    func text(_ key: String) -> String { event[key] as? String ?? "" }
    return "\(text("event_id"))|\(text("stream_id"))|\(text("type"))|\(text("data_raw"))"
  }

  func cost(_ entry: Entry) -> String? {
    guard case .event(let event) = entry.content, event.kind == "cost" else { return nil }
    return event.data?.string
  }

  func metric(_ entry: Entry) -> MetricRecord? {
    if case .metric(let metric) = entry.content { metric } else { nil }
  }
}
