internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the lines of a chat mean, or the elements of an older one's list.
struct GeminiDecoder: RecordDecoder {
  /// A message that counts so far, and where it was said: a record, or an element of its list.
  private struct Slot: Sendable {
    var id: String
    var record: Int
    var element: Int?
  }

  static func recognizes(_ first: JSONValue) -> Bool {
    first["sessionId"]?.string != nil && first["projectHash"]?.string != nil
  }

  static func id(in first: JSONValue) -> String? { first.text("sessionId") }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(GeminiCLI.id)
  private let file: LocatedSession
  private let parts = GeminiParts(format: GeminiCLI.id)
  /// Whether the file is one of lines, in which an older chat may stand as a whole.
  private var isLine: Bool { GeminiCLI().elements(of: file.name) == nil }
  private var slots: [Slot] = []
  /// Where each message stands among them.
  private var places: [String: Int] = [:]
  private var hasHeader = false
  /// Calls that have a result where they are recorded.
  private var answered: Set<String> = []
  /// The records, and elements of lists, that count.
  private var used: [Int: Set<Int>] = [:]
  private var usedRecords: Set<Int> = []
  private var usage: [String: TokenUsage] = [:]
  /// The last message that counts, for those that follow.
  private var last: String?

  init(_ file: LocatedSession) {
    self.file = file
    head = SessionHead(id: file.id)
    head.providerKey = "google"
    head.provider = "Google"
    let folder = LocatedSession.folder(of: file.name) ?? ""
    let isChild = LocatedSession.folder(of: folder)?.split(separator: "/").last == "chats"
    if isChild, let parent = folder.split(separator: "/").last {
      head.parent = ParentLink(id: String(parent), kind: .subagent)
    }
    if let project = LocatedSession.folder(of: file.name, up: isChild ? 3 : 2) {
      head.workspace = GeminiCLI.workspace(of: project)
    }
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    if let target = object.text("$rewindTo") {
      if let place = places[target] {
        for slot in slots[place...] { places[slot.id] = nil }
        slots.removeSubrange(place...)
      } else {
        (slots, places) = ([], [:])
        log.add(
          "rewind-target", .error, record.place,
          "no message has the id \(target); Gemini CLI drops all messages before")
      }
    } else if object["id"]?.string != nil {
      scan(message: object, record.number, nil, record)
    } else if let set = object["$set"], set.kind == .object {
      scan(facts: set)
      if let list = set["messages"], list.kind == .array { replace(with: list, record) }
    } else if Self.recognizes(object) {
      if hasHeader { log.add("header-once", .info, record.place, "a second header") }
      hasHeader = true
      scan(header: object)
      if isLine, let list = object["messages"], list.kind == .array { replace(with: list, record) }
    }
  }

  private mutating func scan(header object: JSONValue) {
    head.created = object.time("startTime")
    scan(facts: object)
    if object.text("kind") == "subagent", head.parent == nil {
      head.parent = ParentLink(id: "unknown", kind: .subagent)
    }
    head.extras = object.extras(
      of: GeminiCLI.id,
      except: ["sessionId", "startTime", "lastUpdated", "summary", "messages"])
  }

  private mutating func scan(facts: JSONValue) {
    if let title = facts.text("summary") { head.title = title.isEmpty ? nil : title }
    if let time = facts.time("lastUpdated") { note(time) }
    if head.workspace == nil, let first = facts["directories"]?.elements.first?.string {
      head.workspace = first.string
    }
  }

  private mutating func note(_ time: Timestamp) {
    if head.updated.map({ $0 < time }) ?? true { head.updated = time }
  }

  private mutating func replace(with list: JSONValue, _ record: NativeRecord) {
    (slots, places) = ([], [:])
    for (index, message) in list.elements.enumerated() where message["id"]?.string != nil {
      scan(message: message, record.number, index, record)
    }
  }

