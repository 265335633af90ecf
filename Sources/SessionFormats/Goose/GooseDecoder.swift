import JSONText
import SessionCoding
import SessionModel

/// Says what the rows of one session mean.
struct GooseDecoder: RowDecoder {
  private(set) var head: SessionHead
  private(set) var log = FindingLog(Goose.id)
  private let database: RowDatabase
  /// Whether a message was met that the model gets no more.
  private var hasHidden = false
  /// Whether the last row is of a summary that a compaction left, and the rows with which such begin.
  private var isInSummary = false
  private var summaries: Set<Int64> = []
  private var names: [String: JSONString] = [:]

  /// Who gets a message; both unless it is stated.
  private struct Audience {
    var person = true
    var model = true

    init(_ row: TableRow) {
      guard let stated = row["metadata_json"]?.document else { return }
      person = stated["userVisible"]?.bool ?? true
      model = stated["agentVisible"]?.bool ?? true
    }
  }

  static func head(of session: TableRow) -> SessionHead {
    var head = SessionHead(id: session["id"]?.displayText ?? "")
    head.title = session.text("name") ?? session.text("description")
    head.created = time(session.text("created_at"))
    head.updated = time(session.text("updated_at"))
    head.workspace = session.text("working_dir")
    head.providerKey = session.text("provider_name")
    head.model = session["model_config_json"]?.document?.text("model_name")
    head.archived = session["archived_at"].map { !$0.isNull }
    head.parent = session.text("parent_session_id").map { ParentLink(id: $0, kind: .subagent) }
    let usage = TokenUsage(
      input: session["accumulated_input_tokens"]?.int64,
      output: session["accumulated_output_tokens"]?.int64,
      cacheRead: session["accumulated_cache_read_tokens"]?.int64,
      cacheWrite: session["accumulated_cache_write_tokens"]?.int64)
    if !usage.isZero { head.usage = usage }
    head.extras = session.extras(
      of: Goose.id,
      except: [
        "id", "name", "created_at", "updated_at", "working_dir", "provider_name",
        "parent_session_id", "accumulated_input_tokens", "accumulated_output_tokens",
        "accumulated_cache_read_tokens", "accumulated_cache_write_tokens",
      ])
    return head
  }

  /// `2026-04-08 12:06:40`, which is UTC.
  private static func time(_ text: String?) -> Timestamp? {
    text.flatMap { Timestamp(rfc3339: $0.replacing(" ", with: "T") + "Z") }
  }

  init(_ session: TableRow, in database: RowDatabase) throws(FormatError) {
    self.database = database
    head = Self.head(of: session)
    head.messageCount = try database.value(
      "SELECT count(*) FROM messages WHERE session_id = ?1", [session["id"] ?? .null])?.int64
      .flatMap { Int(exactly: $0) }
  }

  /// What a compaction left for the model alone, after messages that it gets no more, is one record.
  mutating func joins(_ row: TableRow) -> Bool {
    guard row.table == "messages" else { return false }
    let audience = Audience(row)
    let isSummary = hasHidden && !audience.person && audience.model
    if !audience.model { hasHidden = true }
    defer { isInSummary = isSummary }
    if isSummary, !isInSummary, let id = row["id"]?.int64 { summaries.insert(id) }
    return isSummary && isInSummary
  }

  mutating func decode(_ rows: [TableRow]) -> [Entry] {
    guard let row = rows.first, row.table == "messages" else { return [] }
    let messages = rows.compactMap { message($0) }
    guard let first = messages.first else { return [] }
    guard let id = row["id"]?.int64, summaries.contains(id) else {
      let isRead = ["user", "assistant"].contains(row["role"]?.string)
      return [Entry(.message(first), isEffective: isRead && Audience(row).model)]
    }
    let kept = messages.enumerated().map { position, message in
      var message = message
      message.id = nil
      message.flags = position == 0 ? .compactionSummary : .compactionTail
      return message
    }
    return [Entry(.checkpoint(Checkpoint(messages: kept, time: first.time)))]
  }

