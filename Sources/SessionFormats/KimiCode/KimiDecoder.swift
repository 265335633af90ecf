internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the lines of a wire mean.
///
/// The parts of a step are one message. It is told with the last of them, or with the last before a result
/// of its calls.
struct KimiDecoder: RecordDecoder {
  static func recognizes(_ first: JSONValue) -> Bool {
    first.text("type") == "metadata" && first["protocol_version"] != nil
  }

  static func id(in first: JSONValue) -> String? { nil }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(KimiCode.id)
  private let file: LocatedSession
  /// The last part of each step that is not told yet, by its record, and the records that tell one.
  private var open: [String: Int] = [:]
  private var tells: Set<Int> = []
  private var called: Set<String> = []
  /// The record of the last compaction, before which nothing is sent any more.
  private var compaction = 0
  private var parts: [String: [Block]] = [:]
  private var names: [String: JSONString] = [:]
  /// What the person said, of which a compaction keeps some.
  private var prompts: [Message] = []
  private var model: String?

  init(_ file: LocatedSession) {
    self.file = file
    head = SessionHead(id: file.id)
    head.messageCount = 0
    head.providerKey = "moonshot"
    if let dot = file.id.firstRange(of: ".agent-")?.lowerBound {
      head.parent = ParentLink(id: String(file.id[..<dot]), kind: .subagent)
    }
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    if let time = object.time("time") { head.updated = max(head.updated ?? time, time) }
    switch object.text("type") ?? "" {
    case "metadata": head.created = object.time("created_at")
    case "config.update":
      head.workspace = head.workspace ?? object.text("cwd")
      head.model = object.text("modelAlias") ?? head.model
    case "llm.request" where object.text("kind") == "loop":
      head.model = object.text("model") ?? head.model
    case "context.append_message":
      head.messageCount = (head.messageCount ?? 0) + 1
      guard firstPrompt == nil, let message = object["message"], Self.isTyped(message) else {
        return
      }
      firstPrompt = content(message["content"]).lazy.compactMap(\.plainText).first
        .map { String($0.string.prefix(200)) }
    case "context.append_loop_event":
      guard let event = object["event"] else { return }
      scan(event: event, record)
    case "context.apply_compaction" where Self.summary(object) != nil:
      compaction = record.number
    case "usage.record" where object.text("usageScope") == "session":
      add(object["usage"])
    default: break
    }
  }

  private mutating func scan(event: JSONValue, _ record: NativeRecord) {
    switch event.text("type") ?? "" {
    case "content.part", "tool.call":
      open[event.text("stepUuid") ?? ""] = record.number
      if let id = event.text("toolCallId") { called.insert(id) }
    case "tool.result":
      closeAll()
      head.messageCount = (head.messageCount ?? 0) + 1
      if let id = event.text("toolCallId"), !called.contains(id) {
        log.add("result-call", .warning, record.place, "no earlier call has the id \(id)")
      }
    case "step.end":
      if let number = open.removeValue(forKey: event.text("uuid") ?? "") { tell(number) }
      add(event["usage"])
    default: break
    }
  }

  private mutating func tell(_ number: Int) {
    if tells.insert(number).inserted { head.messageCount = (head.messageCount ?? 0) + 1 }
  }

  private mutating func closeAll() {
    for number in open.values { tell(number) }
    open = [:]
  }

  private mutating func add(_ usage: JSONValue?) {
    guard let usage = Self.usage(usage) else { return }
    head.usage = head.usage?.adding(usage) ?? usage
  }

  mutating func finishScan() {
    closeAll()
    called = []
    guard let state = file.described(by: KimiCode.state) else {
      if head.parent == nil {
        log.add(
          "state", .warning, .file(path: file.name),
          "state.json is missing or unreadable; Kimi Code does not list the session")
      }
      return
    }
    head.workspace = state.text("cwd") ?? state.text("workDir") ?? head.workspace
    guard head.parent == nil else { return }
    head.title = state.text("title").flatMap { $0.isEmpty ? nil : $0 }
    head.archived = state["archived"]?.bool
    head.created = state.time("createdAt") ?? head.created
  }

