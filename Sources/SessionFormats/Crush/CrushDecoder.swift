import JSONText
import SessionCoding
import SessionModel

/// Says what the rows of one session mean.
struct CrushDecoder: RowDecoder {
  private(set) var head: SessionHead
  private(set) var log = FindingLog(Crush.id)
  private let database: RowDatabase
  /// The answer that sums up what came before it; nil when it is not among the messages.
  private var summary: String?
  private var isSent: Bool

  static func head(of session: TableRow) -> SessionHead {
    var head = SessionHead(id: session["id"]?.displayText ?? "")
    head.title = session.text("title")
    head.created = time(session["created_at"])
    head.updated = time(session["updated_at"])
    head.parent = session.text("parent_session_id").map { ParentLink(id: $0, kind: .subagent) }
    let (prompt, answer) = (session["prompt_tokens"]?.int64, session["completion_tokens"]?.int64)
    if prompt ?? 0 != 0 || answer ?? 0 != 0 {
      head.usage = TokenUsage(input: prompt, output: answer)
    }
    head.extras = session.extras(
      of: Crush.id,
      except: [
        "id", "title", "created_at", "updated_at", "parent_session_id", "prompt_tokens",
        "completion_tokens", "message_count",
      ])
    return head
  }

  /// Seconds, or milliseconds where the number is too large for these.
  private static func time(_ value: SQLiteValue?) -> Timestamp? {
    guard let number = value?.int64 else { return nil }
    return number > 100_000_000_000
      ? Timestamp(milliseconds: Double(number)) : SQLiteValue.integer(number).epochSeconds
  }

  init(_ session: TableRow, in database: RowDatabase) throws(FormatError) {
    self.database = database
    head = Self.head(of: session)
    let id = session["id"] ?? .null
    head.messageCount = try database.value(
      "SELECT count(*) FROM messages WHERE session_id = ?1", [id])?.int64.flatMap {
        Int(exactly: $0)
      }
    if database.layout.has("model", in: "messages") {
      head.model = try database.value(
        "SELECT model FROM messages WHERE session_id = ?1 AND model <> '' AND role = 'assistant'"
          + " ORDER BY created_at DESC, rowid DESC LIMIT 1", [id])?.string
    }
    if let stated = session.text("summary_message_id"),
      try database.value(
        "SELECT 1 FROM messages WHERE session_id = ?1 AND id = ?2", [id, SQLiteValue(stated)])
        != nil
    {
      summary = stated
    }
    isSent = summary == nil
    let parts = database.path.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count > 2, parts[parts.count - 2] == ".crush" {
      head.workspace = parts.dropLast(2).joined(separator: "/")
    }
  }

  mutating func decode(_ rows: [TableRow]) -> [Entry] {
    guard let row = rows.first, row.table == "messages" else { return [] }
    guard let parts = row["parts"]?.document, parts.kind == .array else {
      log.add(
        "parts", .error, database.place(of: row),
        "the parts are no JSON array; Crush cannot open the session")
      return []
    }
    var message = Message(
      role: Role(row["role"]?.displayText ?? ""), time: Self.time(row["created_at"]))
    message.id = row["id"]?.displayText
    message.model = row.text("model")
    message.blocks = parts.elements.compactMap(block)
    message.extras = row.extras(
      of: Crush.id,
      except: ["id", "role", "created_at", "updated_at", "parts", "model", "is_summary_message"])
    if message.role == .user, !message.blocks.isEmpty,
      message.blocks.allSatisfy(\.isToolResult)
    {
      message.role = .tool
    }
    guard let id = row["id"]?.displayText, id == summary else {
      return [Entry(.message(message), isEffective: isSent)]
    }
    // Crush sends the summary as if the person had said it.
    isSent = true
    message.id = nil
    message.role = .user
    message.flags = .compactionSummary
    return [Entry(.checkpoint(Checkpoint(messages: [message], time: message.time)))]
  }

  private func block(_ part: JSONValue) -> Block? {
    let data = part["data"]
    switch part.text("type") {
    case "text": return .text(Block.Text(data?["text"]?.string ?? ""))
    case "reasoning":
      let signature = data?["signature"]?.string
      var thinking = Block.Thinking(
        data?["thinking"]?.string ?? "",
        signature: signature?.isEmpty == false ? signature : nil)
      thinking.encrypted = data?["responses_data"]?["encrypted_content"]?.string
      return .thinking(thinking)
    case "tool_call":
      let input = data?["input"]?.string.map { ChatArguments.read(Array($0.string.utf8)) }
      return .toolCall(
        Block.ToolCall(
          id: data?["id"]?.string ?? "", name: data?["name"]?.string ?? "", arguments: input))
    case "tool_result":
      var content: [Block] = []
      if let text = data?["content"]?.string, !text.isEmpty {
        content.append(.text(Block.Text(text)))
      }
      if let bytes = data?["data"]?.string, !bytes.isEmpty {
        content.append(Self.medium(data?["mime_type"]?.string, bytes, path: nil))
      }
      return .toolResult(
        Block.ToolResult(
          callID: data?["tool_call_id"]?.string ?? "", name: data?["name"]?.string,
          content: content, isError: data?["is_error"]?.bool ?? false))
    case "image_url": return .image(ImageAddress.block(data?["url"]?.string ?? ""))
    case "binary":
      return Self.medium(
        data?["MIMEType"]?.string, data?["Data"]?.string ?? "", path: data?["Path"]?.string)
    case "shell_command":
      let (command, output) = (data?.text("command") ?? "", data?.text("output") ?? "")
      return .text(Block.Text(JSONString("$ \(command)\n\(output)")))
    // Why an answer ended.
    case "finish": return nil
    default:
      return .opaque(
        Block.OpaqueBlock(
          format: Crush.id, type: part["type"]?.string ?? "", json: RawJSON(part.raw)))
    }
  }

  private static func medium(
    _ type: JSONString?, _ base64: JSONString, path: JSONString?
  ) -> Block {
    type?.string.hasPrefix("image/") == true
      ? .image(Block.Image(mediaType: type, base64: base64, path: path))
      : .file(Block.File(mediaType: type, base64: base64, path: path))
  }
}
