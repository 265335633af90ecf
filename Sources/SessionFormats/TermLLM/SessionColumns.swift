import JSONText
import SessionCoding
import SessionModel

/// The columns of `sessions` and the head that they say.
package enum SessionColumns {
  // MARK: Reading

  /// Columns that the model has a place for; all others become extras.
  private static let modelled: Set<String> = [
    "id", "created_at", "updated_at", "parent_id", "status", "archived", "pinned", "provider",
    "provider_key", "model", "mode", "agent", "cwd", "tags", "name", "summary", "input_tokens",
    "output_tokens", "cached_input_tokens", "cache_write_tokens",
    // These follow from the messages.
    "message_count", "transcript_rev", "last_user_message_at", "last_message_at",
  ]

  /// The head that the tool shows, but for the parent of a branch, which has a row of its own.
  static func head(of row: TableRow) -> SessionHead {
    var head = SessionHead(id: row["id"]?.displayText ?? "")
    let title = row.text("name") ?? row.text("generated_short_title") ?? row.text("summary")
    head.title = title?.trimmingBlanks
    head.summary = row["summary"]?.displayText.flatMap { $0.isEmpty ? nil : $0 }
    head.created = row["created_at"]?.time
    head.updated = row["updated_at"]?.time
    head.workspace = row.text("cwd")
    head.provider = row.text("provider")
    head.providerKey = row.text("provider_key") ?? head.provider
    head.model = row.text("model")
    head.agent = row.text("agent")
    head.mode = row.text("mode")
    head.status = row.text("status")
    head.archived = row["archived"]?.flag
    head.pinned = row["pinned"]?.flag
    head.tags =
      row.text("tags")?.split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init) ?? []
    head.parent = row.text("parent_id").map { ParentLink(id: $0, kind: .subagent) }
    head.usage = TokenUsage(
      input: row["input_tokens"]?.int64, output: row["output_tokens"]?.int64,
      cacheRead: row["cached_input_tokens"]?.int64,
      cacheWrite: row["cache_write_tokens"]?.int64)
    head.extras = row.columns.compactMap { name, value in
      modelled.contains(name) || saysNothing(value, name)
        ? nil : Extra(column: name, value, of: TermLLM.id)
    }
    return head
  }

  private static func saysNothing(_ value: SQLiteValue, _ name: String) -> Bool {
    switch value {
    case .null, .integer(0): true
    case .integer(-1): name == "compaction_seq"
    case .text(let bytes): bytes.isEmpty || name == "origin" && bytes.elementsEqual("tui".utf8)
    default: false
    }
  }

  // MARK: Writing

  /// Settings that may come back from extras; none of them grants anything.
  private static let restored = [
    "generated_short_title", "generated_long_title", "title_source", "title_generated_at",
    "title_basis_msg_seq", "title_skipped_at", "reasoning_effort", "reasoning_mode", "origin",
    "search", "tools", "mcp", "goal", "last_total_tokens", "last_message_count",
  ]

  /// Columns that follow from the head alone; the others are counted while messages are written.
  static func values(of head: SessionHead) -> [String: SQLiteValue] {
    var values: [String: SQLiteValue] = [
      "id": SQLiteValue(head.id), "name": SQLiteValue(head.title ?? ""),
      "provider": SQLiteValue(head.provider ?? head.providerKey ?? ""),
      "provider_key": SQLiteValue(optional: head.providerKey),
      "model": SQLiteValue(head.model ?? ""), "mode": SQLiteValue(head.mode ?? "chat"),
      "origin": SQLiteValue("tui"), "agent": SQLiteValue(optional: head.agent),
      "cwd": SQLiteValue(head.workspace ?? ""),
      "archived": .integer(head.archived == true ? 1 : 0),
      "pinned": .integer(head.pinned == true ? 1 : 0),
      "parent_id": SQLiteValue(optional: head.parent?.id),
      "status": SQLiteValue(head.status ?? "active"),
      "tags": SQLiteValue(optional: head.tags.isEmpty ? nil : head.tags.joined(separator: ",")),
      "input_tokens": .integer(head.usage?.input ?? 0),
      "cached_input_tokens": .integer(head.usage?.cacheRead ?? 0),
      "cache_write_tokens": .integer(head.usage?.cacheWrite ?? 0),
      "output_tokens": .integer(head.usage?.output ?? 0),
    ]
    if let time = head.created ?? head.updated { values["created_at"] = SQLiteValue(time: time) }
    if let time = head.updated ?? head.created { values["updated_at"] = SQLiteValue(time: time) }
    if let summary = head.summary { values["summary"] = SQLiteValue(summary) }
    for name in restored {
      if let value = head.extras.value(name, of: TermLLM.id).flatMap({ SQLiteValue($0) }) {
        values[name] = value
      }
    }
    return values
  }

  /// What the schema's defaults and the tool put into a column that nothing is said about; the time for
  /// lack of any other is the epoch.
  package static func defaultValue(_ column: String) -> SQLiteValue {
    switch column {
    case "created_at", "updated_at": SQLiteValue(time: Timestamp(seconds: 0))
    case "name", "summary", "cwd", "provider", "model": SQLiteValue("")
    case "mode": SQLiteValue("chat")
    case "status": SQLiteValue("active")
    case "origin": SQLiteValue("tui")
    case "compaction_seq": .integer(-1)
    case "title_basis_msg_seq", "archived", "pinned", "search", "user_turns", "llm_turns",
      "tool_calls", "input_tokens", "cached_input_tokens", "cache_write_tokens",
      "output_tokens", "last_total_tokens", "last_message_count", "message_count",
      "compaction_count", "transcript_rev":
      .integer(0)
    default: .null
    }
  }

  /// The first line of the first prompt, at most 100 bytes, as the tool shortens it.
  ///
  /// Unlike the tool it never cuts inside a character.
  static func summary(ofPrompt text: String) -> String {
    let line =
      text.trimmingBlanks.split(
        separator: "\n", maxSplits: 1, omittingEmptySubsequences: false
      ).first.map(String.init) ?? ""
    guard line.utf8.count > 100 else { return line }
    var bytes = Array(line.utf8.prefix(97))
    while !bytes.isEmpty, String(validating: bytes, as: UTF8.self) == nil { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self) + "..."
  }
}

extension String {
  /// The text without white space at both ends.
  fileprivate var trimmingBlanks: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
