internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the lines of a session mean: one entry for each.
struct ClaudeDecoder: RecordDecoder {
  static func recognizes(_ first: JSONValue) -> Bool {
    guard let record = ClaudeRecord(first) else { return false }
    if record.kind.isChain {
      return record["uuid"] != nil && (record["sessionId"] != nil || record["parentUuid"] != nil)
    }
    return (record["sessionId"]?.string ?? record["leafUuid"]?.string) != nil
      && metadata.contains(record.type)
  }

  private static let metadata: Set<String> = [
    "summary", "custom-title", "ai-title", "last-prompt", "permission-mode", "mode",
    "queue-operation", "agent-name", "tag", "atis-latch",
  ]

  static func id(in first: JSONValue) -> String? { first.text("sessionId") }

  private(set) var head: SessionHead
  /// Where there is no other title, the head's is the first prompt.
  var firstPrompt: String? { nil }
  var log = FindingLog(ClaudeCode.id)
  private(set) var facts = ClaudeFacts()
  private(set) var graph = ClaudeGraph()
  private(set) var grants = ClaudeGrants()
  /// Known after the first pass.
  private(set) var chain: ClaudeChain?
  /// Whether the first record belongs to a side conversation, as all of a sub-agent's do.
  private(set) var startsAsSideChain: Bool?
  /// What the file tells of its carry; set by whoever read it.
  var carry = ClaudeCarry.Found()
  private let file: LocatedSession
  /// Whether the session is a sub-agent's, all of whose lines are marked.
  private let isAgent: Bool
  /// The message with the summary of each compaction boundary, by the boundary's place.
  private var summaries: [Int: String] = [:]
  /// What lines state again and again, as the head has it.
  private var stated: [(name: StaticString, value: JSONString)] = []

  // The second pass.
  private var place = 0
  private var lastMessage: String?
  /// The places of what the compaction in force preserved, and the messages there.
  private var preserved: Set<Int> = []
  private var kept: [Int: Message] = [:]

  init(_ file: LocatedSession) {
    self.file = file
    isAgent = file.stem.hasPrefix("agent-")
    head = SessionHead(id: file.id)
    head.messageCount = 0
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ native: NativeRecord) {
    guard let record = ClaudeRecord(object) else { return }
    if startsAsSideChain == nil { startsAsSideChain = record.isTruthy("isSidechain") }
    facts.note(record)
    grants.note(record)
    if case .line(let path, let line, let offset) = native.place {
      graph.add(record, line: line, offset: offset)
      if let invalid = object.document.firstInvalidUTF8 {
        log.add(
          "utf8", .warning, .line(path: path, line: line, byte: offset + UInt64(invalid)),
          "invalid UTF-8; Claude Code reads each such byte as U+FFFD")
      }
    }
    if record.isMessage { head.messageCount = (head.messageCount ?? 0) + 1 }
    if record.kind.isTurn, !record.hasContent {
      log.add(
        "content", .warning, native.place,
        "the record has no content that Claude Code can use; it drops the record")
    }
  }

  mutating func finishScan() {
    let count = head.messageCount
    head = facts.head(id: file.id)
    head.messageCount = count
    let chain = ClaudeChain(graph)
    self.chain = chain
    preserved = Set(chain.preserved)
    stated = [
      ("sessionId", head.id), ("cwd", head.workspace), ("gitBranch", head.gitBranch),
    ].compactMap { name, text in text.map { (name, JSONString($0)) } }
    for (place, node) in graph.nodes.enumerated() {
      noteFindings(of: node, at: place, chain)
      // The child of a boundary, as the graph says it.
      guard node.isSummary, let above = graph.tree.parent(of: place), above != RecordTree.none,
        graph.nodes[above].isBoundary, summaries[above] == nil
      else { continue }
      summaries[above] = graph.id(place) ?? ""
    }
  }

  private mutating func noteFindings(
    of node: ClaudeGraph.Node, at place: Int, _ chain: ClaudeChain
  ) {
    let line = Place.line(path: file.name, line: node.line, byte: node.offset)
    if graph.id(place) == nil {
      log.add(
        "uuid", .warning, line,
        "the record has no uuid; Claude Code uses the last such record only, other readers none")
    } else if !graph.counts(place) {
      log.add(
        "uuid-unique", .warning, line,
        "a later record has the same uuid; Claude Code uses that one")
    }
    if chain.cycles.contains(place) {
      log.add(
        "parent-cycle", .warning, line,
        "the record is its own ancestor; it is read as a first record")
    }
    if let parent = chain.repaired[place] {
      log.add(
        "parent-exists", .warning, line,
        parent != RecordTree.none
          ? "the parent does not exist; Claude Code links the record by its time"
          : "the parent does not exist and no record is earlier; the conversation starts here")
    }
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ native: NativeRecord) -> [Entry] {
    guard let record = ClaudeRecord(object) else { return [] }
    while place < graph.nodes.count, graph.nodes[place].line < native.number { place += 1 }
    let own = place < graph.nodes.count && graph.nodes[place].line == native.number ? place : nil
    let isUsed = own.map { chain?.isUsed[$0] ?? false } ?? !record.kind.isChain
    let content: Entry.Content
    if record.isBoundary {
      content = .checkpoint(
        Checkpoint(
          summaryMessage: own.flatMap { summaries[$0] }, lastMessage: lastMessage,
          tokens: object["compactMetadata"]?["postTokens"]?.int64, time: record.time,
          extras: [Self.extra("record", object)]))
    } else if record.isMessage {
      let message = message(record, at: own, isUsed: isUsed)
      if own.map(graph.counts) ?? true { lastMessage = message.id ?? lastMessage }
      content = .message(message)
      if let own, preserved.contains(own) { kept[own] = message }
    } else {
      content = .event(event(record))
    }
    let entry = Entry(content, isEffective: isUsed)
    return own == nil || own != chain?.anchor ? [entry] : [entry] + takePreserved()
  }

