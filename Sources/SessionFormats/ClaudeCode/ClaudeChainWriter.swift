internal import JSONText
internal import SessionModel

/// Turns foreign messages into lines that form the chain that the program resumes.
///
/// What the source tool uses is linked line by line from one root, or from a compaction boundary when
/// something stands before it; what it does not use is linked to itself.
struct ClaudeChainWriter {
  /// The session's identifier as lines state it.
  let sessionID: String
  /// Bytes written before the lines at hand.
  var offset = 0
  private let head: SessionHead
  private let isAgent: Bool
  private let agentID: String?
  private let ids: DerivedUUID
  private var written: Set<ClaudeID> = []
  private var number = 0
  private var lastTime: Int64
  private var hasTime = false
  private var main: ClaudeID?
  /// The lines that the program uses, from the last boundary on.
  private var chain: [ClaudeID] = []
  private var history: ClaudeID?
  private var side: ClaudeID?
  private var last: ClaudeID?
  private var pairing = ClaudePairing()
  private var response: String?
  /// Whether the last line of the chain is the model's.
  private var isBehindAnswer = false
  /// Responses of the chain, and of lines beside it.
  private var responses: Set<UInt64> = []
  private var historyResponses: Set<UInt64> = []
  private var hasEarlyPrompt = false
  private var prompt = ClaudePrompt()

  init(file: ClaudeFile, head: SessionHead) {
    self.head = head
    sessionID = file.owner ?? file.stem
    isAgent = file.isAgent
    agentID = file.isAgent ? String(file.stem.dropFirst(6)) : nil
    ids = DerivedUUID("carryover line \(file.id)")
    let created = head.created.map { ClaudeTime.milliseconds($0) } ?? 0
    lastTime = min(max(created, Self.times.lowerBound), Self.times.upperBound)
  }

  /// The identifier of the last line that the program uses.
  var leaf: String? { main?.text }

  /// Goes on behind native lines.
  mutating func follow(_ index: ClaudeIndex, _ chain: ClaudeChain) {
    main = chain.leaf.map { index.ids[Int(index.nodes[$0].slot)] }
    last = index.nodes.last.map { index.ids[Int($0.slot)] }
    history = main
    written.formUnion(index.ids.elements)
    for node in index.nodes where node.flags.contains(.timed) {
      lastTime = max(lastTime, node.time)
      hasTime = true
    }
    pairing = ClaudePairing()
    pairing.trustsUnknown = true
    response = nil
  }

  // MARK: Messages

  /// Writes the lines of a message and gives their number.
  mutating func write(_ message: Message, isEffective: Bool, to json: inout JSONWriter) -> Int {
    if case .other = message.role { return 0 }
    if message.role == .assistant, message.blocks.contains(where: \.isToolResult) {
      return writeRuns(of: message, isEffective: isEffective, to: &json)
    }
    let isSide = message.flags.contains(.sideChain)
    let isMain = isEffective && !isSide
    let isAssistant = message.role == .assistant
    var count = 0
    if isMain, isAssistant { count += beginResponse(message, &json) }
    let model = message.model ?? head.model
    let callNumber = number
    var calls = 0
    let content = ClaudeContent(
      message, model: model, pairing: &pairing, repairs: isMain,
      callID: {
        calls += 1
        return "call_imported_\(callNumber)_\(calls)"
      })
    guard content.count > 0 else { return count }
    if isMain { isBehindAnswer = isAssistant }
    let isSummary = message.flags.contains(.compactionSummary) && !isAssistant
    if isMain, main == nil, last != nil, isSummary {
      boundary(tokens: nil, time: message.time, &json, isMain: true)
      count += 1
    }
    var envelope = envelope(for: message, isMain: isMain, isSide: isSide)
    envelope.isSummary = isSummary
    envelope.isMeta =
      !isAssistant && !isSummary
      && (message.flags.contains(.hidden) || message.role == .system || message.role == .developer)
    if isAssistant {
      let response = (isMain ? response : nil) ?? historyResponse(message)
      write(message, model: model, content, envelope, response, &json)
    } else {
      notePrompt(message, envelope, content, json)
      json.claudeTurn("user", envelope) { writer in
        writer.beginObject()
        writer.field("role", "user")
        writer.key("content")
        if let text = content.onlyText {
          writer.string(text)
        } else {
          writer.raw(content.writer.bytes[...])
        }
        writer.endObject()
      }
    }
    return count + 1
  }

