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
  }

  /// The content of a record.
  ///
  /// - Parameters:
  ///   - node: What the index knows of it; nil for records outside the graph.
  ///   - isUsed: Whether the program uses it.
  ///   - isLastOfResponse: Whether its usage counts for the whole response.
  ///   - isCut: Whether its parent is none that a message can name.
  func content(
    of root: JSONValue, kind: ClaudeKind, type: JSONString, isUsed: Bool, isLastOfResponse: Bool,
    isCut: Bool
  ) -> Entry.Content {
    switch kind {
    case .user, .assistant:
      guard ClaudeMessage.hasContent(root) else { break }
      var message = turn(root, kind, isLastOfResponse: isLastOfResponse)
      finish(&message, root, isUsed: isUsed, isCut: isCut)
      return .message(message)
    case .system:
      if root["subtype"]?.string?.equals("compact_boundary") ?? false {
        return .checkpoint(boundary(root))
      }
      if ClaudeMessage.isLocalCommand(root), let text = root["content"]?.string {
        return attached(root, [.text(Block.Text(text))], .synthetic, isUsed, isCut)
      }
    case .attachment:
      if ClaudeMessage.isAttachedMessage(root), let content = attachment(root) {
        return attached(root, content.blocks, content.flags, isUsed, isCut)
      }
    case .progress, .other: break
    }
    return .event(event(root, kind, type))
  }

  // MARK: Turns

  private static let turnMembers: [StaticString] = [
    "type", "uuid", "parentUuid", "message", "timestamp", "isSidechain", "isMeta",
    "isCompactSummary",
  ]
  private static let messageMembers: [StaticString] = ["role", "content", "model", "type"]

  /// Members of the message that most have, with their names among the extras.
  private static let usualMembers: [(key: StaticString, name: String)] = [
    ("id", "message.id"), ("stop_reason", "message.stop_reason"),
    ("stop_sequence", "message.stop_sequence"), ("usage", "message.usage"),
  ]

  private func turn(_ root: JSONValue, _ kind: ClaudeKind, isLastOfResponse: Bool) -> Message {
    var message = Message(role: kind == .user ? .user : .assistant)
    guard let body = root["message"], let content = body["content"] else { return message }
    message.blocks = ClaudeMessage.blocks(content)
    if kind == .user, message.holdsOnlyToolResults { message.role = .tool }
    if let model = body["model"]?.string, !model.isEmpty {
      message.model = model.string
      if model.equals("<synthetic>") { message.flags.insert(.synthetic) }
    }
    if isLastOfResponse { message.usage = ClaudeMessage.usage(body["usage"]) }
    message.extras.reserveCapacity(12)
    addEnvelope(root, except: Self.turnMembers, to: &message.extras)
    for (key, value) in body.members(except: Self.messageMembers) {
      let known = Self.usualMembers.first { key.equals($0.key) }
      message.extras.append(
        Extra(
          format: ClaudeCode.id, key: known?.name ?? "message." + key.string,
          value: RawJSON(value.raw)))
    }
    return message
  }

  /// Members of the envelope that neither the model nor the head has.
  private func addEnvelope(
    _ root: JSONValue, except known: [StaticString], to extras: inout [Extra]
  ) {
    for (key, value) in root.members(except: known) {
      if key.equals("sessionId") {
        if let id = value.string, id == sessionID { continue }
      } else if key.equals("cwd") {
        if let folder = value.string, folder == workspace { continue }
      } else if key.equals("gitBranch") {
        if let branch = value.string, branch == gitBranch { continue }
      } else if let own = common.first(where: { key.equals($0.key) }), own.value == value.raw {
        continue
      }
      extras.append(
        Extra(format: ClaudeCode.id, key: key.string, value: RawJSON(value.raw)))
    }
  }

  private func finish(
    _ message: inout Message, _ root: JSONValue, isUsed: Bool, isCut: Bool
  ) {
    message.id = ClaudeID.text(of: root["uuid"])
    if isCut {
      if let parent = root["parentUuid"] {
        message.extras.append(
          Extra(format: ClaudeCode.id, key: "parentUuid", value: RawJSON(parent.raw)))
      }
    } else {
      message.parent = ClaudeID.text(of: root["parentUuid"])
    }
    message.time = ClaudeTime.timestamp(root["timestamp"])
    if root["isMeta"]?.isTruthy ?? false { message.flags.insert(.hidden) }
    if root["isCompactSummary"]?.isTruthy ?? false { message.flags.insert(.compactionSummary) }
    if root["isSidechain"]?.isTruthy ?? false, !isAgent {
      if isUsed {
        message.extras.append(
          Extra(format: ClaudeCode.id, key: "isSidechain", value: RawJSON("true")))
      } else {
        message.flags.insert(.sideChain)
      }
    }
  }

  // MARK: Other records

  /// A record of another kind that the model gets as a message; the record itself is an extra.
  private func attached(
    _ root: JSONValue, _ blocks: [Block], _ flags: MessageFlags, _ isUsed: Bool, _ isCut: Bool
  ) -> Entry.Content {
    var message = Message(role: .user, blocks: blocks, flags: flags)
    message.extras = [Extra(format: ClaudeCode.id, key: "record", value: RawJSON(root.raw))]
    finish(&message, root, isUsed: isUsed, isCut: isCut)
    return .message(message)
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

  private func event(_ root: JSONValue, _ kind: ClaudeKind, _ type: JSONString) -> EventRecord {
    var event = EventRecord(
      format: ClaudeCode.id, kind: type.string, time: ClaudeTime.timestamp(root["timestamp"]),
      data: RawJSON(root.raw))
    event.id = ClaudeID.text(of: root["uuid"])
    switch kind {
    case .system: event.type = root["subtype"]?.string?.string
    case .attachment: event.type = root["attachment"]?["type"]?.string?.string
    case .progress: event.type = root["data"]?["type"]?.string?.string
    default: break
    }
    return event
  }
}
