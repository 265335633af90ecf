internal import JSONText
internal import SessionModel

/// Mapping of whole records into the model.
struct ClaudeEntry {
  /// The head, whose facts are not repeated on each message.
  let head: SessionHead
  /// Envelope members that stand in the head as they are.
  private let common: [(key: StaticString, value: ArraySlice<UInt8>)]
  /// Envelope members that stand in the head as texts.
  private let sessionID: JSONString
  private let workspace: JSONString?
  private let gitBranch: JSONString?
  /// How the head's model is spelled.
  private let modelSpelling: [UInt8]
  /// How most lines spell what the head states, one behind the other, and where each ends.
  private let usual: (spellings: [UInt8], ends: [(field: ClaudeRecordField, end: Int)])
  /// Whether the session is a sub-agent's, all of whose lines are marked.
  let isAgent: Bool

  init(head: SessionHead, common: [(key: String, value: RawJSON)], isAgent: Bool) {
    self.head = head
    self.common = zip(ClaudeFacts.commonKeys, ClaudeFacts.commonNames).compactMap { key, name in
      common.first { $0.key == name }.map { (key, $0.value.bytes) }
    }
    self.isAgent = isAgent
    sessionID = JSONString(head.id)
    workspace = head.workspace.map { JSONString($0) }
    gitBranch = head.gitBranch.map { JSONString($0) }
    func spelling(_ text: String?) -> [UInt8] {
      var writer = JSONWriter(reserving: 64)
      if let text { writer.string(text) }
      return writer.bytes
    }
    func spelling(common name: String) -> [UInt8] {
      common.first { $0.key == name }.map { Array($0.value.bytes) } ?? []
    }
    modelSpelling = spelling(head.model)
    var spellings: [UInt8] = []
    var ends: [(field: ClaudeRecordField, end: Int)] = []
    let fields: [(ClaudeRecordField, [UInt8])] = [
      (.userType, spelling(common: "userType")), (.entryPoint, spelling(common: "entrypoint")),
      (.workspace, spelling(head.workspace)), (.session, spelling(head.id)),
      (.version, spelling(common: "version")), (.gitBranch, spelling(head.gitBranch)),
    ]
    for (field, spelling) in fields {
      spellings += spelling
      ends.append((field, spellings.count))
    }
    usual = (spellings, ends)
  }

  /// The content of a record.
  ///
  /// - Parameters:
  ///   - id: Its identifier.
  ///   - parent: The identifier of its parent.
  ///   - isReplaced: Whether a later record has the identifier, which a message then cannot have.
  ///   - isUsed: Whether the program uses it.
  ///   - isLastOfResponse: Whether its usage counts for the whole response.
  ///   - isCut: Whether its parent is none that a message can name.
  func content(
    of record: ClaudeRecord, id: String?, parent: String?, isReplaced: Bool, isUsed: Bool,
    isLastOfResponse: Bool, isCut: Bool
  ) -> Entry.Content {
    let root = record.root
    let link = Link(
      id: isReplaced ? nil : id, parent: isCut ? nil : parent, isReplaced: isReplaced,
      isUsed: isUsed, isCut: isCut)
    switch record.kind {
    case .user, .assistant:
      guard let body = record.message, ClaudeMessage.hasContent(record) else { break }
      return .message(turn(record, body, link, isLastOfResponse: isLastOfResponse))
    case .system:
      if record[.subtype]?.string?.equals("compact_boundary") ?? false {
        return .checkpoint(boundary(root))
      }
      if ClaudeMessage.isLocalCommand(root), let text = root["content"]?.string {
        return attached(record, [.text(Block.Text(text))], .synthetic, link)
      }
    case .attachment:
      if ClaudeMessage.isAttachedMessage(root), let content = attachment(root) {
        return attached(record, content.blocks, content.flags, link)
      }
    case .progress, .other: break
    }
    return .event(event(record, id: id))
  }

  /// How a record stands among the others.
  private struct Link {
    var id: String?
    var parent: String?
    var isReplaced: Bool
    var isUsed: Bool
    var isCut: Bool
  }

  // MARK: Turns

  private static let turnNames = [
    "parentUuid", "isSidechain", "type", "message", "isMeta", "isCompactSummary", "uuid",
    "timestamp",
  ]
  private static let turnMembers = FieldNames(turnNames)
  private static let envelopeMembers = FieldNames(
    turnNames + ["userType", "entrypoint", "cwd", "sessionId", "version", "gitBranch"])
  private static let messageMembers = FieldNames(["model", "type", "role", "content"])

  /// Members of the message that most have, with their names among the extras.
  private static let usualMembers: [(key: StaticString, name: String)] = [
    ("id", "message.id"), ("stop_reason", "message.stop_reason"),
    ("stop_sequence", "message.stop_sequence"), ("usage", "message.usage"),
  ]

  private func turn(
    _ record: ClaudeRecord, _ body: ClaudeObject<ClaudeMessageField>, _ link: Link,
    isLastOfResponse: Bool
  ) -> Message {
    let blocks = body[.content].map { ClaudeMessage.blocks($0) } ?? []
    let holdsOnlyResults = !blocks.isEmpty && blocks.allSatisfy(\.isToolResult)
    let isAnswer = record.kind == .assistant
    let model = body[.model]
    let isSynthetic = model?.string?.equals("<synthetic>") ?? false
    var extras: [Extra] = []
    extras.reserveCapacity(isAnswer ? 6 : 3)
    addEnvelope(record, to: &extras)
    body.value.forEachMember(except: Self.messageMembers) { key, value in
      let known = Self.usualMembers.first { key.equals($0.key) }
      extras.append(
        Extra(
          format: ClaudeCode.id, key: known?.name ?? "message." + key.string,
          value: RawJSON(value.raw)))
    }
    return message(
      record, link, role: isAnswer ? .assistant : holdsOnlyResults ? .tool : .user, blocks: blocks,
      model: model.flatMap { self.model($0) },
      usage: isLastOfResponse ? ClaudeMessage.usage(body[.usage]) : nil,
      flags: isSynthetic ? .synthetic : [], extras: &extras)
  }