  /// Writes a message that holds its tools' results too as the turns that the program knows.
  private mutating func writeRuns(
    of message: Message, isEffective: Bool, to json: inout JSONWriter
  ) -> Int {
    var count = 0
    var rest = message.blocks[...]
    while let first = rest.first {
      var part = message
      part.role = first.isToolResult ? .tool : .assistant
      part.blocks = Array(rest.prefix { $0.isToolResult == first.isToolResult })
      if rest.count < message.blocks.count {
        part.id = nil
        part.parent = nil
        part.usage = nil
      }
      rest = rest.dropFirst(part.blocks.count)
      count += write(part, isEffective: isEffective, to: &json)
    }
    return count
  }

  private func write(
    _ message: Message, model: String?, _ content: ClaudeContent, _ envelope: ClaudeEnvelope,
    _ response: String, _ json: inout JSONWriter
  ) {
    json.claudeTurn("assistant", envelope) { writer in
      writer.beginObject()
      writer.field("id", response)
      writer.field("type", "message")
      writer.field("role", "assistant")
      writer.field("model", model ?? "unknown")
      writer.field("content", RawJSON(content.writer.bytes[...]))
      if let usage = message.usage {
        writer.key("usage")
        writer.beginObject()
        if let tokens = usage.input { writer.field("input_tokens", tokens) }
        if let tokens = usage.cacheWrite { writer.field("cache_creation_input_tokens", tokens) }
        if let tokens = usage.cacheRead { writer.field("cache_read_input_tokens", tokens) }
        if let tokens = usage.output { writer.field("output_tokens", tokens) }
        writer.endObject()
      }
      writer.endObject()
    }
  }

  /// Before an assistant message: answers what was left open, unless it goes on with a response.
  private mutating func beginResponse(_ message: Message, _ json: inout JSONWriter) -> Int {
    let own = Self.response(message)
    if let own, own == response { return 0 }
    if own == nil, isBehindAnswer, pairing.isOpen, !pairing.hasResults { return 0 }
    let count = answerOpenCalls(&json)
    var name = own ?? "msg_imported_\(number)"
    if historyResponses.contains(hash64(name.utf8)) { name += "_again" }
    response = name
    responses.insert(hash64(name.utf8))
    return count
  }

  /// The response of a line outside the chain.
  ///
  /// Sharing one with the chain would draw the line into what is sent.
  private mutating func historyResponse(_ message: Message) -> String {
    var name = Self.response(message) ?? "msg_imported_\(number - 1)"
    if responses.contains(hash64(name.utf8)) { name = "msg_history_\(number - 1)" }
    historyResponses.insert(hash64(name.utf8))
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
    let envelope = envelope(
      for: Message(role: .user), isMain: true, isSide: false)
    json.claudeTurn("user", envelope) { writer in
      writer.beginObject()
      writer.field("role", "user")
      writer.key("content")
      writer.beginArray()
      for id in open {
        writer.beginObject()
        writer.field("type", "tool_result")
        writer.field("tool_use_id", id)
        writer.field("content", "[interrupted]")
        writer.field("is_error", true)
        writer.endObject()
      }
      writer.endArray()
      writer.endObject()
    }
    return 1
  }

  // MARK: Compaction

  /// Writes a compaction and gives the number of its lines.
  mutating func write(
    _ checkpoint: Checkpoint, isEffective: Bool, to json: inout JSONWriter
  ) -> Int {
    var preserved: ClaudePreserved?
    if checkpoint.messages == nil, isEffective, main != nil {
      // Elsewhere the summary stands already, behind a boundary where one was due. The program's own
      // comes behind its boundary, and what is in use before that was preserved.
      guard checkpoint.extras.value("record", of: ClaudeCode.id) != nil,
        let summary = checkpoint.summaryMessage, !written.contains(id(of: summary))
      else { return 0 }
      preserved = ClaudePreserved(anchor: id(of: summary), ids: chain)
    }
    boundary(
      tokens: checkpoint.tokens, time: checkpoint.time, &json, isMain: isEffective,
      preserved: preserved)
    var count = 1
    for message in checkpoint.messages ?? [] {
      count += write(message, isEffective: isEffective, to: &json)
    }
    return count
  }

  private mutating func boundary(
    tokens: Int64?, time: Timestamp?, _ json: inout JSONWriter, isMain: Bool,
    preserved: ClaudePreserved? = nil
  ) {
    let logical = last
    if isMain {
      pairing = ClaudePairing()
      response = nil
      main = nil
    } else {
      history = nil
    }
    let envelope = envelope(
      for: Message(role: .system, time: time), isMain: isMain, isSide: false)
    json.claudeBoundary(
      envelope, logicalParent: logical?.text, tokens: tokens, preserved: preserved)
    if isMain { chain = [] }
  }

