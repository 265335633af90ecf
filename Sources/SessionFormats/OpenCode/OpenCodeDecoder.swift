import JSONText
import SessionCoding
import SessionModel

/// Says what the rows of one session mean.
struct OpenCodeDecoder: RowDecoder {
  private(set) var head: SessionHead
  private(set) var log = FindingLog(OpenCode.id)
  private let database: RowDatabase
  /// From where on messages are sent, and from where on they are taken back.
  private var first, end: Position?
  /// The answer that sums up what came before.
  private var summary: String?

  /// Where a message stands: messages are in the order of their times, then of their identifiers.
  private struct Position: Comparable {
    var time: Int64
    var id: String

    init(_ row: TableRow) {
      time = row["time_created"]?.int64 ?? 0
      id = row["id"]?.displayText ?? ""
    }

    static func < (a: Position, b: Position) -> Bool { (a.time, a.id) < (b.time, b.id) }
  }

  static func head(of session: TableRow) -> SessionHead {
    var head = SessionHead(id: session["id"]?.displayText ?? "")
    head.title = session.text("title")
    head.created = session["time_created"]?.int64.flatMap { Timestamp(milliseconds: Double($0)) }
    head.updated = session["time_updated"]?.int64.flatMap { Timestamp(milliseconds: Double($0)) }
    head.workspace = session.text("directory")
    head.archived = session["time_archived"].map { !$0.isNull }
    head.parent = session.text("parent_id").map { ParentLink(id: $0, kind: .subagent) }
    head.agent = session.text("agent")
    let model = session["model"]?.document
    head.model = model?.text("id")
    head.providerKey = model?.text("providerID")
    head.extras = session.extras(
      of: OpenCode.id,
      except: [
        "id", "title", "time_created", "time_updated", "directory", "parent_id", "agent", "model",
      ])
    return head
  }

  init(_ session: TableRow, in database: RowDatabase) throws(FormatError) {
    self.database = database
    head = Self.head(of: session)
    let id = session["id"] ?? .null
    head.messageCount = try database.value(
      "SELECT count(*) FROM message WHERE session_id = ?1", [id])?.int64.flatMap {
        Int(exactly: $0)
      }
    if head.model == nil {
      let last = try database.value(
        "SELECT data FROM message WHERE session_id = ?1 AND data LIKE '%\"modelID\"%'"
          + " ORDER BY time_created DESC, id DESC LIMIT 1", [id])?.document
      head.model = last?.text("modelID") ?? last?["model"]?.text("modelID")
      head.providerKey = last?.text("providerID") ?? last?["model"]?.text("providerID")
    }
    if let message = session["revert"]?.document?.text("messageID") {
      end = try Self.position(of: message, database)
    }
    try findCompaction(id)
  }

  private static func position(
    of message: String, _ database: RowDatabase
  ) throws(FormatError) -> Position? {
    var cursor = try RowCursor(
      database, RowTable(name: "message", columns: ["id", "time_created"]), where: "id = ?1",
      [SQLiteValue(message)])
    return try cursor.next()?.row.map { Position($0) }
  }

  /// The last compaction that was answered by a whole summary.
  private mutating func findCompaction(_ session: SQLiteValue) throws(FormatError) {
    let answers = try database.rows(
      "SELECT id, data FROM message WHERE session_id = ?1 AND data LIKE '%\"summary\"%'"
        + " ORDER BY time_created DESC, id DESC", [session])
    for answer in answers {
      guard let data = answer[1].document, data.text("role") == "assistant",
        data["summary"]?.bool == true, data.text("finish") != nil, data["error"] == nil,
        let asked = data.text("parentID"), let place = try Self.position(of: asked, database)
      else { continue }
      let part = try database.rows(
        "SELECT data FROM part WHERE message_id = ?1 AND data LIKE '%\"compaction\"%'",
        [SQLiteValue(asked)]
      ).compactMap { $0[0].document }.first { $0.text("type") == "compaction" }
      guard let part else { continue }
      first = place
      summary = answer[0].displayText
      if let tail = part.text("tail_start_id"), let kept = try Self.position(of: tail, database) {
        (first, summary) = (min(kept, place), nil)
      }
      return
    }
  }

  mutating func joins(_ row: TableRow) -> Bool { row.table == "part" }

