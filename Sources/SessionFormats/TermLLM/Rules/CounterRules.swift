import SessionCoding
import SessionModel

/// Rules that compare the `sessions` row with the messages (invariants 27, 29 and 31).
struct CounterRules {
  private var visible: Int64 = 0
  private var users: Int64 = 0
  private var assistants: Int64 = 0
  private var summaries: Set<Int64> = []
  private var highest: Int64 = -1

  mutating func count(_ row: TableRow) {
    let (role, text) = (row["role"]?.bytes ?? [], row["text_content"]?.bytes ?? [])
    let isTail = MessageColumns.isTail(row)
    if NativeRow.isVisible(role: role, text: text, isTail: isTail) { visible += 1 }
    if let sequence = row["sequence"]?.int64 { highest = max(highest, sequence) }
    guard !isTail else { return }
    if role.elementsEqual("user".utf8) {
      users += 1
      if CompactionGroups.isSummary(text), let sequence = row["sequence"]?.int64 {
        summaries.insert(sequence)
      }
    } else if role.elementsEqual("assistant".utf8) {
      assistants += 1
    }
  }

  func check(_ row: TableRow, calls: Int64, _ place: Place, _ log: inout FindingLog) {
    if let count = row["message_count"], count.int64 != visible {
      log.add(
        "message-count", .warning, place,
        "message_count is \(count.displayText ?? "NULL") where \(visible) rows are shown",
        repair: "set it to \(visible)")
    }
    for (column, counted) in [
      ("user_turns", users), ("llm_turns", assistants), ("tool_calls", calls),
    ] {
      // After a compaction the counters legitimately exceed the rows.
      if let stated = row[column]?.int64, stated < counted {
        log.add("turn-counters", .info, place, "\(column) is \(stated), fewer than \(counted) rows")
      }
    }
    guard let sequence = row["compaction_seq"]?.int64 else { return }
    let count = row["compaction_count"]?.int64 ?? 0
    if sequence > highest {
      log.add("compaction-boundary", .warning, place, "the boundary lies after the last message")
    } else if sequence >= 0, sequence > 0 || count > 0, !summaries.contains(sequence) {
      log.add("compaction-boundary", .warning, place, "the boundary is no summary row")
    } else if sequence > 0 && count == 0 || sequence < 0 && count > 0 {
      log.add(
        "compaction-boundary", .warning, place,
        "compaction_seq \(sequence) and compaction_count \(count) contradict each other")
    }
  }
}
