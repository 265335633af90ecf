internal import JSONText
internal import SessionModel

/// Says messages of other tools in lines that form the chain that the program resumes.
///
/// What the source tool uses is linked line by line from one root, or from a compaction boundary when
/// something stands before it; what it does not use is linked to itself.
struct ClaudeEncoder: LineEncoder {
  /// The session's identifier as lines state it.
  let sessionID: String
  private let head: SessionHead
  private let agentID: String?
  private let ids: DerivedUUID
  /// The lines of the file, those of the format itself and those that are written here.
  private var graph = ClaudeGraph()
  private var lineCount = 0
  /// Whether lines of the format itself were written since the graph was last looked at.
  private var isStale = false
  private var written: Set<String> = []
  private var number = 0
  private var offset = 0
  private var time: Int64
  private var hasTime = false
  /// The last lines of what the program uses, of what it does not use, of side conversations, and of all.
  private var main, history, side, last: String?
  /// The lines that the program uses, from the last boundary on.
  private var chain: [String] = []
  private var pairing = ClaudePairing()
  private var response: String?
  /// Whether the last line of the chain is the model's.
  private var followsAnswer = false
  /// Responses of the chain, and of lines beside it.
  private var responses: Set<String> = []
  private var historyResponses: Set<String> = []
  private var hasEarlyPrompt = false
  private var prompt = ClaudePrompt()

  static let links: Relinker? = Relinker(
    id: "uuid", links: ["parentUuid", "logicalParentUuid", "leafUuid"])

  init(_ head: SessionHead, id: String) {
    self.head = head
    let parts = ClaudeID(id)
    let stem = parts?.stem ?? id
    sessionID = parts?.owner ?? stem
    agentID = stem.hasPrefix("agent-") ? String(stem.dropFirst(6)) : nil
    ids = DerivedUUID("carryover line \(id)")
    time = Self.held(head.created?.milliseconds ?? 0)
  }

  var leaf: String? { main }
  var firstPrompt: String? { prompt.title }

  mutating func follow(_ object: JSONValue) {
    guard let record = ClaudeRecord(object) else { return }
    lineCount += 1
    isStale = true
    graph.add(record, line: lineCount)
  }

  /// Goes on after the last native line that the program would use.
  private mutating func goOn() {
    guard isStale else { return }
    isStale = false
    main = ClaudeChain(graph).leaf.flatMap { graph.tree.ids[$0] }
    last = graph.tree.ids.last ?? nil
    history = main
    written.formUnion(graph.tree.places.keys)
    if let latest = graph.nodes.compactMap(\.time).max() {
      time = max(time, latest)
      hasTime = true
    }
    pairing = ClaudePairing()
    pairing.trustsUnknown = true
    response = nil
  }

  mutating func write(_ entry: Entry, to json: inout JSONWriter) -> Int {
    goOn()
    defer { offset += json.bytes.count }
    switch entry.content {
    case .message(let message): return write(message, isEffective: entry.isEffective, &json)
    case .checkpoint(let checkpoint):
      return write(checkpoint, isEffective: entry.isEffective, &json)
    case .headChange(let changed) where lineCount > 0 && changed.title != head.title:
      guard let title = changed.title, !title.isEmpty else { return 0 }
      return metadata("custom-title", "customTitle", title, &json)
    case .headChange, .usage, .metric, .event, .opaque: return 0
    }
  }

  // MARK: Messages

