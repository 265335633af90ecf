internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says messages of other tools in records, as version 0.22 writes them.
///
/// What the source tool uses becomes one chain; what it does not use stands before a compression, or
/// beside the chain, which the last record is always part of. A call that nobody answered gets an
/// answer that says so, because the program sends calls and answers in pairs.
struct QwenEncoder: LineEncoder {
  private let head: SessionHead
  private let id: String
  private var taken: Set<String> = []
  private var number = 0
  /// The last records of the chain, of what stands beside it, and of the file.
  private(set) var leaf: String?
  private var side, last: String?
  private var time: Timestamp
  private var title: String?
  /// Whether there are records of the format itself, which are gone on with.
  private var isGoneOn = false
  /// Calls of the chain that have no answer yet, in order.
  private var open: [(id: String, name: String)] = []
  private var firstPrompt: String?

  static var links: Relinker? { Relinker(id: "uuid", links: ["parentUuid"]) }

  init(_ head: SessionHead, id: String) {
    self.head = head
    self.id = id
    time = head.created ?? head.updated ?? Timestamp(seconds: 0)
    title = head.title
  }

  mutating func follow(_ object: JSONValue) {
    isGoneOn = true
    time = object.time("timestamp") ?? time
    if object.text("subtype") == "custom_title" { title = QwenContent.title(object) }
    for block in QwenContent.message(object).blocks { note(block) }
    guard let id = object.text("uuid") else { return }
    taken.insert(id)
    (leaf, last, side) = (id, id, nil)
  }

  mutating func write(_ entry: Entry, to json: inout JSONWriter) -> Int {
    switch entry.content {
    case .message(let message):
      return entry.isEffective ? write(message, &json) : write(unused: message, &json)
    case .checkpoint(let checkpoint) where entry.isEffective: return write(checkpoint, &json)
    case .headChange(let changed):
      // Of a session that is written anew only the last title is stated, at the end.
      guard isGoneOn, let new = changed.title, new != title else { return 0 }
      return write(title: new, &json)
    case .checkpoint, .usage, .metric, .event, .opaque: return 0
    }
  }

  mutating func finish(to json: inout JSONWriter) -> Int {
    let closed = close(&json)
    let title = head.title.flatMap { $0.isEmpty ? nil : $0 }
    // The last record is where the program goes on, and a file without one is no chat.
    guard title != nil || last != leaf || last == nil else { return closed }
    return closed + write(title: title ?? firstPrompt ?? id, &json)
  }

  // MARK: Records

  /// Writes a record and makes it the last one.
  private mutating func record(
    _ type: String, id wanted: String? = nil, parent: String?, time stated: Timestamp? = nil,
    provenance: String, subtype: String? = nil, _ json: inout JSONWriter,
    _ write: (inout JSONWriter) -> Void
  ) {
    time = stated ?? time
    let own = identifier(wanted)
    json.beginObject()
    json.field("uuid", own)
    json.key("parentUuid")
    if let parent { json.string(parent) } else { json.null() }
    json.field("sessionId", id)
    json.field("timestamp", time.javaScript)
    json.field("type", type)
    if let subtype { json.field("subtype", subtype) }
    json.field("cwd", head.workspace ?? "/")
    json.field("version", "0.22.1")
    json.field("provenance", provenance)
    write(&json)
    json.endObject()
    json.newline()
    last = own
  }

  /// A UUID that no record has: the one wanted, or one made from the session's.
  private mutating func identifier(_ wanted: String?) -> String {
    if let wanted, NamedUUID.isUUID(wanted), taken.insert(wanted).inserted { return wanted }
    while true {
      number += 1
      let made = NamedUUID.text("qwen record \(id) \(number)")
      if taken.insert(made).inserted { return made }
    }
  }

  private mutating func write(title new: String, _ json: inout JSONWriter) -> Int {
    title = new
    record("system", parent: leaf, provenance: "system", subtype: "custom_title", &json) { json in
      json.key("systemPayload")
      json.beginObject()
      json.field("customTitle", new)
      json.field("titleSource", "manual")
      json.endObject()
    }
    leaf = last
    return 1
  }

  /// Writes a compression, which all that was written comes before, and what it keeps.
  private mutating func write(_ checkpoint: Checkpoint, _ json: inout JSONWriter) -> Int {
    guard let messages = checkpoint.messages else { return 0 }
    open = []
    let history = messages.flatMap(\.runs).compactMap { QwenParts($0, isHistory: true) }
    record(
      "system", parent: side ?? leaf, time: checkpoint.time, provenance: "system",
      subtype: "chat_compression", &json
    ) { json in
      json.key("systemPayload")
      json.beginObject()
      json.key("info")
      if let info = checkpoint.extras.value("info", of: QwenCode.id) {
        json.raw(info)
      } else {
        json.beginObject()
        json.field("originalTokenCount", RawJSON("\(checkpoint.tokens ?? 0)"))
        json.field("newTokenCount", RawJSON("0"))
        json.field("compressionStatus", RawJSON("1"))
        json.endObject()
      }
      json.key("compressedHistory")
      json.beginArray()
      for parts in history { parts.writeContent(to: &json) }
      json.endArray()
      json.endObject()
    }
    (leaf, side) = (last, nil)
    return 1
  }