  private mutating func message(_ row: TableRow) -> Message? {
    guard let content = row["content_json"]?.document, content.kind == .array else {
      log.add(
        "content", .error, database.place(of: row),
        "the content is no JSON array; goose cannot load the session")
      return nil
    }
    var message = Message(role: Role(row["role"]?.displayText ?? ""))
    if message.role != .user, message.role != .assistant {
      log.add(
        "role", .warning, database.place(of: row),
        "goose passes over messages of the role \(message.role.name)")
    }
    if let number = row["created_timestamp"]?.int64 {
      message.time =
        number > 10_000_000_000
        ? Timestamp(milliseconds: Double(number)) : SQLiteValue.integer(number).epochSeconds
    }
    message.id = row["message_id"]?.displayText
    message.blocks = content.elements.map { block($0) }
    if !message.blocks.isEmpty, message.blocks.allSatisfy(\.isToolResult) { message.role = .tool }
    if !Audience(row).person { message.flags.insert(.hidden) }
    message.extras = row.extras(
      of: Goose.id,
      except: [
        "id", "message_id", "role", "created_timestamp", "timestamp", "content_json",
        "metadata_json",
      ])
    return message
  }

  private mutating func block(_ part: JSONValue) -> Block {
    switch part.text("type") {
    case "text":
      return .text(
        Block.Text(
          part["text"]?.string ?? "", extras: part.extras(of: Goose.id, except: ["type", "text"])))
    case "image":
      return .image(
        Block.Image(mediaType: part["mimeType"]?.string, base64: part["data"]?.string))
    case "thinking", "reasoning":
      let signature = part["signature"]?.string
      return .thinking(
        Block.Thinking(
          part["thinking"]?.string ?? part["text"]?.string ?? "",
          signature: signature?.isEmpty == false ? signature : nil))
    case "redactedThinking":
      return .thinking(Block.Thinking("", encrypted: part["data"]?.string, kind: "redacted"))
    case "toolRequest", "frontendToolRequest":
      let call = part["toolCall"]?["value"]
      let id = part["id"]?.string ?? ""
      names[id.string] = call?["name"]?.string
      return .toolCall(
        Block.ToolCall(
          id: id, name: call?["name"]?.string ?? "",
          arguments: call?["arguments"].map { RawJSON($0.raw) },
          extras: part.extras(of: Goose.id, except: ["type", "id", "toolCall"])))
    case "toolResponse":
      let id = part["id"]?.string ?? ""
      let result = part["toolResult"]
      let failure = result?["error"]?.string
      let value = result?["value"]
      let content = failure.map { [.text(Block.Text($0))] } ?? Self.content(value)
      return .toolResult(
        Block.ToolResult(
          callID: id, name: names[id.string], content: content,
          isError: failure != nil || value?["isError"]?.bool == true))
    default:
      return .opaque(
        Block.OpaqueBlock(
          format: Goose.id, type: part["type"]?.string ?? "", json: RawJSON(part.raw)))
    }
  }

  /// What a tool answered, as the model gets it; older results are the list alone.
  private static func content(_ value: JSONValue?) -> [Block] {
    let list = value?["content"] ?? value
    guard let list, list.kind == .array else { return [] }
    return list.elements.compactMap { item in
      let audience = item["annotations"]?["audience"]
      let isForModel = audience?.elements.contains { $0.string?.string == "assistant" } ?? true
      guard isForModel else { return nil }
      switch item.text("type") {
      case "text": return .text(Block.Text(item["text"]?.string ?? ""))
      case "image":
        return .image(
          Block.Image(mediaType: item["mimeType"]?.string, base64: item["data"]?.string))
      case "resource":
        let resource = item["resource"]
        return .file(
          Block.File(
            name: resource?["uri"]?.string, mediaType: resource?["mimeType"]?.string,
            base64: resource?["blob"]?.string, text: resource?["text"]?.string))
      default:
        return .opaque(
          Block.OpaqueBlock(
            format: Goose.id, type: item["type"]?.string ?? "", json: RawJSON(item.raw)))
      }
    }
  }
}
