internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says what the events of a session mean.
struct CopilotDecoder: RecordDecoder {
  static func recognizes(_ first: JSONValue) -> Bool {
    first.text("type")?.contains(".") == true && first["data"]?.kind == .object
      && first["timestamp"] != nil
  }

  static func id(in first: JSONValue) -> String? { first["data"]?.text("sessionId") }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  var log = FindingLog(CopilotCLI.id)
  private let file: LocatedSession
  private var hasStart = false
  private var started: Set<String> = []
  /// The record of the last compaction, before which nothing is sent any more.
  private var compaction = 0
  private var ids: Set<String> = []
  private var last: String?
  private var isChainBroken = false
  /// Reasoning that stands with its answer too.
  private var reasoning: Set<String> = []
  /// Pictures, which stand before what refers to them.
  private var assets: [String: (type: JSONString?, data: JSONString)] = [:]
  private var names: [String: JSONString] = [:]
  private var messageIDs: Set<String> = []

  init(_ file: LocatedSession) {
    self.file = file
    head = SessionHead(id: file.id)
    head.messageCount = 0
    head.provider = "github-copilot"
  }

  // MARK: First pass

  mutating func scan(_ object: JSONValue, _ record: NativeRecord) {
    if let time = object.time("timestamp") { head.updated = max(head.updated ?? time, time) }
    noteChain(object, record)
    guard let data = object["data"] else { return }
    let isOfSubagent = object["agentId"]?.string != nil
    switch object.text("type") ?? "" {
    case "session.start": scanStart(data, object, record)
    case "session.resume":
      head.model = data.text("selectedModel") ?? head.model
    case "session.model_change" where !isOfSubagent:
      head.model = data.text("newModel") ?? head.model
    case "session.context_changed": head.workspace = data.text("cwd") ?? head.workspace
    case "session.compaction_complete" where Self.summary(data) != nil:
      compaction = record.number
    case "session.shutdown": head.usage = Self.usage(data["modelMetrics"]) ?? head.usage
    case "user.message":
      head.messageCount = (head.messageCount ?? 0) + 1
      if firstPrompt == nil, !isOfSubagent {
        firstPrompt = data.text("content").map { String($0.prefix(200)) }
      }
    case "assistant.message":
      head.messageCount = (head.messageCount ?? 0) + 1
      if let text = data.text("reasoningText") { reasoning.insert(text) }
      for call in data["toolRequests"]?.elements.map({ $0 }) ?? [] {
        if let id = call.text("toolCallId") { started.insert(id) }
      }
    case "tool.execution_start", "tool.user_requested":
      if let id = data.text("toolCallId") { started.insert(id) }
    case "tool.execution_complete":
      if let id = data.text("toolCallId"), !started.contains(id) {
        log.add("result-call", .warning, record.place, "no earlier call has the id \(id)")
      }
    default: break
    }
  }

  /// Events name the one before them, which the program asks for.
  private mutating func noteChain(_ object: JSONValue, _ record: NativeRecord) {
    let id = object.text("id")
    if let id, !ids.insert(id).inserted {
      log.add("event-id", .warning, record.place, "another event has the id \(id)")
    }
    if !isChainBroken, object.text("parentId") != last {
      isChainBroken = true
      log.add(
        "event-chain", .warning, record.place,
        "the event names \(object.text("parentId") ?? "none") as the one before it, not \(last ?? "none")"
      )
    }
    last = id
  }

  private mutating func scanStart(
    _ data: JSONValue, _ object: JSONValue, _ record: NativeRecord
  ) {
    if let id = data.text("sessionId"), id != file.id, !hasStart {
      log.add(
        "session-id", .error, record.place,
        "the session calls itself \(id); Copilot CLI looks for it under that name")
    }
    hasStart = true
    head.created = data.time("startTime") ?? object.time("timestamp")
    head.model = data.text("selectedModel")
    head.workspace = data["context"]?.text("cwd")
    head.gitBranch = data["context"]?.text("branch")
    head.extras = data.extras(
      of: CopilotCLI.id, except: ["sessionId", "startTime", "selectedModel"])
  }

