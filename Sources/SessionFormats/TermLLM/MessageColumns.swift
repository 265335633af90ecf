import JSONText
import SessionCoding
import SessionModel

/// How rows of `messages` become messages.
package enum MessageColumns {
  /// Columns that the model has a place for; all others become extras.
  private static let modelled: Set<String> = [
    "id", "sequence", "created_at", "role", "parts", "text_content", "duration_ms", "turn_index",
    "compaction_tail",
  ]

  /// Whether a row repeats an earlier one after a compaction.
  static func isTail(_ row: TableRow) -> Bool { row["compaction_tail"]?.flag ?? false }

  /// The message of a row.
  ///
  /// - Throws: Where the tool cannot decode the parts.
  static func message(of row: TableRow) throws(GoDecodingError) -> Message {
    var message = Message(role: Role(row["role"]?.displayText ?? ""))
    let parts = row["parts"] ?? .null
    message.blocks = try Parts.blocks(of: parts.bytes ?? Array((parts.displayText ?? "").utf8))
    message.id = row["id"]?.displayText
    message.time = row["created_at"]?.time
    if let milliseconds = row["duration_ms"]?.int64, milliseconds != 0 {
      let (value, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
      if !overflow { message.duration = value }
    }
    if let turn = row["turn_index"]?.int64, turn != 0 { message.turn = turn }
    if isTail(row) { message.flags.insert(.compactionTail) }
    for (name, value) in row.columns where !modelled.contains(name) {
      if !isDefault(value, name, message.role) {
        message.extras.append(Extra(column: name, value, of: TermLLM.id))
      }
    }
    let text = row["text_content"] ?? .null
    if case .text(let bytes) = text,
      Parts.textContent(of: message.blocks, shape: .head).equals(bytes.span)
    {
      return message
    }
    message.extras.append(Extra(column: "text_content", text, of: TermLLM.id))
    return message
  }

  private static func isDefault(_ value: SQLiteValue, _ name: String, _ role: Role) -> Bool {
    let isOrdinal = name == "assistant_segment_ordinal"
    switch value {
    case .null: return true
    case .text(let bytes): return bytes.isEmpty
    case .integer(0): return !isOrdinal || role == .assistant
    case .integer(-1): return isOrdinal && role != .assistant
    default: return false
    }
  }

  /// What the schema's defaults and the tool put into a column that nothing is said about.
  package static func defaultValue(_ column: String) -> SQLiteValue {
    switch column {
    case "assistant_segment_ordinal": .integer(-1)
    case "turn_index", "duration_ms", "compaction_tail", "segment_start_sequence",
      "segment_end_sequence":
      .integer(0)
    case "client_message_id", "response_id", "text_content": SQLiteValue("")
    default: .null
    }
  }
}