  private mutating func scan(
    message: JSONValue, _ number: Int, _ element: Int?, _ record: NativeRecord
  ) {
    guard let id = message.text("id") else { return }
    let slot = Slot(id: id, record: number, element: element)
    if let place = places[id] {
      slots[place] = slot
    } else {
      places[id] = slots.count
      slots.append(slot)
    }
    if let time = message.time("timestamp") { note(time) }
    if let tokens = Self.usage(message["tokens"]) { usage[id] = tokens }
    if isAnswer(message) {
      head.model = message.text("model") ?? head.model
      for call in calls(of: message, id) where call.result != nil {
        answered.insert(call.block.id.string)
      }
    } else if firstPrompt == nil, isPrompt(message) {
      firstPrompt = text(of: message)
    }
  }

  mutating func finishScan() {
    if !hasHeader {
      log.add(
        "header", .error, .file(path: file.name), "no record states sessionId and projectHash")
    }
    if firstPrompt == nil, head.model == nil {
      log.add(
        "resumable", .warning, .file(path: file.name), "no message can be resumed; it is not listed"
      )
    }
    for slot in slots {
      if let element = slot.element {
        used[slot.record, default: []].insert(element)
      } else {
        usedRecords.insert(slot.record)
      }
    }
    let total = usage.values.reduce(TokenUsage()) { $0.adding($1) }
    if !usage.isEmpty { head.usage = total }
    head.messageCount = slots.count
    (slots, places, usage) = ([], [:], [:])
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    if object["$rewindTo"]?.string != nil { return [event(object, "$rewindTo")] }
    if object["id"]?.string != nil {
      return entries(of: object, isUsed: usedRecords.contains(record.number))
    }
    if let set = object["$set"], set.kind == .object {
      guard let list = set["messages"], list.kind == .array else {
        guard let title = set.text("summary") else { return [event(object, "$set")] }
        var changed = head
        changed.title = title
        return [Entry(.headChange(changed))]
      }
      return [checkpoint(object, list, used[record.number])]
    }
    guard Self.recognizes(object) else { return [] }
    var said = [Entry(.headChange(head))]
    guard isLine, let list = object["messages"], list.kind == .array else { return said }
    let counting = used[record.number] ?? []
    for (index, message) in list.elements.enumerated() where message.kind == .object {
      said += entries(of: message, isUsed: counting.contains(index))
    }
    return said
  }

  private func event(_ object: JSONValue, _ kind: String) -> Entry {
    Entry(
      .event(
        EventRecord(
          format: GeminiCLI.id, kind: kind, id: object.text("id"), time: object.time("timestamp"),
          data: RawJSON(object.raw))))
  }

  /// A list that takes the place of all messages before; those that later records replace are left to them.
  private func checkpoint(_ object: JSONValue, _ list: JSONValue, _ used: Set<Int>?) -> Entry {
    var messages: [Message] = []
    for (index, value) in list.elements.enumerated() where used?.contains(index) ?? true {
      for case .message(var message) in contents(of: value) {
        guard isSent(value) else { continue }
        message.id = nil
        messages.append(message)
      }
    }
    return Entry(
      .checkpoint(
        Checkpoint(
          messages: messages, time: object["$set"]?.time("lastUpdated"),
          extras: object["$set"]?.extras(
            of: GeminiCLI.id, except: ["messages", "lastUpdated"]) ?? [])),
      isEffective: used != nil)
  }

  private mutating func entries(of object: JSONValue, isUsed: Bool) -> [Entry] {
    let isEffective = isUsed && isSent(object)
    var entries: [Entry] = []
    for content in contents(of: object) {
      guard case .message(var message) = content else {
        entries.append(Entry(content, isEffective: isUsed))
        continue
      }
      message.parent = isUsed ? last : nil
      if isUsed { last = message.id ?? last }
      entries.append(Entry(.message(message), isEffective: isEffective))
    }
    return entries
  }

