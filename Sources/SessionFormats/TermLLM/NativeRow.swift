import JSONText
import SessionCoding
import SessionModel

/// A row of `messages` as term-llm itself would write it.
struct NativeRow {
  var role: String
  var parts: [UInt8]
  /// The column `text_content`.
  var text: [UInt8]
  var time: Timestamp?
  var milliseconds: Int64
  var turn: Int64
  var isTail: Bool
  /// Columns that an earlier conversion kept as extras.
  var extras: [Extra]
  /// Tool calls among the parts, for the session's counter.
  var toolCalls: Int64

  /// The rows that stand for a message; none when the schema has no place for it.
  ///
  /// Tool results have rows of their own, so a message that mixes them with other blocks is split.
  static func rows(for message: Message, _ shape: PartShape) -> [NativeRow] {
    switch message.role {
    case .user, .assistant, .system, .tool, .developer: break
    case .other: return []
    }
    // The documented schema has one role for instructions.
    let role = message.role == .developer && !shape.isCurrent ? .system : message.role
    if message.blocks.isEmpty { return [row(message, message.blocks, role, shape)] }
    var rows: [NativeRow] = []
    var start = 0
    while start < message.blocks.count {
      let areResults = message.blocks[start].isToolResult
      var end = start + 1
      while end < message.blocks.count, message.blocks[end].isToolResult == areResults { end += 1 }
      let isWhole = start == 0 && end == message.blocks.count
      let run = isWhole ? message.blocks : Array(message.blocks[start..<end])
      start = end
      guard run.contains(where: { $0.isExpressible(shape) }) else { continue }
      rows.append(row(message, run, areResults ? .tool : role, shape))
    }
    for index in rows.indices.dropFirst() { rows[index].extras = [] }
    return rows
  }

  private static func row(
    _ message: Message, _ blocks: [Block], _ role: Role, _ shape: PartShape
  ) -> NativeRow {
    var text: [UInt8] = []
    Parts.textContent(of: blocks, shape: shape).appendUTF8(to: &text)
    return NativeRow(
      role: role.name, parts: Parts.encode(blocks, shape: shape), text: text,
      time: message.time, milliseconds: (message.duration ?? 0) / 1_000_000,
      turn: message.turn ?? 0,
      isTail: shape.isCurrent && message.flags.contains(.compactionTail),
      extras: message.extras,
      toolCalls: blocks.reduce(0) { if case .toolCall = $1 { $0 + 1 } else { $0 } })
  }

  /// The rows that stand for a compaction: the summary, then what was retained.
  ///
  /// - Parameter isRepeated: Whether a retained message stands in the session already.
  static func rows(
    for messages: [Message], _ shape: PartShape, isRepeated: (Message) -> Bool
  ) -> [NativeRow] {
    guard
      let summary = messages.firstIndex(where: { $0.flags.contains(.compactionSummary) })
        ?? messages.indices.first
    else { return [] }
    var rows = summaryRows(messages[summary], shape)
    for (index, message) in messages.enumerated() where index != summary {
      var message = message
      let isMarked = message.flags.contains(.compactionTail)
      message.flags.remove(.compactionTail)
      var others = Self.rows(for: message, shape)
      let isTail = shape.isCurrent && (isMarked || isRepeated(message))
      for other in others.indices { others[other].isTail = isTail }
      rows += others
    }
    return rows
  }

  /// The rows for the message that summarises what came before.
  static func summaryRows(_ message: Message, _ shape: PartShape) -> [NativeRow] {
    var message = message
    message.role = .user
    message.flags.remove(.compactionTail)
    // The marked text must come first, in a row of its own if there are tool results.
    var marked = Block.Text(JSONString(CompactionGroups.marker + "\n"))
    if let index = message.blocks.firstIndex(where: { $0.plainText != nil }),
      case .text(let block) = message.blocks.remove(at: index)
    {
      var text: [UInt8] = []
      block.text.appendUTF8(to: &text)
      marked = block
      if !CompactionGroups.isSummary(text) {
        marked.text = JSONString(decodedUTF8: Array(CompactionGroups.marker.utf8) + [0x0A] + text)
      }
    }
    message.blocks =
      [.text(marked)] + message.blocks.filter { !$0.isToolResult }
      + message.blocks.filter(\.isToolResult)
    return rows(for: message, shape)
  }

  /// Whether the tool shows the row as a bubble; `message_count` counts these.
  static func isVisible(role: [UInt8], text: [UInt8], isTail: Bool) -> Bool {
    if isTail { return false }
    if role.elementsEqual("user".utf8) { return !CompactionGroups.isSummary(text) }
    return role.elementsEqual("assistant".utf8)
      && text.contains { !((9...13).contains($0) || $0 == 0x20) }
  }

  /// The value of a column; nil where the row says nothing of it.
  func value(_ column: String) -> SQLiteValue? {
    switch column {
    case "created_at": return SQLiteValue(time: time)
    case "turn_index": return .integer(turn)
    case "duration_ms": return .integer(milliseconds)
    case "compaction_tail": return .integer(isTail ? 1 : 0)
    case "role": return SQLiteValue(role)
    case "parts": return .text(parts)
    case "text_content": return .text(text)
    case "client_message_id", "response_id":
      return extra(column) ?? SQLiteValue("")
    case "assistant_segment_ordinal":
      return extra(column) ?? .integer(role == "assistant" ? 0 : -1)
    case "segment_start_sequence", "segment_end_sequence": return extra(column) ?? .integer(0)
    default: return nil
    }
  }

  private func extra(_ column: String) -> SQLiteValue? {
    extras.value(column, of: TermLLM.id).flatMap { SQLiteValue($0) }
  }
}
