import JSONText
import SessionCoding
import SessionModel

/// Says messages in rows of Hermes.
struct HermesEncoder: RowEncoder {
  private(set) var stripped = StrippedSettings()
  private let head: SessionHead
  private let columns: Set<String>
  private var title: String?
  private var isOpen = false
  private var time: Timestamp
  private var calls: Int64 = 0
  /// Whether there are rows that do not come from Hermes.
  private var isChanged = false

  /// Columns of a session that change what the tool is told or may do.
  private static let settings: Set<String> = ["system_prompt"]

  init(_ head: SessionHead, _ schema: RowSchema, to rows: NewRows) {
    self.head = head
    columns = Set(rows.columns(of: "messages"))
    title = head.title
    time = head.created ?? head.updated ?? Timestamp(seconds: 0)
  }

  // MARK: The session

  private mutating func open(_ rows: NewRows) throws(FormatError) -> Int {
    if isOpen { return 0 }
    isOpen = true
    var values: [(String, SQLiteValue)] = [
      ("source", SQLiteValue("cli")), ("model", SQLiteValue(optional: head.model)),
      ("title", try free(title, rows)), ("started_at", SQLiteValue(epochSeconds: time)),
      ("cwd", SQLiteValue(optional: head.workspace)),
      ("git_branch", SQLiteValue(optional: head.gitBranch)),
      ("archived", .integer(head.archived == true ? 1 : 0)),
    ]
    if let usage = head.usage {
      values += [
        ("input_tokens", .integer(usage.input ?? 0)),
        ("output_tokens", .integer(usage.output ?? 0)),
        ("cache_read_tokens", .integer(usage.cacheRead ?? 0)),
        ("cache_write_tokens", .integer(usage.cacheWrite ?? 0)),
      ]
    }
    // Without a marker the child would be resumed in its parent's place.
    if let parent = head.parent, let marker = Self.marker(parent.kind) {
      values.append(("parent_session_id", try rows.reference(to: SQLiteValue(parent.id))))
      var json = JSONWriter()
      json.object([marker: JSONString(parent.id)])
      values.append(("model_config", .text(json.bytes)))
    }
    let present = rows.database.layout
    try rows.setSession(values.filter { present.has($0.0, in: "sessions") })
    return 1
  }

  private static func marker(_ kind: ParentLink.Kind) -> StaticString? {
    switch kind {
    case .branch: "_branched_from"
    case .subagent: "_delegate_from"
    case .continuation, .unknown: nil
    }
  }

  /// A title of at most a hundred characters that no other session has, or NULL.
  private func free(_ title: String?, _ rows: NewRows) throws(FormatError) -> SQLiteValue {
    guard let title, !title.isEmpty else { return .null }
    let plain = String(
      String.UnicodeScalarView(
        title.unicodeScalars.filter {
          $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
        })
    ).prefix(100)
    var (number, wanted) = (1, String(plain))
    while try rows.database.value(
      "SELECT 1 FROM sessions WHERE title = ?1 AND id IS NOT ?2",
      [SQLiteValue(wanted), SQLiteValue(rows.id)]) != nil
    {
      number += 1
      wanted = plain.prefix(94) + " #\(number)"
    }
    return SQLiteValue(wanted)
  }

  mutating func copy(
    _ copied: [TableRow], of entry: Entry, to rows: NewRows
  ) throws(FormatError) -> Int {
    if let row = copied.first, row.table == "sessions" {
      isOpen = true
      var row = row
      for index in row.columns.indices {
        let (name, value) = row.columns[index]
        if name == "title" { row.columns[index].value = try free(title ?? value.string, rows) }
        if name == "parent_session_id" { row.columns[index].value = try rows.reference(to: value) }
        if rows.stripsSettings, Self.settings.contains(name), !value.isNull {
          stripped.add(name)
          row.columns[index].value = .null
        }
      }
      try rows.insert(row)
      for other in copied.dropFirst() { try rows.insert(other) }
      return 1
    }
    let opened = try open(rows)
    var count = 0
    for row in copied where try rows.insert(row) { count += 1 }
    for row in copied where row.table == "messages" {
      time = row["timestamp"]?.epochSeconds ?? time
      calls += Int64(row["tool_calls"]?.document?.elements.count { _ in true } ?? 0)
    }
    // The rows of a compaction are read as one.
    return opened + min(count, 1)
  }

  // MARK: Messages