  private mutating func write(
    _ message: Message, isEffective: Bool, _ json: inout JSONWriter
  ) -> Int {
    if case .other = message.role { return 0 }
    if message.role == .assistant, message.blocks.contains(where: \.isToolResult) {
      return turns(of: message).reduce(0) { $0 + write($1, isEffective: isEffective, &json) }
    }
    let isSide = message.flags.contains(.sideChain)
    let isMain = isEffective && !isSide
    let isAssistant = message.role == .assistant
    var count = isMain && isAssistant ? beginResponse(message, &json) : 0
    let model = message.model ?? head.model
    let callNumber = number
    var calls = 0
    let content = ClaudeContent(message, model: model, pairing: &pairing, repairs: isMain) {
      calls += 1
      return "call_imported_\(callNumber)_\(calls)"
    }
    guard content.count > 0 else { return count }
    if isMain { followsAnswer = isAssistant }
    let isSummary = message.flags.contains(.compactionSummary) && !isAssistant
    if isMain, main == nil, last != nil, isSummary {
      boundary(tokens: nil, time: message.time, isMain: true, &json)
      count += 1
    }
    let link = link(message, isMain: isMain, isSide: isSide)
    if isAssistant {
      let response = (isMain ? response : nil) ?? historyResponse(message)
      line(link, &json) { json in
        json.field("type", "assistant")
        json.key("message")
        Self.answer(message, response, model: model, content, &json)
      }
      return count + 1
    }
    let isMeta =
      !isSummary
      && (message.flags.contains(.hidden) || message.role == .system || message.role == .developer)
    if message.role != .tool, !isMeta, !isSummary { notePrompt(content, json) }
    line(link, &json) { json in
      json.field("type", "user")
      json.key("message")
      json.beginObject()
      json.field("role", "user")
      if let text = content.onlyText {
        json.field("content", text)
      } else {
        json.field("content", content.json)
      }
      json.endObject()
      if isMeta { json.field("isMeta", true) }
      if isSummary {
        json.field("isVisibleInTranscriptOnly", true)
        json.field("isCompactSummary", true)
      }
    }
    return count + 1
  }

  /// A message that holds its tools' results too, as the turns that the program knows.
  private func turns(of message: Message) -> [Message] {
    var turns: [Message] = []
    var rest = message.blocks[...]
    while let first = rest.first {
      var turn = message
      turn.role = first.isToolResult ? .tool : .assistant
      turn.blocks = Array(rest.prefix { $0.isToolResult == first.isToolResult })
      if !turns.isEmpty { (turn.id, turn.parent, turn.usage) = (nil, nil, nil) }
      rest = rest.dropFirst(turn.blocks.count)
      turns.append(turn)
    }
    return turns
  }

  private static func answer(
    _ message: Message, _ response: String, model: String?, _ content: ClaudeContent,
    _ json: inout JSONWriter
  ) {
    json.beginObject()
    json.field("id", response)
    json.field("type", "message")
    json.field("role", "assistant")
    json.field("model", model ?? "unknown")
    json.field("content", content.json)
    if let usage = message.usage {
      json.key("usage")
      json.beginObject()
      if let tokens = usage.input { json.field("input_tokens", tokens) }
      if let tokens = usage.cacheWrite { json.field("cache_creation_input_tokens", tokens) }
      if let tokens = usage.cacheRead { json.field("cache_read_input_tokens", tokens) }
      if let tokens = usage.output { json.field("output_tokens", tokens) }
      json.endObject()
    }
    json.endObject()
  }

  /// Before an assistant message: answers what was left open, unless it goes on with a response.
  private mutating func beginResponse(_ message: Message, _ json: inout JSONWriter) -> Int {
    let own = Self.response(message)
    if let own, own == response { return 0 }
    if own == nil, followsAnswer, pairing.isOpen, !pairing.hasResults { return 0 }
    let count = answerOpenCalls(&json)
    var name = own ?? "msg_imported_\(number)"
    if historyResponses.contains(name) { name += "_again" }
    response = name
    responses.insert(name)
    return count
  }

  /// The response of a line outside the chain.
  ///
  /// Sharing one with the chain would draw the line into what is sent.
  private mutating func historyResponse(_ message: Message) -> String {
    var name = Self.response(message) ?? "msg_imported_\(number - 1)"
    if responses.contains(name) { name = "msg_history_\(number - 1)" }
    historyResponses.insert(name)
    return name
  }

  /// The identifier of the response that a message came in.
  private static func response(_ message: Message) -> String? {
    message.extras.value("message.id", of: ClaudeCode.id)?.string.filter { $0 != "\"" }
  }