  private static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, value.kind == .object else { return nil }
    return TokenUsage(
      input: value["inputOther"]?.int64, output: value["output"]?.int64,
      cacheRead: value["inputCacheRead"]?.int64, cacheWrite: value["inputCacheCreation"]?.int64)
  }

  /// Whether a person typed a message, and not the program.
  private static func isTyped(_ message: JSONValue) -> Bool {
    message.text("role") == "user" && message["origin"]?.text("kind") ?? "user" == "user"
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    let type = object.text("type") ?? ""
    switch type {
    case "metadata": return [Entry(.headChange(head))]
    case "context.append_message":
      guard let said = object["message"] else { return [] }
      var message = message(said)
      message.time = object.time("time")
      if Self.isTyped(said) { prompts.append(message) }
      return [Entry(.message(message), isEffective: record.number > compaction)]
    case "context.append_loop_event":
      guard let event = object["event"] else { return [] }
      if let message = decode(event: event, object, record) {
        return [Entry(.message(message), isEffective: record.number > compaction)]
      }
      return [self.event(object, event.text("type") ?? type)]
    case "context.apply_compaction":
      guard let summary = Self.summary(object) else { return [] }
      let kept = prompts.suffix(
        max(0, object["keptUserMessageCount"]?.int64.flatMap { Int(exactly: $0) } ?? 0))
      let text = Message(
        role: .user, blocks: [.text(Block.Text(summary))], flags: .compactionSummary)
      return [
        Entry(
          .checkpoint(
            Checkpoint(
              messages: [text]
                + kept.map { message in
                  var message = message
                  message.flags.insert(.compactionTail)
                  return message
                }, tokens: object["tokensAfter"]?.int64, time: object.time("time"),
              extras: object.extras(
                of: KimiCode.id, except: ["type", "contextSummary", "time", "tokensAfter"]))),
          isEffective: record.number >= compaction)
      ]
    case "llm.request":
      model = object.text("model") ?? model
      return [event(object, type)]
    default:
      return type.isEmpty ? [] : [event(object, type)]
    }
  }

  private static func summary(_ compaction: JSONValue) -> JSONString? {
    compaction["contextSummary"]?.string ?? compaction["summary"]?.string
  }

  private func event(_ object: JSONValue, _ kind: String) -> Entry {
    Entry(
      .event(
        EventRecord(
          format: KimiCode.id, kind: kind, time: object.time("time"), data: RawJSON(object.raw))))
  }

  private mutating func decode(
    event: JSONValue, _ object: JSONValue, _ record: NativeRecord
  ) -> Message? {
    let step = event.text("stepUuid") ?? ""
    switch event.text("type") ?? "" {
    case "content.part": parts[step, default: []] += event["part"].map { [part($0)] } ?? []
    case "tool.call":
      let id = event["toolCallId"]?.string ?? ""
      names[id.string] = event["name"]?.string
      parts[step, default: []].append(
        .toolCall(
          Block.ToolCall(
            id: id, name: event["name"]?.string ?? "",
            arguments: event["args"].map { RawJSON($0.raw) },
            extras: event.extras(
              of: KimiCode.id,
              except: ["type", "uuid", "turnId", "step", "stepUuid", "toolCallId", "name", "args"]))
        ))
    case "tool.result":
      return result(
        id: event["toolCallId"]?.string ?? "", event["result"]?["output"],
        isError: event["result"]?["isError"]?.bool ?? false, object)
    default: return nil
    }
    guard tells.contains(record.number), let blocks = parts.removeValue(forKey: step) else {
      return nil
    }
    var message = Message(role: .assistant, blocks: blocks, time: object.time("time"))
    message.model = model
    return message
  }

  private func result(
    id: JSONString, _ output: JSONValue?, isError: Bool, _ object: JSONValue
  ) -> Message {
    Message(
      role: .tool,
      blocks: [
        .toolResult(
          Block.ToolResult(
            callID: id, name: names[id.string], content: content(output), isError: isError))
      ], time: object.time("time"))
  }

  private mutating func message(_ said: JSONValue) -> Message {
    let role = Role(said.text("role") ?? "")
    if role == .tool {
      let id = said["toolCallId"]?.string ?? ""
      return Message(
        role: .tool,
        blocks: [
          .toolResult(
            Block.ToolResult(
              callID: id, name: said["name"]?.string ?? names[id.string],
              content: content(said["content"]), isError: said["isError"]?.bool ?? false))
        ])
    }
    let calls = said["toolCalls"]?.elements.map { call -> Block in
      let (id, name) = (call["id"]?.string ?? "", call["name"]?.string ?? "")
      names[id.string] = name
      let arguments = call["arguments"].map { value in
        value.string.map { ChatArguments.read(Array($0.string.utf8)) } ?? RawJSON(value.raw)
      }
      return .toolCall(Block.ToolCall(id: id, name: name, arguments: arguments))
    }
    var message = Message(
      role: role, blocks: content(said["content"]) + (calls ?? []),
      extras: said.extras(of: KimiCode.id, except: ["role", "content", "toolCalls"]))
    if role == .user, !Self.isTyped(said) { message.flags = [.hidden, .synthetic] }
    return message
  }

  private func content(_ value: JSONValue?) -> [Block] {
    guard let value, !value.isNull else { return [] }
    if let text = value.string { return text.isEmpty ? [] : [.text(Block.Text(text))] }
    return value.kind == .array ? value.elements.map(part) : []
  }

  private func part(_ part: JSONValue) -> Block {
    switch part.text("type") {
    case "text": return .text(Block.Text(part["text"]?.string ?? ""))
    case "think":
      var thinking = Block.Thinking(part["think"]?.string ?? "")
      thinking.encrypted = part["encrypted"]?.string
      return .thinking(thinking)
    case "image_url":
      guard let url = part["imageUrl"]?["url"]?.string ?? part["imageUrl"]?.string else { break }
      return .image(ImageAddress.block(url))
    default: break
    }
    return .opaque(
      Block.OpaqueBlock(
        format: KimiCode.id, type: part["type"]?.string ?? "", json: RawJSON(part.raw)))
  }
}
