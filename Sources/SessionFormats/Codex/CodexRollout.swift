internal import JSONText
internal import SessionModel

/// Makes the lines of a rollout out of entries of other formats, with turns around them.
///
/// The log that the model sees gets the items, the log of the screen the prompts, answers and
/// reasoning. In a file of the paginated mode the second is `item_completed` and lines are numbered.
struct CodexRollout {
  /// The lines made so far and not yet taken.
  private var writer = JSONWriter(reserving: 16 * 1_024)
  /// How many lines were made, and how many of them were counted.
  private var (lineCount, countedLines) = (0, 0)
  /// The thread's identifier.
  let thread: String
  /// Whether the file is of the paginated mode.
  var isPaginated = false
  /// The ordinal of the next line in the paginated mode.
  var nextOrdinal: Int64 = 0
  /// The time of the last line, and as lines state it.
  private(set) var time: Timestamp? {
    didSet { timeText.removeAll(keepingCapacity: true) }
  }
  /// Empty until it is asked for.
  private var timeText: [UInt8] = []
  private var calls = CodexCalls()
  private var turn: String?
  private var turnCount = 0
  private var itemCount = 0
  /// Whether history stands in the file that the source does not use any more, not yet hidden.
  private var hasHistory = false
  /// Whether something stands in the file that the source uses.
  private var hasView = false
  /// A part of the names of turns that makes them differ from those in the file already.
  var turnSalt = ""

  init(thread: String, time: Timestamp?) {
    self.thread = thread
    self.time = time
  }

  /// How many lines were made since they were counted last.
  mutating func countLines() -> Int {
    defer { countedLines = lineCount }
    return lineCount - countedLines
  }

  /// How many bytes the lines have that were not taken yet.
  var pendingBytes: Int { writer.bytes.count }

