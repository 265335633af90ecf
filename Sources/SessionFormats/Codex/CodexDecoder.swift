internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the lines of a rollout mean.
///
/// Everything visible stands in two logs: items, which the model sees, are the messages; events, which
/// the screen shows, are kept as events, unless no item repeats them.
struct CodexDecoder: RecordDecoder {
  static func recognizes(_ first: JSONValue) -> Bool {
    if first["session"]?.kind == .object, first["items"]?.kind == .array { return true }
    let line = CodexLine(first)
    switch line.kind {
    case .meta(let meta): return line.isWrapped ? meta["id"] != nil : meta["instructions"] != nil
    case .item, .event, .compacted, .other: return line.isWrapped
    case .unknown: return false
    }
  }

  static func id(in first: JSONValue) -> String? {
    if case .meta(let meta) = CodexLine(first).kind { meta.text("id") } else { nil }
  }

  private(set) var head: SessionHead
  /// The first prompt, as lists show it.
  private(set) var firstPrompt: String?
  var log = FindingLog(Codex.id)
  private(set) var rules: CodexRules
  /// The earlier part that lies in another file: thread and number of bytes.
  private(set) var base: (thread: String, end: UInt64)?
  private let file: LocatedSession
  private let isDocument: Bool
  private var grants = CodexGrants()
  private var replay = CodexReplay()

  // The first pass.
  private var threadID: String?
  /// The number of the thread's own `session_meta`, which is the first.
  private var firstMeta = 0
  private var messageCount = 0
  private var updated: Timestamp?
  private var usage: TokenUsage?
  private var hasConversationItem = false
  private var eventMessages = 0
  /// The last turn that ended before any item of the conversation: its last line, and the messages
  /// that the screen showed until then.
  private var eventTurns: (end: Int, messages: Int) = (0, 0)
  private var pendingReasoning: [Int] = []

  // Known after the first pass.
  /// Lines that can be read and that the program skips all the same.
  private var skipped: Set<Int> = []
  /// Lines of reasoning shown on the screen that no item repeats.
  private var unrepeatedReasoning: Set<Int> = []
  /// The line up to which turns stand in the log of the screen alone; 0 when none do.
  private var eventsOnlyEnd = 0

  // The second pass; before that, `model` is the last one that is stated.
  private var model: String?
  /// Calls that an event reported as failed.
  private var failedCalls: Set<String> = []
  private var lastTotal: RawJSON?
  /// What the program puts before the summary of a compaction.
  private var prompts: [Message] = []

  init(_ file: LocatedSession) {
    self.file = file
    isDocument = file.name.hasSuffix(".json")
    rules = CodexRules(file)
    head = SessionHead(id: file.id)
  }

  // MARK: First pass

