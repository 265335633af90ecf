import JSONText
import SessionCoding
import SessionModel

/// The columns of `sessions` for a head, as the tool would fill them.
enum SessionColumns {
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
      guard let raw = head.extras.value(name, of: TermLLM.id),
        let document = JSONDocument(ifValid: Array(raw.bytes)),
        let value = SQLiteValue(document.root)
      else { continue }
      values[name] = value
    }
    return values
  }

  /// What the schema's defaults and the tool put into a column that nothing is said about.
  static func defaultValue(_ column: String) -> SQLiteValue {
    switch column {
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

  /// The same for a column of `messages`.
  static func defaultMessageValue(_ column: String) -> SQLiteValue {
    switch column {
    case "assistant_segment_ordinal": .integer(-1)
    case "turn_index", "duration_ms", "compaction_tail", "segment_start_sequence",
      "segment_end_sequence":
      .integer(0)
    case "client_message_id", "response_id", "text_content": SQLiteValue("")
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