  /// Writes a result for calls that have none, as the API demands.
  private mutating func answerOpenCalls(_ json: inout JSONWriter) -> Int {
    let open = pairing.takeOpen()
    guard !open.isEmpty else { return 0 }
    line(link(Message(role: .user), isMain: true, isSide: false), &json) { json in
      json.field("type", "user")
      json.key("message")
      json.beginObject()
      json.field("role", "user")
      json.key("content")
      json.beginArray()
      for id in open {
        json.beginObject()
        json.field("type", "tool_result")
        json.field("tool_use_id", id)
        json.field("content", "[interrupted]")
        json.field("is_error", true)
        json.endObject()
      }
      json.endArray()
      json.endObject()
    }
    return 1
  }

  // MARK: Compaction

  private mutating func write(
    _ checkpoint: Checkpoint, isEffective: Bool, _ json: inout JSONWriter
  ) -> Int {
    var anchor: String?
    if checkpoint.messages == nil, isEffective, main != nil {
      // Elsewhere the summary stands already, after a boundary where one was due. The program's own
      // comes after its boundary, and what is in use before that was preserved.
      guard checkpoint.extras.value("record", of: ClaudeCode.id) != nil,
        let summary = checkpoint.summaryMessage, !written.contains(id(of: summary))
      else { return 0 }
      anchor = id(of: summary)
    }
    boundary(
      tokens: checkpoint.tokens, time: checkpoint.time, isMain: isEffective, preservingFor: anchor,
      &json)
    return (checkpoint.messages ?? []).reduce(1) {
      $0 + write($1, isEffective: isEffective, &json)
    }
  }

  /// - Parameter anchor: The summary that what is in use is sent after.
  private mutating func boundary(
    tokens: Int64?, time: Timestamp?, isMain: Bool, preservingFor anchor: String? = nil,
    _ json: inout JSONWriter
  ) {
    let logical = last
    let preserved = chain
    if isMain {
      pairing = ClaudePairing()
      (response, main) = (nil, nil)
    } else {
      history = nil
    }
    var link = link(Message(role: .system, time: time), isMain: isMain, isSide: false)
    link.parent = nil
    if isMain { chain = [] }
    line(link, logicalParent: logical, &json) { json in
      json.field("type", "system")
      json.field("subtype", "compact_boundary")
      json.field("content", "Conversation compacted")
      json.field("level", "info")
      json.key("compactMetadata")
      json.beginObject()
      json.field("trigger", "auto")
      if let tokens { json.field("postTokens", tokens) }
      if let anchor {
        json.key("preservedMessages")
        json.beginObject()
        json.field("anchorUuid", anchor)
        json.key("uuids")
        json.beginArray()
        for id in preserved { json.string(id) }
        json.endArray()
        json.endObject()
      }
      json.endObject()
    }
  }

  // MARK: Lines

  /// How a line stands among the others.
  private struct Link {
    var id: String
    var parent: String?
    var isSide: Bool
    var time: Int64
  }

  /// The identifier that a source's identifier becomes.
  private func id(of source: String) -> String {
    let isUsual = ClaudeID.isUUID(source) && source == source.lowercased()
    return isUsual && source != ClaudeGraph.none ? source : ids.named(source)
  }

  private mutating func link(_ message: Message, isMain: Bool, isSide: Bool) -> Link {
    number += 1
    var own = message.id.flatMap { $0.isEmpty ? nil : id(of: $0) } ?? ids.numbered(number)
    // An earlier conversion may have given the same numbers to records that are native now.
    while !written.insert(own).inserted {
      number += 1
      own = ids.numbered(number)
    }
    var parent: String?
    if isMain {
      parent = main
      main = own
      chain.append(own)
      history = history ?? own
    } else {
      let named = message.parent.map { id(of: $0) }
      let known = named.flatMap { $0 != own && written.contains($0) ? $0 : nil }
      parent = known ?? (isSide ? side : history)
      if isSide { side = own } else { history = own }
    }
    last = own
    if let stated = message.time.map({ Self.held($0.milliseconds) }) {
      time = hasTime ? max(time, stated) : stated
    } else if hasTime {
      time = Self.held(time + 1)
    }
    hasTime = true
    // Native lines may come after it, and follow it.
    lineCount += 1
    let kind: ClaudeKind =
      message.role == .assistant ? .assistant : message.role == .system ? .system : .user
    graph.add(
      own, parent: parent, kind, line: lineCount, time: time, isSideChain: isSide)
    return Link(id: own, parent: parent, isSide: isSide || agentID != nil, time: time)
  }

