internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what a thread and its messages mean.
///
/// Results stand in the message after their calls.
struct AmpDecoder: RecordDecoder {
  static func recognizes(_ first: JSONValue) -> Bool {
    guard first.text("id") != nil, first["created"]?.double != nil,
      let messages = first["messages"], messages.kind == .array
    else { return false }
    return messages.elements.first.map { $0["messageId"] != nil } ?? true
  }

  static func id(in first: JSONValue) -> String? { first.text("id") }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(Amp.id)
  private let content = AnthropicBlocks(format: Amp.id)
  /// What the ledger of older threads states; the messages' own numbers come first.
  private var ledger: TokenUsage?
  private var names: [JSONString: JSONString] = [:]
  private var called: Set<JSONString> = []

  init(_ file: LocatedSession) {
    head = SessionHead(id: file.id)
    head.messageCount = 0
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    guard record.number > 1 else { return scan(thread: object) }
    head.messageCount = (head.messageCount ?? 0) + 1
    if let time = Self.time(of: object) { head.updated = max(head.updated ?? time, time) }
    if let usage = Self.usage(object["usage"]) {
      head.usage = head.usage?.adding(usage) ?? usage
      head.model = object["usage"]?.text("model") ?? head.model
    }
    for block in content.blocks(object["content"]) {
      if case .toolCall(let call) = block { called.insert(call.id) }
    }
    for part in Self.results(in: object) {
      let id = part["toolUseID"]?.string ?? ""
      if !called.contains(id) {
        log.add("result-call", .warning, record.place, "no earlier call has the id \(id.string)")
      }
    }
    guard firstPrompt == nil, object.text("role") == "user" else { return }
    firstPrompt = content.blocks(object["content"]).lazy.compactMap(\.plainText).first
      .map { String($0.string.prefix(200)) }
  }

  private mutating func scan(thread: JSONValue) {
    head.title = thread.text("title").flatMap { $0.isEmpty ? nil : $0 }
    head.created = thread.time("created")
    head.updated = head.created
    let tree = thread["env"]?["initial"]?["trees"]?.elements.first
    head.workspace = tree?.text("uri").flatMap(Self.path)
    head.gitBranch = tree?["repository"]?.text("ref").map {
      String($0.trimmingPrefix("refs/heads/"))
    }
    for event in thread["usageLedger"]?["events"]?.elements.map({ $0 }) ?? [] {
      let usage = TokenUsage(
        input: event["tokens"]?["input"]?.int64, output: event["tokens"]?["output"]?.int64)
      ledger = ledger?.adding(usage) ?? usage
      if event.text("operationType") == "conversation" {
        head.model = event.text("model") ?? head.model
      }
    }
    for trace in thread["meta"]?["traces"]?.elements.map({ $0 }) ?? [] {
      if let time = trace.time("endTime") { head.updated = max(head.updated ?? time, time) }
    }
    head.extras = thread.extras(of: Amp.id, except: ["id", "title", "created", "messages"])
  }

  mutating func finishScan() { head.usage = head.usage ?? ledger }

  /// The path of a `file:` address.
  private static func path(_ address: String) -> String? {
    guard address.hasPrefix("file://") else { return nil }
    var bytes: [UInt8] = []
    var rest = address.utf8.dropFirst("file://".utf8.count)
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func time(of message: JSONValue) -> Timestamp? {
    message["meta"]?.time("sentAt") ?? message["usage"]?.time("timestamp")
  }

  private static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, value.kind == .object else { return nil }
    return TokenUsage(
      input: value["inputTokens"]?.int64, output: value["outputTokens"]?.int64,
      cacheRead: value["cacheReadInputTokens"]?.int64,
      cacheWrite: value["cacheCreationInputTokens"]?.int64)
  }

  private static func results(in message: JSONValue) -> [JSONValue] {
    guard let content = message["content"], content.kind == .array else { return [] }
    return content.elements.filter { $0.text("type") == "tool_result" }
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    guard record.number > 1 else { return [Entry(.headChange(head))] }
    let role = object.text("role") ?? ""
    guard role == "user" || role == "assistant" else {
      return [
        Entry(
          .event(
            EventRecord(
              format: Amp.id, kind: role, time: Self.time(of: object), data: RawJSON(object.raw))))
      ]
    }
    var message = Message(role: Role(role), blocks: blocks(object), time: Self.time(of: object))
    message.id = object["messageId"]?.int64.map(String.init) ?? object.text("messageId")
    message.model = object["usage"]?.text("model")
    message.usage = Self.usage(object["usage"])
    message.extras = object.extras(of: Amp.id, except: ["role", "content", "messageId"])
    let results = Self.results(in: object).count
    if results > 0, results == message.blocks.count { message.role = .tool }
    return [Entry(.message(message))]
  }

  private mutating func blocks(_ message: JSONValue) -> [Block] {
    guard let list = message["content"], list.kind == .array else {
      return content.blocks(message["content"])
    }
    return list.elements.flatMap { part -> [Block] in
      switch part.text("type") {
      case "tool_result": return [result(part)]
      // Older threads have calls that only say what was done.
      case "tool_use" where part["id"] == nil:
        return [
          .opaque(Block.OpaqueBlock(format: Amp.id, type: "tool_use", json: RawJSON(part.raw)))
        ]
      default:
        let blocks = content.blocks(part)
        if case .toolCall(let call)? = blocks.first { names[call.id] = call.name }
        return blocks
      }
    }
  }

  /// What a tool answered; nothing while it is still at work.
  private func result(_ part: JSONValue) -> Block {
    let run = part["run"]
    let status = run?.text("status") ?? ""
    guard status != "in-progress" else {
      return .opaque(
        Block.OpaqueBlock(format: Amp.id, type: "tool_result", json: RawJSON(part.raw)))
    }
    let error = run?["error"]?["message"]?.string ?? run?["error"]?.string
    let said = run?["result"].map(Self.text) ?? error ?? run?["reason"]?.string ?? ""
    let id = part["toolUseID"]?.string ?? ""
    return .toolResult(
      Block.ToolResult(
        callID: id, name: names[id], content: said.isEmpty ? [] : [.text(Block.Text(said))],
        isError: ["error", "cancelled", "rejected-by-user"].contains(status),
        extras: part.extras(of: Amp.id, except: ["type", "toolUseID", "run"])))
  }

  /// What of a result is shown: a text, the lines of a list, or the member that says most.
  private static func text(_ result: JSONValue) -> JSONString {
    if let text = result.string { return text }
    let lines = result.kind == .array ? result.elements.compactMap { $0.string?.string } : []
    if !lines.isEmpty { return JSONString(lines.joined(separator: "\n")) }
    for name in ["output", "content", "diff"] as [StaticString] {
      if let text = result[name]?.string { return text }
    }
    return JSONString(decodedUTF8: Array(result.raw))
  }
}
