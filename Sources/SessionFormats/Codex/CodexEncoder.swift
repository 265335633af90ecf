internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says entries of other formats in the lines of a rollout, with turns around them.
///
/// The log that the model sees gets the items, the log of the screen the prompts, answers, calls and
/// reasoning. In a file of the paginated mode the second is `item_completed` and lines are numbered.
struct CodexEncoder: LineEncoder {
  private let head: SessionHead
  /// The thread's identifier.
  private let thread: String
  private var hasOpened = false
  /// Whether the file is of the paginated mode, and the ordinal of its next line.
  private var (isPaginated, nextOrdinal) = (false, Int64(0))
  /// The time of the last line.
  private var time: Timestamp?
  /// The time that the last line of the program's own states, if no line was made after it.
  private var followedTime: String?
  private var lineCount = 0
  private var calls = CodexCalls()
  private var turn: String?
  private var turnCount = 0
  private var itemCount = 0
  /// A part of the names of turns that makes them differ from those in the file already.
  private var salt = ""
  /// How many lines of the format itself stand before those that are written here.
  private var followedCount = 0
  /// Whether history stands in the file that the source does not use any more, not yet hidden.
  private var hasHistory = false
  /// Whether something stands in the file that the source uses.
  private var hasView = false

  init(_ head: SessionHead, id: String) {
    self.head = head
    thread = CodexFileName(id + ".jsonl")?.id ?? CodexID.thread(id)
    time = head.created ?? head.updated
  }

  mutating func follow(_ object: JSONValue) {
    let line = CodexLine(object)
    if !hasOpened, case .meta(let meta) = line.kind {
      isPaginated = meta.text("history_mode") == "paginated"
      nextOrdinal = max(0, meta["history_base"]?["end_ordinal_exclusive"]?.int64 ?? 0)
    }
    hasOpened = true
    // An earlier conversion may have named turns that are native now.
    followedCount += 1
    salt = "added after \(followedCount)"
    followedTime = line.isWrapped ? object.text("timestamp") : nil
    if isPaginated, let ordinal = object["ordinal"]?.int64, ordinal >= nextOrdinal, ordinal < .max {
      nextOrdinal = ordinal + 1
    }
  }

  mutating func write(_ entry: Entry, to json: inout JSONWriter) -> Int {
    let before = lineCount
    if !hasOpened { open(&json) }
    let opened = lineCount
    switch entry.content {
    case .message(let message): write(message, isEffective: entry.isEffective, &json)
    case .checkpoint(let checkpoint): write(checkpoint, isEffective: entry.isEffective, &json)
    case .headChange, .usage, .metric, .event, .opaque: break
    }
    if lineCount > opened, followedCount == 0 { salt = "added" }
    return lineCount - before
  }

  /// Ends the last turn; a last change later than the last line becomes its time.
  mutating func finish(to json: inout JSONWriter) -> Int {
    guard turn != nil else { return 0 }
    if let updated = head.updated, time.map({ updated > $0 }) ?? true { time = updated }
    closeTurn(&json)
    return 1
  }

  func carryLine(_ name: StaticString, _ value: [UInt8]) -> [UInt8] {
    var json = JSONWriter(reserving: value.count + 128)
    json.beginObject()
    json.field("timestamp", followedTime ?? statedTime)
    json.field("type", "carryover")
    json.key("payload")
    json.beginObject()
    json.field(name, RawJSON(value[...]))
    json.endObject()
    json.endObject()
    json.newline()
    return json.bytes
  }

  // MARK: Lines

  private var statedTime: String { (time ?? Timestamp(seconds: 0)).codex }

  private mutating func line(
    _ type: String, flags: MessageFlags? = nil, _ json: inout JSONWriter,
    _ payload: (inout JSONWriter) -> Void
  ) {
    json.beginObject()
    json.field("timestamp", statedTime)
    if isPaginated {
      json.field("ordinal", nextOrdinal)
      nextOrdinal &+= 1
    }
    json.field("type", type)
    json.key("payload")
    json.object([:], payload)
    if let flags { CodexFlags.write(flags, to: &json) }
    json.endObject()
    json.newline()
    lineCount += 1
    followedTime = nil
  }

  private mutating func event(
    _ type: String, _ json: inout JSONWriter, _ members: (inout JSONWriter) -> Void = { _ in }
  ) {
    line("event_msg", &json) { json in
      json.field("type", type)
      members(&json)
    }
  }