  // MARK: Links

  /// The identifier that a source's identifier becomes.
  private func id(of source: String) -> ClaudeID {
    let id = ClaudeID(source)
    if case .uuid = id, id != .none { return id }
    return ids.named(source)
  }

  private mutating func envelope(for message: Message, isMain: Bool, isSide: Bool)
    -> ClaudeEnvelope
  {
    number += 1
    var own = message.id.flatMap { $0.isEmpty ? nil : id(of: $0) } ?? ids.numbered(number)
    // An earlier conversion may have given the same numbers to records that are native now.
    while !written.insert(own).inserted {
      number += 1
      own = ids.numbered(number)
    }
    var parent: ClaudeID?
    if isMain {
      parent = main
      main = own
      chain.append(own)
      if history == nil { history = own }
    } else {
      let named = message.parent.map { id(of: $0) }
      let known = named.flatMap { $0 != own && written.contains($0) ? $0 : nil }
      parent = known ?? (isSide ? side : history)
      if isSide { side = own } else { history = own }
    }
    last = own
    if let time = message.time {
      let exact = ClaudeTime.milliseconds(time)
      let stated = min(max(exact, Self.times.lowerBound), Self.times.upperBound)
      lastTime = hasTime ? max(lastTime, stated) : stated
    } else if hasTime, lastTime < Self.times.upperBound {
      lastTime &+= 1
    }
    hasTime = true
    var envelope = ClaudeEnvelope(
      uuid: own.text, parent: parent?.text, isSideChain: isSide || isAgent,
      time: Self.time(lastTime), workspace: head.workspace ?? "/",
      sessionID: sessionID, gitBranch: head.gitBranch)
    envelope.common = Self.common
    if let agentID { envelope.extras.addClaude("agentId") { $0.string(agentID) } }
    return envelope
  }

  /// The years 1 to 9999, whose dates have four digits.
  private static let times: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

  private static let common = [
    Extra(format: ClaudeCode.id, key: "userType", value: RawJSON("\"external\"")),
    Extra(format: ClaudeCode.id, key: "version", value: RawJSON("\"2.1.329\"")),
  ]

  private static func time(_ milliseconds: Int64) -> Timestamp {
    let seconds = milliseconds >= 0 ? milliseconds / 1_000 : -((999 - milliseconds) / 1_000)
    return Timestamp(
      seconds: seconds, nanoseconds: Int32(milliseconds - seconds * 1_000) * 1_000_000)
  }

  // MARK: What lists show

  /// Lists look for the first prompt in the first 64 KiB, older ones in the first 16 KiB.
  private mutating func notePrompt(
    _ message: Message, _ envelope: ClaudeEnvelope, _ content: ClaudeContent, _ json: JSONWriter
  ) {
    guard !prompt.isFound, message.role != .tool, !envelope.isMeta, !envelope.isSummary,
      let document = JSONDocument(ifValid: content.writer.bytes)
    else { return }
    prompt.note(document.root)
    let size = offset + json.bytes.count + content.writer.bytes.count
    hasEarlyPrompt = prompt.isFound && size < 15_000
  }

  /// What lists show of the session when it is given no title; nil when they would not find it.
  private var shownTitle: String? { hasEarlyPrompt ? prompt.title : nil }

  /// A title that makes a session findable whose first prompt lists do not reach.
  private var generatedTitle: String {
    prompt.title.map { String($0.prefix(80)) } ?? "Session \(sessionID)"
  }

  /// Writes what stands at the end: open calls' answers, the leaf when it is not last, the title.
  mutating func finish(to json: inout JSONWriter) -> Int {
    var count = answerOpenCalls(&json)
    if let main, main != last {
      json.claudeMetadata("last-prompt", "leafUuid", main.text, sessionID: sessionID)
      count += 1
    }
    guard !isAgent, last != nil || !(head.title ?? "").isEmpty else { return count }
    if let tag = head.tags.first, !tag.isEmpty {
      json.claudeMetadata("tag", "tag", tag, sessionID: sessionID)
      count += 1
    }
    if let title = head.title, !title.isEmpty, title != shownTitle ?? generatedTitle {
      json.claudeMetadata("custom-title", "customTitle", title, sessionID: sessionID)
      count += 1
    } else if shownTitle == nil {
      json.claudeMetadata("ai-title", "aiTitle", generatedTitle, sessionID: sessionID)
      count += 1
    }
    return count
  }
}