  /// What a message record says: a message, and the results of the calls in it.
  private func contents(of object: JSONValue) -> [Entry.Content] {
    let id = object.text("id") ?? ""
    switch object.text("type") {
    case "user":
      let blocks = parts.parts(object["content"]).map(parts.block)
      let results = blocks.filter(\.isToolResult)
      let isEcho = !blocks.isEmpty && results.count == blocks.count
      // What a call's own record states already is not said again.
      let rest = blocks.filter {
        guard case .toolResult(let result) = $0 else { return true }
        return !answered.contains(result.callID.string)
      }
      if isEcho, rest.isEmpty { return [event(object, "function-response").content] }
      var message = message(object, isEcho ? .tool : .user, rest)
      if isContext(object) { message.flags = [.hidden, .synthetic] }
      return [.message(message)]
    case "gemini", "model":
      let calls = calls(of: object, id)
      var answer = message(object, .assistant, blocks(of: object, calls))
      answer.model = object.text("model")
      answer.usage = Self.usage(object["tokens"])
      let results = calls.compactMap(\.result)
      if results.isEmpty { return [.message(answer)] }
      let time = calls.last?.time ?? answer.time
      return [
        .message(answer),
        .message(Message(role: .tool, blocks: results.map { .toolResult($0) }, time: time)),
      ]
    case "info", "error", "warning":
      return [event(object, object.text("type") ?? "").content]
    default: return []
    }
  }

  private func message(_ object: JSONValue, _ role: Role, _ blocks: [Block]) -> Message {
    Message(
      id: object.text("id"), role: role, blocks: blocks, time: object.time("timestamp"),
      extras: object.extras(
        of: GeminiCLI.id,
        except: ["id", "type", "timestamp", "content", "toolCalls", "thoughts", "model"]))
  }

  /// Reasoning, texts, then calls; what is recorded twice counts once.
  private func blocks(of object: JSONValue, _ calls: [GeminiCall]) -> [Block] {
    let content = parts.parts(object["content"]).map(parts.block)
    let hasThoughts = content.contains { if case .thinking = $0 { true } else { false } }
    var blocks: [Block] = []
    for thought in hasThoughts ? [] : Array(object["thoughts"]?.elements.map { $0 } ?? []) {
      let subject = thought.text("subject") ?? ""
      let text = thought["description"]?.string ?? ""
      blocks.append(
        .thinking(
          Block.Thinking(
            subject.isEmpty ? text : JSONString("**\(subject)** \(text.string)"), kind: "summary",
            extras: thought.extras(of: GeminiCLI.id, except: ["subject", "description"]))))
    }
    blocks += content.filter {
      if case .toolCall = $0 { calls.isEmpty } else { $0.plainText?.isEmpty != true }
    }
    return blocks + calls.map { .toolCall($0.block) }
  }

  private func calls(of object: JSONValue, _ id: String) -> [GeminiCall] {
    guard let calls = object["toolCalls"], calls.kind == .array else { return [] }
    return calls.elements.enumerated().map { GeminiCall($1, "\(id)#\($0)", parts) }
  }

  // MARK: What the tool does with messages

  private func isAnswer(_ object: JSONValue) -> Bool {
    object.text("type") == "gemini" || object.text("type") == "model"
  }

  private func text(of object: JSONValue) -> String {
    let texts = parts.parts(object["content"]).compactMap { $0.string ?? $0["text"]?.string }
    return String(texts.map(\.string).joined().prefix(500))
      .trimmingPrefix(while: \.isWhitespace).description
  }

  /// What the program itself says of the surroundings, hidden and not resumed.
  private func isContext(_ object: JSONValue) -> Bool {
    let text = text(of: object)
    return text.hasPrefix("<session_context>") || text.hasPrefix("<hook_context>")
  }

  private func isPrompt(_ object: JSONValue) -> Bool {
    guard object.text("type") == "user" else { return false }
    let text = text(of: object)
    return !text.isEmpty && !text.hasPrefix("/") && !text.hasPrefix("?") && !isContext(object)
  }

  /// Whether the model gets a message when the session is resumed.
  private func isSent(_ object: JSONValue) -> Bool {
    isAnswer(object) || isPrompt(object)
      || parts.parts(object["content"]).contains { $0.string == nil && $0["text"] == nil }
        && !isContext(object)
  }

  /// The tokens of an answer; `input` counts what came from the cache too.
  private static func usage(_ value: JSONValue?) -> TokenUsage? {
    guard let value, value.kind == .object else { return nil }
    let (input, cached) = (value["input"]?.int64, value["cached"]?.int64)
    let (rest, isTooLarge) = (input ?? 0).subtractingReportingOverflow(cached ?? 0)
    return TokenUsage(
      input: input == nil || isTooLarge ? input : max(0, rest), output: value["output"]?.int64,
      cacheRead: cached, promptTotal: input)
  }
}