  mutating func write(_ entry: Entry, to rows: NewRows) throws(FormatError) -> Int {
    let opened = try open(rows)
    switch entry.content {
    case .message(let message):
      return try opened + write(message, isEffective: entry.isEffective, rows)
    case .checkpoint(let checkpoint):
      guard entry.isEffective, let messages = checkpoint.messages else { return opened }
      // What came before it is not sent any more.
      let compacted = columns.contains("compacted") ? "active = 0, compacted = 1" : "active = 0"
      if columns.contains("active") {
        try rows.database.rows(
          "UPDATE messages SET \(compacted) WHERE session_id = ?1", [SQLiteValue(rows.id)])
      }
      var count = 0
      for message in messages { count += try write(message, isEffective: true, rows) }
      return opened + count
    case .headChange(let changed):
      if entry.origin == nil, changed.title != title {
        title = changed.title
        try rows.updateSession(["title": free(title, rows)])
      }
      return opened
    case .usage, .metric, .event, .opaque: return opened
    }
  }

  private mutating func write(
    _ message: Message, isEffective: Bool, _ rows: NewRows
  ) throws(FormatError) -> Int {
    if case .other = message.role { return 0 }
    guard isEffective || columns.contains("active") else { return 0 }
    var count = 0
    for run in message.runs {
      guard let values = values(of: run) else { continue }
      time = run.time ?? time
      var columns = values + [("timestamp", SQLiteValue(epochSeconds: time))]
      if !isEffective { columns.append(("active", .integer(0))) }
      try rows.insert(TableRow(table: "messages", columns: columns))
      count += 1
      isChanged = true
    }
    return count
  }

  /// The columns of a run of blocks; nil when nothing of it has a place.
  private mutating func values(of run: Message) -> [(name: String, value: SQLiteValue)]? {
    if case .toolResult(let result)? = run.blocks.first {
      return [
        ("role", SQLiteValue("tool")), ("content", Self.content(result.content)),
        ("tool_call_id", .text(Self.bytes(result.callID))),
        ("tool_name", result.name.map { .text(Self.bytes($0)) } ?? .null),
      ]
    }
    let content = run.blocks.filter { $0.isChatPart && $0.chatText?.isEmpty != true }
    var values: [(name: String, value: SQLiteValue)] = [
      ("role", SQLiteValue(run.role == .tool ? "user" : run.role.name))
    ]
    var said = !content.isEmpty
    values.append(("content", content.isEmpty ? .null : Self.content(content)))
    if run.role == .assistant {
      let made = run.blocks.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
      if !made.isEmpty {
        var json = JSONWriter(reserving: 512)
        json.chatCalls(made, of: Hermes.id)
        values.append(("tool_calls", .text(json.bytes)))
        calls += Int64(made.count)
      }
      let thinking = run.blocks.compactMap { block -> String? in
        if case .thinking(let thinking) = block { thinking.text.string } else { nil }
      }.filter { !$0.isEmpty }
      if !thinking.isEmpty {
        let text = SQLiteValue(thinking.joined(separator: "\n\n"))
        values += [("reasoning", text), ("reasoning_content", text)]
      }
      values.append(("finish_reason", SQLiteValue(made.isEmpty ? "stop" : "tool_calls")))
      said = said || !made.isEmpty || !thinking.isEmpty
    }
    guard said else { return nil }
    return values.filter { columns.contains($0.name) }
  }

  /// One text as it is; pictures, and several blocks, as marked JSON.
  private static func content(_ blocks: [Block]) -> SQLiteValue {
    let parts = blocks.filter(\.isChatPart)
    if parts.isEmpty { return SQLiteValue("") }
    if parts.count == 1, let text = parts[0].chatText { return .text(bytes(text)) }
    var json = JSONWriter(reserving: 1_024)
    json.chatParts(parts)
    return .text([0] + Array("json:".utf8) + json.bytes)
  }

  private static func bytes(_ text: JSONString) -> [UInt8] {
    var bytes: [UInt8] = []
    text.appendUTF8(to: &bytes)
    return bytes
  }

  mutating func finish(to rows: NewRows) throws(FormatError) -> Int {
    let opened = try open(rows)
    guard isChanged else { return opened }
    let live = columns.contains("active") ? " AND active = 1" : ""
    let count = try rows.database.value(
      "SELECT count(*) FROM messages WHERE session_id = ?1" + live, [SQLiteValue(rows.id)])
    try rows.updateSession(["message_count": count ?? .null, "tool_call_count": .integer(calls)])
    return opened
  }
}