  /// What the compaction in force preserved, as it is sent: after the summary.
  private mutating func takePreserved() -> [Entry] {
    defer { kept = [:] }
    return (chain?.preserved ?? []).compactMap { kept[$0] }.map { message in
      var copy = message
      (copy.id, copy.parent) = (nil, nil)
      copy.flags.insert(.compactionTail)
      return Entry(.message(copy))
    }
  }

  private func event(_ record: ClaudeRecord) -> EventRecord {
    var event = EventRecord(
      format: ClaudeCode.id, kind: record.type, id: record.id("uuid"), time: record.time,
      data: RawJSON(record.root.raw))
    switch record.kind {
    case .system: event.type = record.root.text("subtype")
    case .attachment: event.type = record["attachment"]?.text("type")
    case .progress: event.type = record["data"]?.text("type")
    default: break
    }
    return event
  }

  private static func extra(_ key: String, _ value: JSONValue) -> Extra {
    Extra(format: ClaudeCode.id, key: key, value: RawJSON(value.raw))
  }

  // MARK: Messages

  private func message(_ record: ClaudeRecord, at place: Int?, isUsed: Bool) -> Message {
    var message = Message(role: .user, time: record.time)
    switch record.kind {
    case .system:
      message.blocks = record["content"]?.string.map { [.text(Block.Text($0))] } ?? []
      message.flags = .synthetic
    case .attachment: readAttachment(record["attachment"], into: &message)
    default: readTurn(record, into: &message)
    }
    // The model has no place for such a record.
    if !record.kind.isTurn { message.extras = [Self.extra("record", record.root)] }
    if record.isTruthy("isMeta") { message.flags.insert(.hidden) }
    if record.isTruthy("isCompactSummary") { message.flags.insert(.compactionSummary) }
    if place.map({ graph.nodes[$0].isLastOfResponse }) ?? false {
      message.usage = ClaudeBlocks.usage(record.message?["usage"])
    }
    link(&message, record, place, isUsed: isUsed)
    return message
  }

  /// Gives a message its identifier and its parent's, as far as a message can have them.
  private func link(_ message: inout Message, _ record: ClaudeRecord, _ place: Int?, isUsed: Bool) {
    if place.map(isCut) ?? false, let parent = record["parentUuid"] {
      message.extras.append(Self.extra("parentUuid", parent))
    } else {
      message.parent = record.id("parentUuid")
    }
    if record.isTruthy("isSidechain"), !isAgent {
      if isUsed {
        message.extras.append(
          Extra(format: ClaudeCode.id, key: "isSidechain", value: RawJSON("true")))
      } else {
        message.flags.insert(.sideChain)
      }
    }
    // A later record has the identifier, which this one then cannot have.
    if let place, !graph.counts(place) {
      if let id = record["uuid"] { message.extras.append(Self.extra("uuid", id)) }
    } else {
      message.id = record.id("uuid")
    }
  }

  /// Whether no message can name a record's parent: a cycle would close, or it is a boundary.
  private func isCut(_ place: Int) -> Bool {
    guard let parent = graph.tree.parent(of: place) else { return false }
    return chain?.cycles.contains(place) ?? false
      || parent != RecordTree.none && graph.nodes[parent].isBoundary
  }

  private func readTurn(_ record: ClaudeRecord, into message: inout Message) {
    guard let body = record.message else { return }
    message.blocks = record.content.map { ClaudeBlocks.blocks($0) } ?? []
    if record.kind == .assistant {
      message.role = .assistant
    } else if !message.blocks.isEmpty, message.blocks.allSatisfy(\.isToolResult) {
      message.role = .tool
    }
    message.model = body.text("model").flatMap { $0.isEmpty ? nil : $0 }
    if message.model == "<synthetic>" { message.flags = .synthetic }
    message.extras = envelope(record.root)
    message.extras += body.members(except: ["model", "type", "role", "content"]).map {
      Self.extra("message." + $0.key.string, $0.value)
    }
  }

  /// Members of the envelope that neither the model nor the head has.
  private func envelope(_ root: JSONValue) -> [Extra] {
    root.members(except: [
      "parentUuid", "isSidechain", "type", "message", "isMeta", "isCompactSummary", "uuid",
      "timestamp",
    ]).compactMap { key, value in
      if let known = stated.first(where: { key.equals($0.name) }) {
        if value.string == known.value { return nil }
      } else if ClaudeFacts.commonNames.contains(where: { key.equals($0) }),
        head.extras.value(key.string, of: ClaudeCode.id)?.bytes == value.raw
      {
        return nil
      }
      return Self.extra(key.string, value)
    }
  }

  /// A prompt that was queued, or a file that the person named.
  private func readAttachment(_ attachment: JSONValue?, into message: inout Message) {
    if let prompt = attachment?["prompt"] {
      message.blocks = ClaudeBlocks.blocks(prompt)
      let mode = attachment?.text("commandMode")
      message.flags = mode ?? "prompt" == "prompt" ? [] : [.hidden, .synthetic]
    } else if let text = attachment?["content"]?["file"]?["content"]?.string {
      message.blocks = [
        .file(
          Block.File(
            name: attachment?["displayPath"]?.string, path: attachment?["filename"]?.string,
            text: text))
      ]
      message.flags = [.hidden, .synthetic]
    }
  }
}