  /// The name of a model; that of the head is not made again.
  private func model(_ value: JSONValue) -> String? {
    if value.withBytes({ $0.isEqual(to: modelSpelling.span) }) { return head.model }
    return value.string.flatMap { $0.isEmpty ? nil : $0.string }
  }

  /// Members of the envelope that neither the model nor the head has.
  private func addEnvelope(_ record: ClaudeRecord, to extras: inout [Extra]) {
    if isUsual(record) {
      record.root.forEachMember(except: Self.envelopeMembers) { key, value in
        extras.append(
          Extra(format: ClaudeCode.id, key: key.string, value: RawJSON(value.raw)))
      }
      return
    }
    record.root.forEachMember(except: Self.turnMembers) { key, value in
      if key.equals("sessionId") {
        if let id = value.string, id == sessionID { return }
      } else if key.equals("cwd") {
        if let folder = value.string, folder == workspace { return }
      } else if key.equals("gitBranch") {
        if let branch = value.string, branch == gitBranch { return }
      } else if let own = common.first(where: { key.equals($0.key) }), own.value == value.raw {
        return
      }
      extras.append(
        Extra(format: ClaudeCode.id, key: key.string, value: RawJSON(value.raw)))
    }
  }

  /// Whether a line spells what the head states as most lines do.
  private func isUsual(_ record: ClaudeRecord) -> Bool {
    var start = 0
    for (field, end) in usual.ends {
      guard record.isSpelled(field, as: usual.spellings.span.extracting(start..<end)) else {
        return false
      }
      start = end
    }
    return true
  }

  /// A message with what the record's envelope says.
  private func message(
    _ record: ClaudeRecord, _ link: Link, role: Role, blocks: [Block], model: String? = nil,
    usage: TokenUsage? = nil, flags: MessageFlags, extras: inout [Extra]
  ) -> Message {
    func keep(_ key: String, _ value: RawJSON) {
      extras.append(Extra(format: ClaudeCode.id, key: key, value: value))
    }
    var flags = flags
    if link.isCut, let parent = record[.parent] { keep("parentUuid", RawJSON(parent.raw)) }
    if record.isTruthy(.isMeta) { flags.insert(.hidden) }
    if record.isTruthy(.isSummary) { flags.insert(.compactionSummary) }
    if record.isTruthy(.isSideChain), !isAgent {
      if link.isUsed { keep("isSidechain", RawJSON("true")) } else { flags.insert(.sideChain) }
    }
    if link.isReplaced, let id = record[.id] { keep("uuid", RawJSON(id.raw)) }
    return Message(
      id: link.id, parent: link.parent, role: role, blocks: blocks,
      time: ClaudeTime.timestamp(record[.time]), model: model, usage: usage, flags: flags,
      extras: extras)
  }

  // MARK: Other records

  /// A record of another kind that the model gets as a message; the record itself is an extra.
  private func attached(
    _ record: ClaudeRecord, _ blocks: [Block], _ flags: MessageFlags, _ link: Link
  ) -> Entry.Content {
    var extras = [Extra(format: ClaudeCode.id, key: "record", value: RawJSON(record.root.raw))]
    return .message(
      message(record, link, role: .user, blocks: blocks, flags: flags, extras: &extras))
  }

  private func attachment(_ root: JSONValue) -> (blocks: [Block], flags: MessageFlags)? {
    guard let attachment = root["attachment"] else { return nil }
    if let prompt = attachment["prompt"] {
      let isPrompt = attachment["commandMode"]?.string?.equals("prompt") ?? true
      return (ClaudeMessage.blocks(prompt), isPrompt ? [] : [.hidden, .synthetic])
    }
    guard let text = attachment["content"]?["file"]?["content"]?.string else { return nil }
    let file = Block.File(
      name: attachment["displayPath"]?.string, path: attachment["filename"]?.string, text: text)
    return ([.file(file)], [.hidden, .synthetic])
  }

  private func boundary(_ root: JSONValue) -> Checkpoint {
    let metadata = root["compactMetadata"]
    return Checkpoint(
      tokens: metadata?["postTokens"]?.int64, time: ClaudeTime.timestamp(root["timestamp"]),
      extras: [Extra(format: ClaudeCode.id, key: "record", value: RawJSON(root.raw))])
  }

  private func event(_ record: ClaudeRecord, id: String?) -> EventRecord {
    let root = record.root
    var event = EventRecord(
      format: ClaudeCode.id, kind: record.type.string, time: ClaudeTime.timestamp(record[.time]),
      data: RawJSON(root.raw))
    event.id = id
    switch record.kind {
    case .system: event.type = record[.subtype]?.string?.string
    case .attachment: event.type = root["attachment"]?["type"]?.string?.string
    case .progress: event.type = root["data"]?["type"]?.string?.string
    default: break
    }
    return event
  }
}
