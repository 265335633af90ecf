internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Turns decoded lines into entries, with what earlier lines of the file tell.
struct CodexEntryReader {
  /// The model of the running turn.
  private var model: String?
  /// Calls that an event reported as failed.
  private var failedCalls: Set<String> = []
  private var lastTotal: RawJSON?
  /// Whether turns are in the log of the screen alone at this place.
  var showsEvents = false

  /// The content of a line, whether it can be in view at all, and the item type of a result.
  mutating func content(
    of line: CodexLine, bytes: ArraySlice<UInt8>, isFirstMeta: Bool, isUnrepeatedReasoning: Bool,
    isUndone: Bool, head: SessionHead
  ) -> (content: Entry.Content, isItem: Bool, type: String, skipped: String?) {
    switch line.kind {
    case .blank: return (opaque(bytes, type: nil), false, "", nil)
    case .unknown(let type):
      // The retired layouts wrote state records that their readers skip.
      return (opaque(bytes, type: type), false, "", nil)
    case .damaged(let message, _):
      return (
        .opaque(OpaqueRecord(format: Codex.id, damage: message, bytes: bytes)), false, "", nil
      )
    case .meta(let meta):
      if isFirstMeta { return (.headChange(head), true, "", line.skipped) }
      return (event(line, kind: "session_meta", type: nil, meta), false, "", nil)
    case .item(let payload): return item(payload, line, bytes)
    case .event(let payload):
      return (event(payload, line, isUnrepeatedReasoning), false, "", line.skipped)
    case .compacted(let payload):
      let (checkpoint, skipped) = CodexCompaction.checkpoint(payload, line)
      // One that the program never saw, or that was undone, compacts nothing.
      if isUndone || skipped != nil || line.skipped != nil {
        return (
          event(line, kind: "compacted", type: nil, payload), false, "", skipped ?? line.skipped
        )
      }
      return (.checkpoint(checkpoint), skipped == nil, "compacted", skipped ?? line.skipped)
    case .other(let type, let payload):
      if type == "turn_context" {
        model = payload["model"]?.string?.string ?? model
      }
      if type == "inter_agent_communication" { return communication(payload, line) }
      return (event(line, kind: type, type: nil, payload), false, "", line.skipped)
    }
  }

  private func opaque(_ bytes: ArraySlice<UInt8>, type: String?) -> Entry.Content {
    .opaque(OpaqueRecord(format: Codex.id, type: type, bytes: bytes))
  }

  private func event(_ line: CodexLine, kind: String, type: String?, _ payload: JSONValue)
    -> Entry.Content
  {
    .event(
      EventRecord(
        format: Codex.id, kind: kind, id: payload["call_id"]?.string?.string, type: type,
        time: line.time, data: RawJSON(payload.raw), extras: line.lineExtras))
  }

  // MARK: Items

  private func item(_ payload: JSONValue, _ line: CodexLine, _ bytes: ArraySlice<UInt8>)
    -> (content: Entry.Content, isItem: Bool, type: String, skipped: String?)
  {
    var item = CodexItem(payload)
    guard var message = item.message.take() else {
      return (opaque(bytes, type: item.type), false, item.type, line.skipped)
    }
    message.time = line.time
    if message.role == .assistant, line.isWrapped { message.model = model }
    for index in message.blocks.indices where !failedCalls.isEmpty {
      guard case .toolResult(var result) = message.blocks[index],
        failedCalls.contains(result.callID.string)
      else { continue }
      result.isError = true
      message.blocks[index] = .toolResult(result)
    }
    message.extras += line.lineExtras
    if let flags = line.writtenFlags { message.flags = flags }
    let skipped = item.skipped ?? line.skipped
    return (.message(message), skipped == nil, item.type, skipped)
  }

  private func communication(_ payload: JSONValue, _ line: CodexLine)
    -> (content: Entry.Content, isItem: Bool, type: String, skipped: String?)
  {
    guard let text = payload["content"]?.string else {
      return (
        event(line, kind: "inter_agent_communication", type: nil, payload), false, "", line.skipped
      )
    }
    var message = Message(role: .user, blocks: [.text(Block.Text(text))], time: line.time)
    message.flags = .synthetic
    message.extras = line.lineExtras
    message.extras.addCodex("inter_agent_communication", RawJSON(payload.raw))
    return (.message(message), line.skipped == nil, "", line.skipped)
  }

  // MARK: Events

  private mutating func event(
    _ payload: JSONValue, _ line: CodexLine, _ isUnrepeatedReasoning: Bool
  ) -> Entry.Content {
    let type = payload["type"]?.string?.string ?? ""
    noteOutcome(payload, type)
    if isUnrepeatedReasoning, let text = payload["text"]?.string {
      let kind = type == "agent_reasoning" ? "summary" : "raw"
      return shown(.assistant, [.thinking(Block.Thinking(text, kind: kind))], payload, line)
    }
    if showsEvents, let content = shownTurn(payload, type, line) { return content }
    if type == "token_count", let usage = tokens(payload, line) { return usage }
    return event(line, kind: "event_msg", type: type, payload)
  }

  private func shown(_ role: Role, _ blocks: [Block], _ payload: JSONValue, _ line: CodexLine)
    -> Entry.Content
  {
    var message = Message(role: role, blocks: blocks, time: line.time)
    message.extras = line.lineExtras
    message.extras.addCodex(CodexExtra.event, RawJSON(payload.raw))
    return .message(message)
  }