  mutating func decode(_ rows: [TableRow]) -> [Entry] {
    guard let row = rows.first, row.table == "message" else { return [] }
    guard let data = row["data"]?.document, data.kind == .object else {
      log.add("data", .error, database.place(of: row), "the message's data is no JSON object")
      return []
    }
    var message = Message(role: Role(data.text("role") ?? ""), time: data["time"]?.time("created"))
    message.id = row["id"]?.displayText
    message.parent = data.text("parentID")
    message.model = data.text("modelID")
    let tokens = data["tokens"]
    if let tokens {
      message.usage = TokenUsage(
        input: tokens["input"]?.int64, output: tokens["output"]?.int64,
        cacheRead: tokens["cache"]?["read"]?.int64, cacheWrite: tokens["cache"]?["write"]?.int64)
    }
    message.extras = data.extras(
      of: OpenCode.id, except: ["role", "parentID", "modelID", "tokens", "time"])
    if row["id"]?.displayText == summary { message.flags.insert(.compactionSummary) }
    var results: [Block] = []
    for part in rows.dropFirst() {
      guard let data = part["data"]?.document, data.kind == .object else {
        log.add("data", .error, database.place(of: part), "the part's data is no JSON object")
        continue
      }
      message.blocks += OpenCodePart.blocks(data)
      if let result = OpenCodePart.result(data) { results.append(.toolResult(result)) }
    }
    let isUsed = isSent(row, data)
    var entries = [Entry(.message(message), isEffective: isUsed)]
    if !results.isEmpty {
      let answer = Message(
        role: .tool, blocks: results, time: data["time"]?.time("completed") ?? message.time)
      entries.append(Entry(.message(answer), isEffective: isUsed))
    }
    return entries
  }

  /// Whether the model gets a message: none that failed, but for what was interrupted.
  private func isSent(_ row: TableRow, _ data: JSONValue) -> Bool {
    let place = Position(row)
    if let first, place < first { return false }
    if let end, place >= end { return false }
    guard let error = data["error"], !error.isNull else { return true }
    return error.text("name") == "MessageAbortedError"
  }
}

/// The parts of messages.
enum OpenCodePart {
  /// What a part says in its message.
  static func blocks(_ part: JSONValue) -> [Block] {
    let type = part["type"]?.string ?? ""
    switch type.string {
    // The person sees it; the model does not get it.
    case "text" where part["ignored"]?.bool == true: break
    case "text":
      return [
        .text(
          Block.Text(
            part["text"]?.string ?? "",
            extras: part.extras(of: OpenCode.id, except: ["type", "text"])))
      ]
    case "reasoning":
      let signature = part["metadata"]?.members.lazy.compactMap { $0.value["signature"]?.string }
        .first { _ in true }
      return [
        .thinking(
          Block.Thinking(
            part["text"]?.string ?? "", signature: signature,
            extras: part.extras(of: OpenCode.id, except: ["type", "text"])))
      ]
    case "tool":
      return [
        .toolCall(
          Block.ToolCall(
            id: part["callID"]?.string ?? "", name: part["tool"]?.string ?? "",
            arguments: part["state"]?["input"].map { RawJSON($0.raw) },
            extras: part.extras(of: OpenCode.id, except: ["type", "callID", "tool", "state"])))
      ]
    case "file": return [file(part)]
    default: break
    }
    return [.opaque(Block.OpaqueBlock(format: OpenCode.id, type: type, json: RawJSON(part.raw)))]
  }

  /// What the tool of a part answered; nil when it is none, or did not end.
  static func result(_ part: JSONValue) -> Block.ToolResult? {
    guard part.text("type") == "tool", let state = part["state"] else { return nil }
    var content: [Block] = []
    switch state.text("status") {
    case "completed":
      if let output = state["output"]?.string { content.append(.text(Block.Text(output))) }
    case "error":
      if let error = state["error"]?.string { content.append(.text(Block.Text(error))) }
    default: return nil
    }
    content += state["attachments"].map { Array($0.elements).map(file) } ?? []
    return Block.ToolResult(
      callID: part["callID"]?.string ?? "", name: part["tool"]?.string, content: content,
      isError: state.text("status") == "error",
      extras: state.extras(
        of: OpenCode.id, except: ["status", "input", "output", "error", "attachments"]))
  }

  /// A picture, or another file with its content or its place.
  private static func file(_ part: JSONValue) -> Block {
    let type = part["mime"]?.string
    let image = ImageAddress.block(part["url"]?.string ?? "")
    if type?.string.hasPrefix("image/") == true {
      return .image(
        Block.Image(
          mediaType: type, base64: image.base64, path: image.path,
          extras: part.extras(of: OpenCode.id, except: ["type", "mime", "url"])))
    }
    return .file(
      Block.File(
        name: part["filename"]?.string, mediaType: type, base64: image.base64, path: image.path))
  }
}