  /// Hands over the lines that were not taken yet, which are then forgotten.
  mutating func takeLines<Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) {
    defer { writer.removeAll() }
    try body(writer.bytes.span)
  }

  /// The time of the next line as text.
  mutating func statedTime() -> [UInt8] {
    if timeText.isEmpty { CodexTime.appendUTC(time ?? Timestamp(seconds: 0), to: &timeText) }
    return timeText
  }

  private mutating func line(
    _ type: String, flags: MessageFlags? = nil, _ payload: (inout JSONWriter) -> Void
  ) {
    let stated = statedTime()
    writer.beginObject()
    writer.key("timestamp")
    writer.ascii { $0 += stated }
    if isPaginated {
      writer.field("ordinal", nextOrdinal)
      nextOrdinal &+= 1
    }
    writer.field("type", type)
    writer.key("payload")
    payload(&writer)
    if let flags { CodexMark.write(flags, to: &writer) }
    writer.endObject()
    writer.newline()
    lineCount += 1
  }

  private mutating func event(_ type: String, _ members: (inout JSONWriter) -> Void = { _ in }) {
    line("event_msg") { writer in
      writer.beginObject()
      writer.field("type", type)
      members(&writer)
      writer.endObject()
    }
  }

  // MARK: The head

  /// The first line of a new file.
  mutating func open(_ head: SessionHead) {
    let created = CodexTime.utc(head.created ?? head.updated ?? Timestamp(seconds: 0))
    let thread = thread
    line("session_meta") { writer in
      writer.beginObject()
      writer.field("id", thread)
      if let parent = head.parent, parent.kind != .subagent {
        writer.field("forked_from_id", CodexID.thread(parent.id))
      }
      if let parent = head.parent, parent.kind == .subagent {
        writer.field("parent_thread_id", CodexID.thread(parent.id))
      }
      writer.field("timestamp", created)
      writer.field("cwd", head.workspace ?? "/")
      writer.field("originator", "carryover")
      writer.field("cli_version", "0.0.0")
      writer.field("source", "cli")
      writer.field("model_provider", "openai")
      if head.gitBranch != nil || head.gitCommit != nil {
        writer.key("git")
        writer.beginObject()
        if let commit = head.gitCommit { writer.field("commit_hash", commit) }
        if let branch = head.gitBranch { writer.field("branch", branch) }
        writer.endObject()
      }
      writer.endObject()
    }
  }

  // MARK: Turns

  private mutating func openTurn() {
    guard turn == nil else { return }
    turnCount += 1
    let id = CodexID.derived(from: "\(thread) \(turnSalt) turn \(turnCount)")
    turn = id
    event("task_started") { $0.field("turn_id", id) }
  }

  private mutating func closeTurn() {
    guard let turn else { return }
    self.turn = nil
    event("task_complete") { $0.field("turn_id", turn) }
  }

  /// Ends the file; a last change later than the last line becomes its time.
  mutating func finish(updated: Timestamp?) {
    guard turn != nil else { return }
    if let updated, time.map({ updated > $0 }) ?? true { time = updated }
    closeTurn()
  }

  // MARK: Messages

  /// Writes a message; nothing when the format has no place for it.
  mutating func write(_ message: Message, isEffective: Bool) {
    if CodexPlainContent.isPlain(message) {
      writePlain(message, isEffective: isEffective)
    } else {
      writePlain(CodexPlainContent.message(message), isEffective: isEffective)
    }
  }

  /// Writes a message of texts and pictures alone.
  private mutating func writePlain(_ message: Message, isEffective: Bool) {
    guard !message.flags.contains(.sideChain) else { return }
    switch message.role {
    case .other: return
    case .tool where !message.blocks.contains(where: \.isToolResult): return
    default: break
    }
    var parts = CodexPart.parts(of: message)
    if !parts.allSatisfy({ isWritten($0, of: message) }) {
      parts = parts.filter { isWritten($0, of: message) }
    }
    guard !parts.isEmpty else { return }
    // What is not sent in any case can stand anywhere.
    let hasItems = parts.contains { part in
      switch part {
      case .reasoning: false
      case .result(let result): calls.isKnown(result.callID)
      default: true
      }
    }
    if hasItems {
      // What the source left behind comes first or not at all: here it would be sent.
      if !isEffective, hasView { return }
      if isEffective, hasHistory { hide() }
    }
    if let time = message.time { self.time = time }
    let isPrompt =
      message.role == .user
      && message.flags.isDisjoint(with: [.hidden, .synthetic, .compactionSummary])
      && parts.contains { if case .content = $0 { true } else { false } }
    var isNewTurn = isPrompt
    for part in parts {
      // Results that stand before a prompt still belong to the turn before it.
      if isNewTurn, case .content = part {
        closeTurn()
        isNewTurn = false
      }
      openTurn()
      write(part, of: message, isPrompt: isPrompt)
    }
    if hasItems {
      if isEffective { hasView = true } else { hasHistory = true }
    }
  }

  private func isWritten(_ part: CodexPart, of message: Message) -> Bool {
    switch part {
    case .content(let blocks):
      return blocks.contains { block in
        switch block {
        case .text, .image: true
        default: false
        }
      }
    case .reasoning(let thinking): return thinking.contains { !$0.text.isEmpty }
    case .opaque: return false
    case .call, .picture, .result: return true
    }
  }

  private mutating func write(_ part: CodexPart, of message: Message, isPrompt: Bool) {
    switch part {
    case .reasoning(let thinking):
      for block in thinking where !block.text.isEmpty { showReasoning(block.text) }
    case .call(let call): item(.call(calls.take(call)), of: message)
    case .picture(let image, let call):
      item(.picture(image, of: calls.take(call)), of: message)
    case .result(let result): item(.result(calls.take(result)), of: message)
    case .content(let blocks):
      let isHidden = !message.flags.isDisjoint(with: [.hidden, .synthetic])
      if message.role == .assistant {
        item(part, of: message)
        if !isHidden { showAnswer(blocks) }
      } else {
        item(part, of: message)
        if isPrompt { showPrompt(blocks) }
      }
    case .opaque: break
    }
  }

  private mutating func item(_ part: CodexPart, of message: Message) {
    var flags: MessageFlags?
    if case .content(let blocks) = part {
      let role: Role = message.role == .system ? .developer : message.role
      if CodexContext.flags(role: role, blocks: blocks) != message.flags { flags = message.flags }
    } else if !message.flags.isEmpty {
      flags = message.flags
    }
    line("response_item", flags: flags) { $0.codexItem(part, of: message) }
  }

  /// Makes what stands so far history: an empty list is an empty view.
  private mutating func hide() {
    compaction(Checkpoint(messages: []))
    hasHistory = false
  }

  // MARK: Compaction

  /// Writes a compaction; nothing when it only refers to messages.
  mutating func write(_ checkpoint: Checkpoint, isEffective: Bool) {
    guard checkpoint.messages != nil, isEffective || !hasView else { return }
    if let time = checkpoint.time { self.time = time }
    compaction(checkpoint)
    hasHistory = !isEffective
    hasView = isEffective
  }

  /// A compaction in a turn of its own, so that undoing a turn does not undo it.
  private mutating func compaction(_ checkpoint: Checkpoint) {
    closeTurn()
    openTurn()
    let prepared = prepared(checkpoint)
    line("compacted") { $0.codexCompaction(prepared) }
    if isPaginated {
      completed("ContextCompaction") { _ in }
    } else {
      event("context_compacted")
    }
    closeTurn()
  }

  /// The compacted messages with identifiers that fit.
  private mutating func prepared(_ checkpoint: Checkpoint) -> Checkpoint {
    var checkpoint = checkpoint
    var messages: [Message] = []
    for message in checkpoint.messages ?? [] {
      var message = CodexPlainContent.message(message)
      switch message.role {
      case .other: continue
      case .tool where !message.blocks.contains(where: \.isToolResult): continue
      default: break
      }
      for index in message.blocks.indices {
        switch message.blocks[index] {
        case .toolCall(let call): message.blocks[index] = .toolCall(calls.take(call))
        case .toolResult(let result): message.blocks[index] = .toolResult(calls.take(result))
        default: break
        }
      }
      messages.append(message)
    }
    checkpoint.messages = messages
    return checkpoint
  }

  // MARK: The screen

  private mutating func completed(_ type: String, _ members: (inout JSONWriter) -> Void) {
    itemCount += 1
    let (thread, turn) = (thread, turn ?? "")
    let id = CodexID.derived(from: "\(thread) \(turnSalt) item \(itemCount)")
    let milliseconds = (time?.seconds ?? 0).multipliedReportingOverflow(by: 1_000).partialValue
    event("item_completed") { writer in
      writer.field("thread_id", thread)
      writer.field("turn_id", turn)
      writer.key("item")
      writer.beginObject()
      writer.field("type", type)
      writer.field("id", id)
      members(&writer)
      writer.endObject()
      writer.field("completed_at_ms", max(0, milliseconds))
    }
  }

  private func text(of blocks: [Block]) -> JSONString {
    let texts = blocks.compactMap { block -> JSONString? in
      // Characters that could not be decoded are spelled as they will be read.
      block.plainText.map { $0.isExact ? $0 : JSONString($0.string) }
    }
    return texts.count == 1
      ? texts[0] : JSONString(texts.map(\.string).joined(separator: "\n"))
  }

  private mutating func showPrompt(_ blocks: [Block]) {
    let text = text(of: blocks)
    let pictures = blocks.compactMap { block -> JSONString? in
      if case .image(let image) = block, image.base64 != nil { CodexImage.url(image) } else { nil }
    }
    guard isPaginated else {
      event("user_message") { writer in
        writer.field("message", text)
        guard !pictures.isEmpty else { return }
        writer.key("images")
        writer.beginArray()
        for picture in pictures { writer.string(picture) }
        writer.endArray()
      }
      return
    }
    completed("UserMessage") { writer in
      writer.key("content")
      writer.beginArray()
      if !text.isEmpty {
        writer.beginObject()
        writer.field("type", "text")
        writer.field("text", text)
        writer.field("text_elements", RawJSON("[]"))
        writer.endObject()
      }
      for picture in pictures {
        writer.beginObject()
        writer.field("type", "image")
        writer.field("image_url", picture)
        writer.endObject()
      }
      writer.endArray()
    }
  }

  private mutating func showAnswer(_ blocks: [Block]) {
    let text = text(of: blocks)
    guard !text.isEmpty else { return }
    guard isPaginated else {
      event("agent_message") { $0.field("message", text) }
      return
    }
    completed("AgentMessage") { writer in
      writer.key("content")
      writer.beginArray()
      writer.beginObject()
      writer.field("type", "Text")
      writer.field("text", text)
      writer.endObject()
      writer.endArray()
    }
  }

  private mutating func showReasoning(_ reasoning: JSONString) {
    let text = reasoning.isExact ? reasoning : JSONString(reasoning.string)
    guard isPaginated else {
      event("agent_reasoning") { $0.field("text", text) }
      return
    }
    completed("Reasoning") { writer in
      writer.key("summary_text")
      writer.beginArray()
      writer.string(text)
      writer.endArray()
      writer.field("raw_content", RawJSON("[]"))
    }
  }
}