  /// A turn of a file that has it in the log of the screen alone.
  private func shownTurn(_ payload: JSONValue, _ type: String, _ line: CodexLine) -> Entry.Content?
  {
    switch type {
    case "user_message":
      guard let text = payload["message"]?.string else { return nil }
      var blocks: [Block] = text.isEmpty ? [] : [.text(Block.Text(text))]
      for url in payload["images"]?.elements.map({ $0 }) ?? [] {
        if let url = url.string { blocks.append(.image(CodexImage.block(url))) }
      }
      return shown(.user, blocks, payload, line)
    case "agent_message":
      guard let text = payload["message"]?.string else { return nil }
      return shown(.assistant, [.text(Block.Text(text))], payload, line)
    case "item_completed":
      guard let item = payload["item"], let kind = item["type"]?.string?.string,
        kind == "UserMessage" || kind == "AgentMessage"
      else { return nil }
      var blocks: [Block] = []
      for part in item["content"]?.elements.map({ $0 }) ?? [] {
        if let text = part["text"]?.string {
          blocks.append(.text(Block.Text(text)))
        } else if let url = part["image_url"]?.string {
          blocks.append(.image(CodexImage.block(url)))
        } else if let path = part["path"]?.string {
          blocks.append(.image(Block.Image(path: path)))
        }
      }
      return shown(kind == "UserMessage" ? .user : .assistant, blocks, payload, line)
    default: return nil
    }
  }

  private mutating func tokens(_ payload: JSONValue, _ line: CodexLine) -> Entry.Content? {
    guard let info = payload["info"], let usage = CodexTokens.usage(info["last_token_usage"])
    else { return nil }
    // The same count again says only that limits were read anew.
    let total = info["total_token_usage"].map { RawJSON($0.raw) }
    if let total, total == lastTotal { return nil }
    lastTotal = total
    var record = UsageRecord(time: line.time, model: model, usage: usage)
    record.extras = line.lineExtras
    record.extras.addCodex(CodexExtra.tokenCount, RawJSON(payload.raw))
    return .usage(record)
  }

  /// Notes which calls failed, where only an event tells.
  private mutating func noteOutcome(_ payload: JSONValue, _ type: String) {
    var id = payload["call_id"]?.string
    let isFailure: Bool
    switch type {
    case "exec_command_end": isFailure = payload["exit_code"]?.int64.map { $0 != 0 } ?? false
    case "patch_apply_end": isFailure = payload["success"]?.bool == false
    case "mcp_tool_call_end":
      let result = payload["result"]
      isFailure = result?["Err"] != nil || result?["Ok"]?["isError"]?.bool == true
    case "item_completed":
      guard let item = payload["item"] else { return }
      id = item["id"]?.string
      isFailure =
        item["status"]?.string?.equals("failed") ?? false
        || item["exit_code"]?.int64.map { $0 != 0 } ?? false
    default: return
    }
    guard isFailure, let id, id.utf8Count <= 256 else { return }
    failedCalls.insert(id.string)
  }
}

/// Compaction records.
enum CodexCompaction {
  private static let known: [StaticString] = ["replacement_history"]

  /// The checkpoint a record stands for, and why the program skips it.
  static func checkpoint(_ payload: JSONValue, _ line: CodexLine) -> (Checkpoint, String?) {
    var checkpoint = Checkpoint(time: line.time)
    var skipped: String?
    if payload["message"]?.string == nil { skipped = "the compaction has no message" }
    let list = payload["replacement_history"]
    if let list, list.kind == .array {
      var messages: [Message] = []
      for item in list.elements {
        messages.append(message(item))
      }
      markSummary(payload["message"]?.string, in: &messages)
      checkpoint.messages = messages
      if let metadata = payload["replacement_history_metadata"], metadata.kind == .array,
        metadata.elements.count != messages.count
      {
        skipped = "the compaction's list and its metadata differ in length"
      }
    } else if let text = payload["message"]?.string {
      checkpoint.messages = [
        Message(role: .user, blocks: [.text(Block.Text(text))], flags: .compactionSummary)
      ]
    }
    if list?.kind != .array { checkpoint.extras.addCodex("message_only", RawJSON("true")) }
    checkpoint.extras.addCodexMembers(of: payload, except: list?.kind == .array ? known : [])
    checkpoint.extras += line.lineExtras
    return (checkpoint, skipped)
  }

  /// The message that a record stands for in the list of a later compaction without one.
  static func prompt(_ line: CodexLine) -> Message? {
    switch line.kind {
    case .item(let payload): CodexItem(payload).message
    case .compacted(let payload):
      payload["message"]?.string.map { Message(role: .user, blocks: [.text(Block.Text($0))]) }
    default: nil
    }
  }

  /// Marks the message of a list that is the summary in the record's own field.
  private static func markSummary(_ summary: JSONString?, in messages: inout [Message]) {
    guard let summary, !summary.isEmpty,
      !messages.contains(where: { $0.flags.contains(.compactionSummary) }),
      let index = messages.firstIndex(where: { message in
        message.blocks.contains { $0.plainText == summary }
      })
    else { return }
    messages[index].flags.insert(.compactionSummary)
  }

  /// How the program's own summaries begin.
  static let prefix = "Another language model started to solve this problem"

  private static func message(_ item: JSONValue) -> Message {
    guard var message = CodexItem(item).message else {
      let type = item["type"]?.string ?? ""
      return Message(
        role: .assistant,
        blocks: [.opaque(Block.OpaqueBlock(format: Codex.id, type: type, json: RawJSON(item.raw)))],
        flags: .hidden)
    }
    if message.role == .user, case .text(let text)? = message.blocks.first,
      text.text.string.hasPrefix(prefix)
    {
      message.flags = [.synthetic, .compactionSummary]
    }
    return message
  }
}
