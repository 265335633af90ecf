import JSONText
import SessionCoding
import SessionModel

/// Rules on rows of `messages` (invariants 4, 5, 6, 13, 14, 18, 19, 20, 21, 22, 24 and 32).
struct MessageRowRules {
  private static let types: Set<String> = [
    "discovery_call", "discovery_output", "tool_activity", "provider_replay",
    "skill_activation", "agent_mention", "path_note", "diff_comment",
  ]

  private var groups = CompactionGroups(isEnabled: true)
  private var expected: Int64 = 0
  private var last: Int64?
  private var lastTime: Timestamp?
  private var layouts: Set<Int32> = []

  /// Checks the next row; gives its message if it decodes.
  mutating func check(_ row: TableRow, _ place: Place, _ log: inout FindingLog) -> Message? {
    checkSequence(row, place, &log)
    checkTime(row, place, &log)
    checkTail(row, place, &log)
    if row["text_content"] == .null || row["turn_index"] == .null {
      log.add(
        "null", .error, place, "text_content or turn_index is NULL; the session cannot be read",
        repair: "set it to '' or 0")
    }
    if row["parts"]?.bytes?.isEmpty ?? false {
      log.add("parts-empty", .warning, place, "parts is empty, which some readings refuse")
    }
    do throws(GoDecodingError) {
      let message = try MessageColumns.message(of: row)
      checkParts(message, row, place, &log)
      return message
    } catch {
      log.add(
        "parts-decode", .error, place,
        "parts do not decode (\(error.message)); term-llm cannot read the session")
      return nil
    }
  }

  private mutating func checkSequence(
    _ row: TableRow, _ place: Place, _ log: inout FindingLog
  ) {
    guard let sequence = row["sequence"]?.int64 else { return }
    if sequence == last {
      log.add("sequence-unique", .error, place, "two messages have sequence \(sequence)")
    } else if sequence < 0 {
      log.add("sequence-negative", .warning, place, "sequence \(sequence) is negative")
    } else if sequence != expected {
      log.add("sequence-gap", .info, place, "sequence \(sequence) follows \(expected - 1)")
    }
    last = sequence
    expected = sequence == .max ? sequence : sequence + 1
  }

  private mutating func checkTime(
    _ row: TableRow, _ place: Place, _ log: inout FindingLog
  ) {
    guard case .text(let bytes)? = row["created_at"], TermLLMTime.isReadable(bytes),
      let time = TermLLMTime.parse(bytes)
    else {
      log.add(
        "time", .error, place, "created_at is no time that term-llm reads; the row fails")
      return
    }
    if let lastTime, time < lastTime {
      log.add("message-time-order", .info, place, "the message is older than the one before")
    }
    lastTime = time
    if layouts.insert(time.offset).inserted, layouts.count == 2 {
      log.add(
        "time-zones", .warning, place,
        "times of several zones sort by their texts, not by when they were")
    }
  }

  private mutating func checkTail(
    _ row: TableRow, _ place: Place, _ log: inout FindingLog
  ) {
    if let tail = row["compaction_tail"], !tail.isNull, tail.flag == nil {
      log.add("boolean", .error, place, "compaction_tail is neither 0 nor 1")
    }
    if groups.place(of: row) == .message, MessageColumns.isTail(row) {
      log.add(
        "compaction-tail", .warning, place,
        "the row is marked as retained but follows no summary; it is hidden")
    }
  }

  private func checkParts(
    _ message: Message, _ row: TableRow, _ place: Place,
    _ log: inout FindingLog
  ) {
    for block in message.blocks {
      switch block {
      case .opaque(let block):
        if !Self.types.contains(block.type.string) {
          log.add("part-type", .info, place, "a part has the unknown type \"\(block.type)\"")
        }
      case .toolCall where message.role != .assistant:
        log.add("part-role", .warning, place, "a tool call stands in a \(message.role.name) row")
      case .toolResult where message.role != .tool:
        log.add("part-role", .warning, place, "a tool result stands in a \(message.role.name) row")
      default: break
      }
    }
    if message.extras.value("text_content", of: TermLLM.id) != nil {
      log.add(
        "text-content", .warning, place, "text_content is not the text of the parts")
    }
  }
}