  // MARK: Messages

  private mutating func write(_ message: Message, _ json: inout JSONWriter) -> Int {
    if case .other = message.role { return 0 }
    var count = 0
    for run in message.runs {
      guard let parts = QwenParts(run) else { continue }
      if case .toolResult(let result)? = run.blocks.first {
        count += write(result, of: run, parts, parent: leaf, &json)
      } else {
        if !open.isEmpty { count += close(&json) }
        write(run, parts, parent: leaf, &json)
        count += 1
        run.blocks.forEach { note($0) }
      }
      leaf = last
    }
    return count
  }

  /// Writes what the source tool does not use.
  private mutating func write(unused message: Message, _ json: inout JSONWriter) -> Int {
    if case .other = message.role { return 0 }
    var count = 0
    for run in message.runs {
      guard let parts = QwenParts(run) else { continue }
      let parent = side ?? leaf
      if case .toolResult(let result)? = run.blocks.first {
        writeAnswer(result, of: run, parts, parent: parent, &json)
      } else {
        write(run, parts, parent: parent, &json)
      }
      side = last
      count += 1
    }
    return count
  }

  /// Notes calls and their answers.
  private mutating func note(_ block: Block) {
    switch block {
    case .toolCall(let call): open.append((call.id.string, call.name.string))
    case .toolResult(let result): open.removeAll { $0.id == result.callID.string }
    default: break
    }
  }

  private mutating func write(
    _ message: Message, _ parts: QwenParts, parent: String?, _ json: inout JSONWriter
  ) {
    if message.role == .assistant {
      let model = message.model ?? head.model ?? ModelProvider.unknown
      record(
        "assistant", id: message.id, parent: parent, time: message.time,
        provenance: "assistant_output", &json
      ) { json in
        json.field("model", model)
        parts.writeMessage(to: &json)
        if let usage = message.usage { json.qwenUsage(usage) }
      }
      return
    }
    let isHidden =
      message.role == .system || message.role == .developer || message.flags.contains(.hidden)
    if firstPrompt == nil, !isHidden {
      firstPrompt = message.blocks.lazy.compactMap(\.plainText).first
        .map { String($0.string.prefix(60)) }
    }
    record(
      "user", id: message.id, parent: parent, time: message.time,
      provenance: isHidden ? "system" : "real_user", &json
    ) { parts.writeMessage(to: &$0) }
  }

  /// Writes the answer to a call; one to no open call becomes a text, which the API takes.
  private mutating func write(
    _ result: Block.ToolResult, of message: Message, _ parts: QwenParts, parent: String?,
    _ json: inout JSONWriter
  ) -> Int {
    guard open.contains(where: { $0.id == result.callID.string }) else {
      var text = message
      let said = result.content.compactMap(\.plainText).map(\.string).joined(separator: "\n")
      text.role = .user
      text.flags.insert(.hidden)
      text.blocks = [
        .text(Block.Text(JSONString("[tool result \(result.callID.string): \(said)]")))
      ]
      guard let parts = QwenParts(text) else { return 0 }
      let closed = open.isEmpty ? 0 : close(&json)
      write(text, parts, parent: leaf, &json)
      return closed + 1
    }
    note(.toolResult(result))
    writeAnswer(result, of: message, parts, parent: parent, &json)
    return 1
  }

  private mutating func writeAnswer(
    _ result: Block.ToolResult, of message: Message, _ parts: QwenParts, parent: String?,
    _ json: inout JSONWriter
  ) {
    record(
      "tool_result", id: message.id, parent: parent, time: message.time, provenance: "tool_result",
      &json
    ) { json in
      parts.writeMessage(to: &json)
      json.key("toolCallResult")
      json.beginObject()
      json.field("callId", result.callID)
      json.field("status", result.isError ? "error" : "success")
      json.endObject()
    }
  }

  /// Answers the calls that nobody answered.
  private mutating func close(_ json: inout JSONWriter) -> Int {
    let calls = open
    open = []
    for call in calls {
      let result = Block.ToolResult(
        callID: JSONString(call.id), name: JSONString(call.name),
        content: [.text(Block.Text("The call was interrupted and has no result."))], isError: true)
      let message = Message(role: .tool, blocks: [.toolResult(result)])
      guard let parts = QwenParts(message) else { continue }
      writeAnswer(result, of: message, parts, parent: leaf, &json)
      leaf = last
    }
    return calls.count
  }
}

extension JSONWriter {
  /// Writes the tokens of an answer; `promptTokenCount` counts what came from the cache too.
  fileprivate mutating func qwenUsage(_ usage: TokenUsage) {
    let prompt = (usage.input ?? 0).addingReportingOverflow(usage.cacheRead ?? 0).partialValue
    let total = prompt.addingReportingOverflow(usage.output ?? 0).partialValue
    key("usageMetadata")
    beginObject()
    field("promptTokenCount", RawJSON("\(prompt)"))
    field("candidatesTokenCount", RawJSON("\(usage.output ?? 0)"))
    if let cached = usage.cacheRead { field("cachedContentTokenCount", RawJSON("\(cached)")) }
    field("totalTokenCount", RawJSON("\(total)"))
    endObject()
  }
}