  mutating func note(_ record: NativeRecord) {
    switch record.content {
    case .blank, .tooLong: endReasoning()
    case .damaged(let message, let offset):
      endReasoning()
      log.add(
        "line-decodes", .warning, record.place(at: offset), "\(message); Codex skips such a line")
      rules.note(nil, record)
    case .object(let object):
      if let offset = object.document.firstInvalidUTF8 {
        log.add(
          "utf8", .error, record.place(at: offset),
          "invalid UTF-8; Codex cannot resume a file with it")
      }
      scan(object, record)
    }
  }

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    let line = CodexLine(object, isDocument: isDocument)
    let problem = line.problem
    if let problem {
      skipped.insert(record.number)
      log.add("line-schema", .warning, record.place, "\(problem); Codex skips such a line")
    }
    grants.note(line)
    replay.note(
      line, isSkipped: problem != nil, number: record.number, byteCount: record.bytes.count)
    if line.isWrapped, object["timestamp"]?.string != nil { updated = line.time }
    switch line.kind {
    case .item(let item): scanItem(line.type.isEmpty ? "message" : line.type, item)
    case .event(let event): scanEvent(line.type, event, record.number)
    case .other("turn_context", let context):
      endReasoning()
      model = context.text("model")
    case .meta(let meta):
      endReasoning()
      if firstMeta == 0 { scanMeta(meta, line.time, record.number) }
    case .compacted, .other, .unknown: endReasoning()
    }
    if case .unknown(nil) = line.kind { return }
    rules.note(line, record)
  }

  private mutating func scanMeta(_ meta: JSONValue, _ time: Timestamp?, _ number: Int) {
    firstMeta = number
    threadID = meta.text("id")
    if let start = meta["history_base"], let thread = start.text("thread_id") {
      base = (thread, UInt64(max(0, start["end_byte_offset"]?.int64 ?? 0)))
    }
    head = CodexHead.head(meta, id: file.id, time: time)
  }

  private mutating func scanItem(_ type: String, _ item: JSONValue) {
    if type == "reasoning" { pendingReasoning = [] } else { endReasoning() }
    if CodexItem.types.contains(type) { messageCount += 1 }
    if CodexItem.serverCallTypes.contains(type) {
      messageCount += CodexItem.messages(item, naming: type).count - 1
    }
    if CodexItem.conversationTypes.contains(type) { hasConversationItem = true }
  }

  private mutating func scanEvent(_ type: String, _ event: JSONValue, _ number: Int) {
    if type == "agent_reasoning" || type == "agent_reasoning_raw_content" {
      return pendingReasoning.append(number)
    }
    endReasoning()
    switch type {
    case "user_message", "agent_message":
      if !hasConversationItem { eventMessages += 1 }
    case "task_complete", "turn_complete", "turn_aborted":
      if !hasConversationItem { eventTurns = (number, eventMessages) }
    case "token_count": usage = CodexTokens.usage(event["info"]?["total_token_usage"])
    default: break
    }
    if firstPrompt == nil, type == "user_message" || type == "item_completed" {
      firstPrompt = CodexHead.preview(event)
    }
  }

  private mutating func endReasoning() {
    unrepeatedReasoning.formUnion(pendingReasoning)
    pendingReasoning = []
  }

  mutating func finishScan() {
    endReasoning()
    // An event in the turn of the first item, or before any turn, may be what the item repeats.
    if hasConversationItem {
      if eventTurns.messages > 0 { eventsOnlyEnd = eventTurns.end }
      messageCount += eventTurns.messages
    } else if eventMessages > 0 {
      eventsOnlyEnd = .max
      messageCount += eventMessages
    }
    head.messageCount = messageCount + unrepeatedReasoning.count
    head.updated = updated
    head.summary = firstPrompt
    head.model = model
    head.usage = usage
    let titles = [threadID ?? file.id, file.id].compactMap { file.titles[$0.lowercased()] }
    head.title =
      titles.first(where: CodexNames.isName) ?? firstPrompt.map { CodexHead.title(from: $0) }
    if file.relativePath.hasPrefix("archived_sessions/") { head.archived = true }
    if file.relativePath.contains("/") {
      head.extras.addCodex(CodexExtra.path, text: file.relativePath)
    }
    replay.finish()
    rules.finish()
    grants.tell(file.name, in: &log)
    model = nil
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    let line = CodexLine(object, isDocument: isDocument)
    let number = record.number
    switch line.kind {
    case .unknown(let type): return [opaque(record, type)]
    case .meta where number == firstMeta: return [Entry(.headChange(head))]
    case .meta(let meta): return [Entry(event(line, "session_meta", nil, meta))]
    case .item(let item): return items(item, line, record)
    case .event(let payload): return [event(payload, line, number)]
    case .compacted(let payload): return [compaction(payload, line, number)]
    case .other(let type, let payload):
      if type == "turn_context" { model = payload.text("model") ?? model }
      if type == "inter_agent_communication", let text = payload["content"]?.string {
        return [communication(text, payload, line, number)]
      }
      return [Entry(event(line, type, nil, payload))]
    }
  }

  private func opaque(_ record: NativeRecord, _ type: String?) -> Entry {
    Entry(
      .opaque(OpaqueRecord(format: Codex.id, type: type, bytes: record.bytes)), isEffective: false)
  }

  private func event(
    _ line: CodexLine, _ kind: String, _ type: String?, _ payload: JSONValue
  ) -> Entry.Content {
    .event(
      EventRecord(
        format: Codex.id, kind: kind, id: payload.text("call_id"), type: type, time: line.time,
        data: RawJSON(payload.raw), extras: line.extras))
  }

  private mutating func items(
    _ item: JSONValue, _ line: CodexLine, _ record: NativeRecord
  ) -> [Entry] {
    let messages = CodexItem.messages(item, naming: "\(line.type)_\(record.number)")
    if messages.isEmpty { return [opaque(record, line.type)] }
    if replay.prompts.contains(record.number) { prompts += messages }
    return messages.map { entry($0, line, record) }
  }

  private func entry(_ message: Message, _ line: CodexLine, _ record: NativeRecord) -> Entry {
    var message = message
    message.time = line.time
    if message.role == .assistant, line.isWrapped { message.model = model }
    var isAnswered = true
    if case .toolResult(var result)? = message.blocks.first {
      if failedCalls.contains(result.callID.string) { result.isError = true }
      message.blocks[0] = .toolResult(result)
      isAnswered =
        result.callID.isEmpty || CodexItem.serverCallTypes.contains(line.type)
        || replay.hasCall(id: result.callID, resultType: line.type)
    }
    message.extras += line.extras
    if let flags = CodexFlags.read(line) { message.flags = flags }
    // The program leaves system messages out of what it sends (seen with codex-cli 0.163.0).
    let isSent =
      replay.includes(record.number) && message.role != .system && isAnswered
      && !skipped.contains(record.number)
    return Entry(.message(message), isEffective: isSent)
  }

  private func communication(
    _ text: JSONString, _ payload: JSONValue, _ line: CodexLine, _ number: Int
  ) -> Entry {
    var message = Message(role: .user, blocks: [.text(Block.Text(text))], time: line.time)
    message.flags = .synthetic
    message.extras = line.extras
    message.extras.addCodex("inter_agent_communication", RawJSON(payload.raw))
    return Entry(
      .message(message), isEffective: !skipped.contains(number) && replay.includes(number))
  }

  private mutating func compaction(
    _ payload: JSONValue, _ line: CodexLine, _ number: Int
  ) -> Entry {
    // One that the program never saw, or that was undone, compacts nothing.
    if replay.isUndone(number) || skipped.contains(number) {
      return Entry(event(line, "compacted", nil, payload))
    }
    var checkpoint = CodexCompaction.checkpoint(payload, line)
    if replay.prompts.contains(number) {
      if let prompt = CodexCompaction.prompt(payload) { prompts.append(prompt) }
    } else if replay.isInForce(number), let list = checkpoint.messages {
      checkpoint.messages = prompts + list
      prompts = []
    }
    return Entry(.checkpoint(checkpoint), isEffective: replay.isInForce(number))
  }

  // MARK: Events

  private mutating func event(_ payload: JSONValue, _ line: CodexLine, _ number: Int) -> Entry {
    noteOutcome(payload, line.type)
    if unrepeatedReasoning.contains(number), let text = payload["text"]?.string {
      let kind = line.type == "agent_reasoning" ? "summary" : "raw"
      let message = shown(.assistant, [.thinking(Block.Thinking(text, kind: kind))], payload, line)
      return Entry(.message(message), isEffective: false)
    }
    if number < eventsOnlyEnd, let (role, blocks) = CodexShown.turn(payload, line.type) {
      // What only the screen shows is not sent, unless there is nothing else.
      return Entry(
        .message(shown(role, blocks, payload, line)),
        isEffective: number > replay.baseLine && !blocks.isEmpty)
    }
    if line.type == "token_count", let usage = tokens(payload, line) {
      return Entry(.usage(usage))
    }
    return Entry(event(line, "event_msg", line.type, payload))
  }

  private func shown(
    _ role: Role, _ blocks: [Block], _ payload: JSONValue, _ line: CodexLine
  ) -> Message {
    var message = Message(role: role, blocks: blocks, time: line.time)
    message.extras = line.extras
    message.extras.addCodex(CodexExtra.event, RawJSON(payload.raw))
    return message
  }

  private mutating func tokens(_ payload: JSONValue, _ line: CodexLine) -> UsageRecord? {
    guard let info = payload["info"], let usage = CodexTokens.usage(info["last_token_usage"])
    else { return nil }
    // The same count again says only that limits were read anew.
    let total = info["total_token_usage"].map { RawJSON($0.raw) }
    if let total, total == lastTotal { return nil }
    lastTotal = total
    var record = UsageRecord(time: line.time, model: model, usage: usage)
    record.extras = line.extras
    record.extras.addCodex(CodexExtra.tokenCount, RawJSON(payload.raw))
    return record
  }

  /// Notes which calls failed, where only an event tells.
  private mutating func noteOutcome(_ payload: JSONValue, _ type: String) {
    func isFailure(_ code: JSONValue?) -> Bool { code?.int64.map { $0 != 0 } ?? false }
    var id = payload["call_id"]?.string
    let hasFailed: Bool
    switch type {
    case "exec_command_end": hasFailed = isFailure(payload["exit_code"])
    case "patch_apply_end": hasFailed = payload["success"]?.bool == false
    case "mcp_tool_call_end":
      let result = payload["result"]
      hasFailed = result?["Err"] != nil || result?["Ok"]?["isError"]?.bool == true
    case "item_completed":
      let item = payload["item"]
      id = item?["id"]?.string
      hasFailed = item?.text("status") == "failed" || isFailure(item?["exit_code"])
    default: return
    }
    guard hasFailed, let id, id.utf8Count <= 256 else { return }
    failedCalls.insert(id.string)
  }
}