  /// Writes the first line of a new file.
  private mutating func open(_ json: inout JSONWriter) {
    hasOpened = true
    let (head, thread) = (head, thread)
    line("session_meta", &json) { json in
      json.field("id", thread)
      if let parent = head.parent {
        let isSubagent = parent.kind == .subagent
        json.field(
          isSubagent ? "parent_thread_id" : "forked_from_id", CodexID.thread(parent.id))
      }
      json.field("timestamp", (head.created ?? head.updated ?? Timestamp(seconds: 0)).codex)
      json.field("cwd", head.workspace ?? "/")
      json.field("originator", "carryover")
      json.field("cli_version", "0.0.0")
      json.key("source")
      json.raw(CodexHead.source(of: head))
      if head.parent?.kind == .subagent {
        json.field("thread_source", "subagent")
        if let agent = head.agent { json.field("agent_nickname", agent) }
      }
      json.field(
        "model_provider", head.extras.text(CodexExtra.targetProvider, of: Codex.id) ?? "openai")
      if head.gitBranch != nil || head.gitCommit != nil {
        json.key("git")
        json.object([:]) { json in
          if let commit = head.gitCommit { json.field("commit_hash", commit) }
          if let branch = head.gitBranch { json.field("branch", branch) }
        }
      }
    }
  }

  private mutating func openTurn(_ json: inout JSONWriter) {
    guard turn == nil else { return }
    turnCount += 1
    let id = CodexID.derived(from: "\(thread) \(salt) turn \(turnCount)")
    turn = id
    event("task_started", &json) { $0.field("turn_id", id) }
  }

  private mutating func closeTurn(_ json: inout JSONWriter) {
    guard let turn else { return }
    self.turn = nil
    event("task_complete", &json) { $0.field("turn_id", turn) }
  }

  // MARK: Messages

  /// Writes a message; nothing when the format has no place for it.
  private mutating func write(
    _ stated: Message, isEffective: Bool, _ json: inout JSONWriter
  ) {
    guard !stated.flags.contains(.sideChain), let message = stated.plainForCodex else { return }
    let parts = CodexPart.parts(of: message).filter(Self.isWritten)
    guard !parts.isEmpty else { return }
    // What is not sent in any case can stand anywhere.
    let hasItems = parts.contains { part in
      switch part {
      case .reasoning: false
      case .result(let result): calls.isKnown(result.callID)
      case .content, .call, .opaque: true
      }
    }
    if hasItems {
      // What the source left behind comes first or not at all: here it would be sent.
      if !isEffective, hasView { return }
      if isEffective, hasHistory { hide(&json) }
    }
    if let time = message.time { self.time = time }
    let isPrompt =
      message.role == .user
      && message.flags.isDisjoint(with: [.hidden, .synthetic, .compactionSummary])
    var isNewTurn = isPrompt
    for part in parts {
      // Results that stand before a prompt still belong to the turn before it.
      if isNewTurn, case .content = part {
        closeTurn(&json)
        isNewTurn = false
      }
      openTurn(&json)
      write(part, of: message, isPrompt: isPrompt, &json)
    }
    if hasItems {
      if isEffective { hasView = true } else { hasHistory = true }
    }
  }

  private static func isWritten(_ part: CodexPart) -> Bool {
    switch part {
    case .content(let blocks):
      blocks.contains {
        if case .text = $0 { true } else if case .image = $0 { true } else { false }
      }
    case .reasoning(let thinking): thinking.contains { !$0.text.isEmpty }
    case .opaque: false
    case .call, .result: true
    }
  }

  private mutating func write(
    _ part: CodexPart, of message: Message, isPrompt: Bool, _ json: inout JSONWriter
  ) {
    func item(_ part: CodexPart, _ flags: MessageFlags?) {
      line("response_item", flags: flags, &json) { $0.codexItem(part, of: message) }
    }
    let flags = message.flags.isEmpty ? nil : message.flags
    switch part {
    case .reasoning(let thinking):
      for block in thinking where !block.text.isEmpty {
        show(.reasoning, Self.exact(block.text), [], &json)
      }
    case .call(let call): item(.call(calls.take(call)), flags)
    case .result(let result):
      let (named, call) = calls.take(result)
      if let call { show(call, named, &json) }
      item(.result(named), flags)
    case .content(let blocks):
      let role: Role = message.role == .system ? .developer : message.role
      let usual = CodexContext.flags(role: role, blocks: blocks)
      item(part, usual == message.flags ? nil : message.flags)
      if isPrompt {
        show(.prompt, blocks, &json)
      } else if message.role == .assistant,
        message.flags.isDisjoint(with: [.hidden, .synthetic])
      {
        show(.answer, blocks, &json)
      }
    case .opaque: break
    }
  }

  // MARK: Compaction

  /// Makes what stands so far history: an empty list is an empty view.
  private mutating func hide(_ json: inout JSONWriter) {
    compaction(Checkpoint(messages: []), &json)
    hasHistory = false
  }

  /// Writes a compaction; nothing when it only refers to messages.
  private mutating func write(
    _ checkpoint: Checkpoint, isEffective: Bool, _ json: inout JSONWriter
  ) {
    guard checkpoint.messages != nil, isEffective || !hasView else { return }
    if let time = checkpoint.time { self.time = time }
    compaction(checkpoint, &json)
    hasHistory = !isEffective
    hasView = isEffective
  }