  /// Writes a line of a conversation; the members in the program's order.
  private func line(
    _ link: Link, logicalParent: String? = nil, _ json: inout JSONWriter,
    _ write: (inout JSONWriter) -> Void
  ) {
    json.beginObject()
    json.key("parentUuid")
    if let parent = link.parent { json.string(parent) } else { json.null() }
    if let logicalParent { json.field("logicalParentUuid", logicalParent) }
    json.field("isSidechain", link.isSide)
    write(&json)
    json.field("uuid", link.id)
    json.field("timestamp", Self.spelling(link.time))
    if let agentID { json.field("agentId", agentID) }
    json.field("userType", "external")
    json.field("cwd", head.workspace ?? "/")
    json.field("sessionId", sessionID)
    json.field("version", "2.1.329")
    if let branch = head.gitBranch { json.field("gitBranch", branch) }
    json.endObject()
    json.newline()
  }

  /// Milliseconds in the years 1 to 9999, whose dates have four digits.
  private static func held(_ milliseconds: Int64) -> Int64 {
    min(max(milliseconds, -62_135_596_800_000), 253_402_300_799_999)
  }

  private static func spelling(_ milliseconds: Int64) -> String {
    let seconds = (milliseconds >= 0 ? milliseconds : milliseconds - 999) / 1_000
    return Timestamp(
      seconds: seconds, nanoseconds: Int32(milliseconds - seconds * 1_000) * 1_000_000
    ).javaScript
  }

  /// Writes a metadata record with one text; the type first, as lists look for it.
  private func metadata(
    _ type: String, _ name: StaticString, _ value: String, _ json: inout JSONWriter
  ) -> Int {
    json.beginObject()
    json.field("type", type)
    json.field(name, value)
    json.field("sessionId", sessionID)
    json.endObject()
    json.newline()
    return 1
  }

  // MARK: What lists show

  /// Lists look for the first prompt in the first 64 KiB, older ones in the first 16 KiB.
  private mutating func notePrompt(_ content: ClaudeContent, _ json: JSONWriter) {
    guard !prompt.isFound, let root = JSONDocument(ifValid: Array(content.json.bytes))?.root else {
      return
    }
    prompt.note(root)
    let size = offset + json.bytes.count + content.json.bytes.count
    hasEarlyPrompt = prompt.isFound && size < 15_000
  }

  /// Answers open calls, and states the leaf when it is not the last line, the tag and the title.
  mutating func finish(to json: inout JSONWriter) -> Int {
    var count = answerOpenCalls(&json)
    if let main, main != last { count += metadata("last-prompt", "leafUuid", main, &json) }
    guard agentID == nil, last != nil || !(head.title ?? "").isEmpty else { return count }
    if let tag = head.tags.first, !tag.isEmpty { count += metadata("tag", "tag", tag, &json) }
    // What lists show of the session without a title, and one that makes it findable where its first
    // prompt is out of their reach.
    let shown = hasEarlyPrompt ? prompt.title : nil
    let made = prompt.title.map { String($0.prefix(80)) } ?? "Session \(sessionID)"
    if let title = head.title, !title.isEmpty, title != shown ?? made {
      count += metadata("custom-title", "customTitle", title, &json)
    } else if shown == nil {
      count += metadata("ai-title", "aiTitle", made, &json)
    }
    return count
  }
}
