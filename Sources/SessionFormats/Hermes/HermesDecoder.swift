import JSONText
import SessionCoding
import SessionModel

/// Says what the rows of one session mean.
struct HermesDecoder: RowDecoder {
  private(set) var head: SessionHead
  private(set) var log = FindingLog(Hermes.id)
  private let database: RowDatabase
  private let chat = ChatMessages(format: Hermes.id)
  private var compactions: [Compaction] = []

  /// The rows that a compaction wrote, by their numbers, and the one with its summary.
  private struct Compaction {
    var rows: Range<Int64>
    var summary: Int64
    /// Whether no later compaction has put them away.
    var isLive: Bool
  }

  /// The summary of the compaction that the last row asked for belongs to.
  private var group: Int64?

  /// What the summary of a compaction begins with.
  private static let summary = "[CONTEXT COMPACTION"
  /// What comes before content that is no text.
  private static let mark: [UInt8] = [0] + Array("json:".utf8)

  static func head(of session: TableRow) -> SessionHead {
    var head = SessionHead(id: session["id"]?.displayText ?? "")
    head.title = session.text("title")
    head.created = session["started_at"]?.epochSeconds
    head.updated = session["ended_at"]?.epochSeconds ?? head.created
    head.workspace = session.text("cwd") ?? session.text("git_repo_root")
    head.gitBranch = session.text("git_branch")
    head.model = session.text("model")
    head.archived = session["archived"]?.flag
    let counts = [
      "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
      "reasoning_tokens",
    ].map { session[$0]?.int64 }
    if counts.contains(where: { $0 ?? 0 != 0 }) {
      head.usage = TokenUsage(
        input: counts[0], output: counts[1], cacheRead: counts[2], cacheWrite: counts[3])
    }
    head.parent = parent(of: session)
    head.extras = session.extras(
      of: Hermes.id,
      except: [
        "id", "title", "started_at", "ended_at", "cwd", "git_branch", "model", "archived",
        "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
        "parent_session_id", "message_count", "tool_call_count",
      ])
    return head
  }

  /// The session's parent, with what its marker says of it.
  private static func parent(of session: TableRow) -> ParentLink? {
    let markers = session["model_config"]?.document
    if let id = markers?.text("_branched_from") { return ParentLink(id: id, kind: .branch) }
    if let id = markers?.text("_delegate_from") { return ParentLink(id: id, kind: .subagent) }
    return session.text("parent_session_id").map { ParentLink(id: $0, kind: .unknown) }
  }

  init(_ session: TableRow, in database: RowDatabase) throws(FormatError) {
    self.database = database
    head = Self.head(of: session)
    let id = session["id"] ?? .null
    let facts = try database.rows(
      "SELECT max(timestamp), count(*) FROM messages WHERE session_id = ?1", [id])
    if let last = facts.first?[0].epochSeconds { head.updated = last }
    head.messageCount = facts.first?[1].int64.flatMap { Int(exactly: $0) }
    if let parent = head.parent, parent.kind == .unknown,
      database.layout.has("end_reason", in: "sessions"),
      try database.value("SELECT end_reason FROM sessions WHERE id = ?1", [SQLiteValue(parent.id)])?
        .string == "compression"
    {
      head.parent?.kind = .continuation
    }
    compactions = try Self.compactions(database, id)
  }

  /// The rows that compactions wrote: a summary, with rows that were there before around it.
  ///
  /// Those of the last one begin after the rows that it put away; what it kept is written once more.
  private static func compactions(
    _ database: RowDatabase, _ session: SQLiteValue
  ) throws(FormatError) -> [Compaction] {
    guard database.layout.has(["active", "compacted"], in: "messages") else { return [] }
    let summaries = try database.rows(
      """
      SELECT id, active FROM messages WHERE session_id = ?1 AND (active = 1 OR compacted = 1)
      AND substr(content, 1, \(Self.summary.utf8.count)) = ?2 ORDER BY id
      """, [session, SQLiteValue(Self.summary)]
    ).compactMap { row in row[0].int64.map { (id: $0, isLive: row[1].int64 == 1) } }
    var compactions: [Compaction] = []
    for (index, (id, isLive)) in summaries.enumerated() {
      // An earlier one that is still sent is a text like others.
      if isLive, index + 1 < summaries.count { continue }
      let state = isLive ? "active = 1" : "compacted = 1"
      let isKept = """
        EXISTS (
          SELECT 1 FROM messages AS old WHERE old.session_id = ?1 AND old.compacted = 1
          AND old.id < min(row.id, ?2) AND old.role = row.role AND old.content IS row.content
          AND old.tool_call_id IS row.tool_call_id)
        """
      func first(_ condition: String) throws(FormatError) -> Int64? {
        try database.value(
          "SELECT id FROM messages AS row WHERE session_id = ?1 AND \(condition) LIMIT 1",
          [session, .integer(id)])?.int64
      }
      let ends = "NOT (\(state)\(isLive ? "" : " AND \(isKept)"))"
      guard try first("id < ?2 AND compacted = 1") != nil,
        let before = try first("id < ?2 AND \(ends) ORDER BY id DESC")
      else { continue }
      let after = try first("id > ?2 AND NOT (\(state) AND \(isKept)) ORDER BY id")
      let least = max(before + 1, compactions.last?.rows.upperBound ?? 0)
      guard least <= id else { continue }
      compactions.append(
        Compaction(rows: least..<max(after ?? .max, id + 1), summary: id, isLive: isLive))
    }
    return compactions
  }