  /// A compaction in a turn of its own, so that undoing a turn does not undo it.
  private mutating func compaction(_ checkpoint: Checkpoint, _ json: inout JSONWriter) {
    closeTurn(&json)
    openTurn(&json)
    let messages = (checkpoint.messages ?? []).compactMap(\.plainForCodex)
    let summary = messages.lazy.filter { $0.flags.contains(.compactionSummary) }
      .compactMap { $0.blocks.lazy.compactMap(\.plainText).first }.first
    var parts: [(part: CodexPart, message: Message)] = []
    for message in messages {
      for part in CodexPart.parts(of: message) {
        switch part {
        case .reasoning: break
        case .call(let call): parts.append((.call(calls.take(call)), message))
        case .result(let result): parts.append((.result(calls.take(result).result), message))
        case .content:
          if Self.isWritten(part) { parts.append((part, message)) }
        case .opaque: parts.append((part, message))
        }
      }
    }
    line("compacted", &json) { json in
      json.field("message", summary ?? "")
      json.array("replacement_history", parts) { json, item in
        if case .opaque(let kept) = item.part { return json.raw(kept) }
        json.object([:]) { $0.codexItem(item.part, of: item.message) }
      }
    }
    if isPaginated {
      completed("ContextCompaction", &json)
    } else {
      event("context_compacted", &json)
    }
    closeTurn(&json)
  }

  // MARK: The screen

  /// What the log of the screen shows of a message.
  private enum Shown: String {
    case prompt = "UserMessage"
    case answer = "AgentMessage"
    case reasoning = "Reasoning"
  }

  /// A text with characters that could not be decoded spelled as they will be read.
  private static func exact(_ text: JSONString) -> JSONString {
    text.isExact ? text : JSONString(text.string)
  }

  private mutating func show(_ shown: Shown, _ blocks: [Block], _ json: inout JSONWriter) {
    let texts = blocks.compactMap(\.plainText).map(Self.exact)
    let text =
      texts.count == 1 ? texts[0] : JSONString(texts.map(\.string).joined(separator: "\n"))
    if shown == .prompt {
      let pictures = blocks.compactMap { block in
        if case .image(let image) = block { ImageAddress.url(image) } else { nil }
      }
      show(.prompt, text, pictures, &json)
    } else if !text.isEmpty {
      show(shown, text, [], &json)
    }
  }

  private mutating func show(
    _ shown: Shown, _ text: JSONString, _ pictures: [JSONString], _ json: inout JSONWriter
  ) {
    guard isPaginated else {
      let type =
        switch shown {
        case .prompt: "user_message"
        case .answer: "agent_message"
        case .reasoning: "agent_reasoning"
        }
      return event(type, &json) { json in
        json.field(shown == .reasoning ? "text" : "message", text)
        if !pictures.isEmpty { json.array("images", pictures) { $0.string($1) } }
      }
    }
    completed(shown.rawValue, &json) { json in
      switch shown {
      case .prompt:
        json.key("content")
        json.beginArray()
        if !text.isEmpty {
          json.object(["type": "text", "text": text]) { $0.field("text_elements", RawJSON("[]")) }
        }
        for picture in pictures { json.object(["type": "image", "image_url": picture]) }
        json.endArray()
      case .answer:
        json.array("content", [text]) { $0.object(["type": "Text", "text": $1]) }
      case .reasoning:
        json.array("summary_text", [text]) { $0.string($1) }
        json.field("raw_content", RawJSON("[]"))
      }
    }
  }

  /// Shows a call with its result; before the result's item, so that reading knows whether it failed.
  private mutating func show(
    _ call: CodexScreenCall, _ result: Block.ToolResult, _ json: inout JSONWriter
  ) {
    if isPaginated {
      completed("McpToolCall", id: result.callID, &json) { call.writeItem(result, &$0) }
    } else {
      event("mcp_tool_call_end", &json) { call.writeEvent(result, &$0) }
    }
  }

  /// Writes an event with an item, which the paginated mode shows.
  private mutating func completed(
    _ type: String, id: JSONString? = nil, _ json: inout JSONWriter,
    _ members: (inout JSONWriter) -> Void = { _ in }
  ) {
    itemCount += 1
    let (thread, turn) = (thread, turn ?? "")
    let id = id ?? JSONString(CodexID.derived(from: "\(thread) \(salt) item \(itemCount)"))
    let milliseconds = (time?.seconds ?? 0).multipliedReportingOverflow(by: 1_000).partialValue
    event("item_completed", &json) { json in
      json.field("thread_id", thread)
      json.field("turn_id", turn)
      json.key("item")
      json.object(["type": JSONString(type), "id": id], members)
      json.field("completed_at_ms", max(0, milliseconds))
    }
  }
}