  mutating func finishScan() {
    if !hasStart {
      log.add("start", .error, .file(path: file.name), "no session.start comes first")
    }
    (ids, started) = ([], [])
    if file.texts[CopilotCLI.workspace] == nil, file.path.hasSuffix("/events.jsonl") {
      log.add(
        "workspace", .warning, .file(path: file.name),
        "workspace.yaml is missing; Copilot CLI does not list the session")
    }
    let facts = file.texts[CopilotCLI.workspace].map(Self.scalars) ?? [:]
    head.title = (facts["name"] ?? facts["summary"]).flatMap { $0.isEmpty ? nil : $0 }
    head.workspace = head.workspace ?? facts["cwd"]
    head.gitBranch = head.gitBranch ?? facts["branch"]
    head.created = head.created ?? facts["created_at"].flatMap { Timestamp(rfc3339: $0) }
  }

  /// The scalars at the top of a YAML file, plain or in quotation marks.
  private static func scalars(_ yaml: [UInt8]) -> [String: String] {
    var scalars: [String: String] = [:]
    for line in String(decoding: yaml, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":"), line.first?.isWhitespace == false else {
        continue
      }
      let text = String(line[line.index(after: colon)...].drop(while: \.isWhitespace))
      let quoted = JSONDocument(ifValid: Array(text.utf8))?.root.string?.string
      let isNull = text == "null" || text == "~"
      scalars[String(line[..<colon])] = isNull ? "" : quoted ?? text
    }
    return scalars
  }

  /// The tokens of all models; `inputTokens` counts what the cache read and wrote too.
  private static func usage(_ metrics: JSONValue?) -> TokenUsage? {
    guard let metrics, metrics.kind == .object else { return nil }
    var total: TokenUsage?
    for model in metrics.members {
      guard let usage = model.value["usage"] else { continue }
      let (read, written) = (usage["cacheReadTokens"]?.int64, usage["cacheWriteTokens"]?.int64)
      let input = usage["inputTokens"]?.int64
      let rest = (input ?? 0).subtractingReportingOverflow((read ?? 0) &+ (written ?? 0))
      let one = TokenUsage(
        input: rest.overflow ? input : input.map { _ in max(0, rest.partialValue) },
        output: usage["outputTokens"]?.int64, cacheRead: read, cacheWrite: written)
      total = total?.adding(one) ?? one
    }
    return total
  }

  // MARK: Second pass

  mutating func decode(_ object: JSONValue, _ record: NativeRecord) -> [Entry] {
    guard let type = object.text("type"), let data = object["data"] else { return [] }
    let message: Message?
    switch type {
    case "session.start": return [Entry(.headChange(head))]
    case "user.message": message = prompt(data)
    case "assistant.message": message = answer(data)
    case "assistant.reasoning":
      let text = data["content"]?.string ?? ""
      message =
        reasoning.contains(text.string)
        ? nil : Message(role: .assistant, blocks: [.thinking(Block.Thinking(text))])
    case "tool.execution_complete": message = result(data)
    case "system.message":
      message = Message(
        role: Role(data.text("role") ?? "system"),
        blocks: [.text(Block.Text(data["content"]?.string ?? ""))])
    case "session.compaction_complete":
      guard let summary = Self.summary(data) else {
        message = nil
        break
      }
      let text = Message(
        role: .user, blocks: [.text(Block.Text(summary))], flags: .compactionSummary)
      return [
        Entry(
          .checkpoint(
            Checkpoint(
              messages: [text], tokens: data["postCompactionTokens"]?.int64,
              time: object.time("timestamp"),
              extras: data.extras(of: CopilotCLI.id, except: ["summaryContent"]))),
          isEffective: record.number >= compaction)
      ]
    case "session.binary_asset":
      if let id = data.text("assetId"), let bytes = data["data"]?.string {
        assets[id] = (data["mimeType"]?.string, bytes)
      }
      message = nil
    case "tool.execution_start":
      if let id = data.text("toolCallId") { names[id] = data["toolName"]?.string }
      message = nil
    default: message = nil
    }
    guard var message else { return [event(object, type)] }
    message.time = object.time("timestamp")
    message.id = object.text("id").flatMap { messageIDs.insert($0).inserted ? $0 : nil }
    message.extras += object.extras(
      of: CopilotCLI.id, except: ["type", "data", "id", "timestamp", "parentId"])
    // A sub-agent's events stand among those of its parent.
    let isOfSubagent = object["agentId"]?.string != nil || data["parentToolCallId"]?.string != nil
    if isOfSubagent { message.flags.insert(.sideChain) }
    let isEffective = !isOfSubagent && record.number > compaction
    return [Entry(.message(message), isEffective: isEffective)]
  }

  /// What a compaction that succeeded left.
  private static func summary(_ data: JSONValue) -> JSONString? {
    data["success"]?.bool == false ? nil : data["summaryContent"]?.string
  }

  private func event(_ object: JSONValue, _ type: String) -> Entry {
    Entry(
      .event(
        EventRecord(
          format: CopilotCLI.id, kind: type, id: object.text("id"), time: object.time("timestamp"),
          data: RawJSON(object.raw))))
  }

  private func prompt(_ data: JSONValue) -> Message {
    var blocks: [Block] = []
    if let text = data["content"]?.string, !text.isEmpty { blocks.append(.text(Block.Text(text))) }
    blocks += data["attachments"]?.elements.compactMap(attachment) ?? []
    return Message(
      role: .user, blocks: blocks,
      extras: data.extras(of: CopilotCLI.id, except: ["content", "attachments"]))
  }

  private func attachment(_ value: JSONValue) -> Block? {
    switch value.text("type") {
    case "blob": return picture(value)
    case "file":
      return .file(
        Block.File(
          name: value["displayName"]?.string, mediaType: value["mimeType"]?.string,
          path: value["path"]?.string))
    case "selection":
      return .file(
        Block.File(
          name: value["displayName"]?.string, path: value["filePath"]?.string,
          text: value["text"]?.string))
    default:
      return .opaque(
        Block.OpaqueBlock(
          format: CopilotCLI.id, type: value["type"]?.string ?? "", json: RawJSON(value.raw)))
    }
  }

  /// A picture that stands where it is, or in an event of before.
  private func picture(_ value: JSONValue) -> Block? {
    let asset = value.text("assetId").flatMap { assets[$0] }
    let type = value["mimeType"]?.string ?? asset?.type
    guard let data = value["data"]?.string ?? asset?.data else { return nil }
    return type?.string.hasPrefix("image/") ?? true
      ? .image(Block.Image(mediaType: type, base64: data))
      : .file(Block.File(mediaType: type, base64: data))
  }

  private mutating func answer(_ data: JSONValue) -> Message {
    var blocks: [Block] = []
    let thinking = data["reasoningText"]?.string ?? ""
    let sealed = data["reasoningOpaque"]?.string ?? data["encryptedContent"]?.string
    if !thinking.isEmpty || sealed != nil {
      var block = Block.Thinking(thinking)
      block.encrypted = sealed
      blocks.append(.thinking(block))
    }
    if let text = data["content"]?.string, !text.isEmpty { blocks.append(.text(Block.Text(text))) }
    for call in data["toolRequests"]?.elements.map({ $0 }) ?? [] {
      let id = call["toolCallId"]?.string ?? ""
      names[id.string] = call["name"]?.string
      let arguments = call["arguments"].map { value in
        value.string.map { ChatArguments.read(Array($0.string.utf8)) } ?? RawJSON(value.raw)
      }
      blocks.append(
        .toolCall(
          Block.ToolCall(
            id: id, name: call["name"]?.string ?? "", arguments: arguments,
            extras: call.extras(of: CopilotCLI.id, except: ["toolCallId", "name", "arguments"]))))
    }
    var message = Message(
      role: .assistant, blocks: blocks,
      extras: data.extras(
        of: CopilotCLI.id,
        except: [
          "content", "toolRequests", "model", "reasoningText", "reasoningOpaque",
          "encryptedContent", "outputTokens",
        ]))
    message.model = data.text("model")
    if let tokens = data["outputTokens"]?.int64 { message.usage = TokenUsage(output: tokens) }
    return message
  }

  private func result(_ data: JSONValue) -> Message {
    let id = data.text("toolCallId") ?? ""
    let result = data["result"]
    var content: [Block] = []
    if let text = result?["content"]?.string ?? data["error"]?["message"]?.string, !text.isEmpty {
      content.append(.text(Block.Text(text)))
    }
    var seen: Set<JSONString> = []
    let pictures =
      (result?["binaryResultsForLlm"]?.elements.map { $0 } ?? [])
      + (result?["contents"]?.elements.filter { $0.text("type") == "image" } ?? [])
    for picture in pictures.compactMap(picture) {
      // Some programs say a picture in both places.
      if case .image(let image) = picture, let data = image.base64, !seen.insert(data).inserted {
        continue
      }
      content.append(picture)
    }
    return Message(
      role: .tool,
      blocks: [
        .toolResult(
          Block.ToolResult(
            callID: JSONString(id), name: names[id], content: content,
            isError: data["success"]?.bool == false,
            extras: data.extras(of: CopilotCLI.id, except: ["toolCallId", "success", "result"])))
      ])
  }
}