  /// The compaction that wrote a row.
  private func compaction(of row: TableRow) -> Compaction? {
    guard row.table == "messages", let id = row["id"]?.int64,
      let compaction = compactions.first(where: { $0.rows.contains(id) }),
      compaction.isLive ? isActive(row) : row["compacted"]?.int64 == 1
    else { return nil }
    return compaction
  }

  mutating func joins(_ row: TableRow) -> Bool {
    // What was used is counted beside the session's own row, and changes with it.
    if row.table == "session_model_usage" { return true }
    let group = compaction(of: row)?.summary
    defer { self.group = group }
    return group != nil && group == self.group
  }

  mutating func decode(_ rows: [TableRow]) -> [Entry] {
    guard let row = rows.first, row.table == "messages", row["role"]?.string != "session_meta"
    else {
      return []
    }
    guard let compaction = compaction(of: row) else {
      return [Entry(.message(message(row)), isEffective: isActive(row))]
    }
    let messages = rows.map { row in
      var message = message(row)
      message.id = nil
      message.flags.insert(
        row["id"]?.int64 == compaction.summary ? .compactionSummary : .compactionTail)
      return message
    }
    return [
      Entry(
        .checkpoint(Checkpoint(messages: messages, time: row["timestamp"]?.epochSeconds)),
        isEffective: isActive(row))
    ]
  }

  private func isActive(_ row: TableRow) -> Bool { row["active"]?.int64 ?? 1 == 1 }

  private mutating func message(_ row: TableRow) -> Message {
    var message = Message(
      role: Role(row["role"]?.displayText ?? ""), time: row["timestamp"]?.epochSeconds)
    message.id = row["id"]?.displayText
    let content = content(row)
    if message.role == .tool {
      message.blocks = [
        .toolResult(
          Block.ToolResult(
            callID: JSONString(row["tool_call_id"]?.displayText ?? ""),
            name: row.text("tool_name").map { JSONString($0) }, content: content,
            isError: Self.isError(content)))
      ]
    } else {
      if let thinking = row.text("reasoning_content") ?? row.text("reasoning") {
        message.blocks.append(.thinking(Block.Thinking(JSONString(thinking))))
      }
      message.blocks += content + calls(row)
    }
    message.extras = row.extras(
      of: Hermes.id,
      except: [
        "id", "role", "timestamp", "content", "tool_call_id", "tool_name", "tool_calls", "active",
        "compacted", "reasoning_content", "reasoning",
      ])
    return message
  }

  private mutating func content(_ row: TableRow) -> [Block] {
    guard let bytes = row["content"]?.bytes, !bytes.isEmpty else { return [] }
    guard bytes.starts(with: Self.mark) else {
      return [.text(Block.Text(JSONString(decodedUTF8: bytes)))]
    }
    let json = Array(bytes.dropFirst(Self.mark.count))
    guard let root = JSONDocument(ifValid: json, limits: .go)?.root else {
      log.add(
        "content", .warning, database.place(of: row),
        "the content is marked as JSON and is none; Hermes sends it as text")
      return [.text(Block.Text(JSONString(decodedUTF8: bytes)))]
    }
    return chat.blocks(root)
  }

  private mutating func calls(_ row: TableRow) -> [Block] {
    guard let value = row["tool_calls"], !value.isNull, value.bytes?.isEmpty == false else {
      return []
    }
    guard let calls = value.document, calls.kind == .array else {
      log.add(
        "tool-calls", .error, database.place(of: row),
        "the calls are no JSON array; Hermes drops them")
      return []
    }
    return chat.calls(calls)
  }

  /// The tools of Hermes answer with an object that has an `error`.
  private static func isError(_ content: [Block]) -> Bool {
    guard case .text(let text)? = content.first, content.count == 1,
      let root = JSONDocument(ifValid: Array(text.text.string.utf8), limits: .go)?.root,
      let error = root["error"]
    else { return false }
    return !error.isNull && error.bool != false && error.string?.isEmpty != true
  }
}
