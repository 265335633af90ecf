import SessionCoding
import SessionModel

/// Rules on the `sessions` row (invariants 7, 20, 21, 23, 24, 28, 30, 33, 34 and 40).
struct SessionRowRules {
  private static let times = [
    "created_at", "updated_at", "last_user_message_at", "last_message_at",
    "title_generated_at", "title_skipped_at",
  ]
  private static let flags = ["archived", "pinned", "search"]
  private static let counters = [
    "user_turns", "llm_turns", "tool_calls", "input_tokens", "cached_input_tokens",
    "cache_write_tokens", "output_tokens", "last_total_tokens", "last_message_count",
    "message_count", "compaction_count",
  ]
  private static let required =
    ["name", "summary", "title_basis_msg_seq", "compaction_seq"] + flags
    + counters.filter {
      $0 != "message_count"
    }
  private static let words: [(column: String, known: Set<String>)] = [
    ("mode", ["chat", "ask", "plan", "exec"]),
    ("status", ["active", "complete", "error", "interrupted"]),
    ("origin", ["tui", "web", "telegram"]), ("title_source", ["", "user", "generated"]),
  ]

  let row: TableRow
  let place: Place

  func check(_ log: inout FindingLog) {
    checkNulls(&log)
    checkTimes(&log)
    checkFlagsAndCounters(&log)
    checkWords(&log)
    if let number = row["number"] {
      if number.isNull || number.int64.map({ $0 < 1 }) ?? true {
        log.add("number", .warning, place, "the session has no number that '#n' could find")
      }
    }
    if case .text(let bytes)? = row["summary"], String(validating: bytes, as: UTF8.self) == nil {
      log.add("summary-utf8", .info, place, "the summary ends inside a character")
    }
  }

  private func checkNulls(_ log: inout FindingLog) {
    for column in Self.required where row[column] == .null {
      log.add(
        "null", .error, place, "column \(column) is NULL; term-llm cannot list or read the session",
        repair: "set it to '' or 0")
    }
  }

  private func checkTimes(_ log: inout FindingLog) {
    for column in Self.times {
      guard let value = row[column], !value.isNull else { continue }
      if case .text(let bytes) = value, TermLLMTime.isReadable(bytes) { continue }
      log.add(
        "time", .error, place,
        "column \(column) holds a time that term-llm cannot read; listing fails entirely")
    }
    guard let created = row["created_at"]?.time else { return }
    for column in ["updated_at", "last_user_message_at", "last_message_at"] {
      if let time = row[column]?.time, time < created {
        log.add("time-order", .info, place, "column \(column) is before created_at")
      }
    }
  }

  private func checkFlagsAndCounters(_ log: inout FindingLog) {
    for column in Self.flags {
      if let value = row[column], !value.isNull, value.flag == nil {
        log.add("boolean", .error, place, "column \(column) is neither 0 nor 1")
      }
    }
    for column in Self.counters {
      if let value = row[column]?.int64, value < 0 {
        log.add("counter-negative", .info, place, "column \(column) is negative")
      }
    }
    if let revision = row["transcript_rev"]?.int64, revision < 0 {
      log.add("transcript-rev", .info, place, "transcript_rev is negative")
    }
  }

  private func checkWords(_ log: inout FindingLog) {
    for (column, known) in Self.words {
      guard let word = row[column]?.displayText, !known.contains(word) else { continue }
      log.add("word", .info, place, "column \(column) holds \"\(word)\", which no filter matches")
    }
    guard let tags = row["tags"]?.displayText, !tags.isEmpty else { return }
    for tag in tags.split(separator: ",", omittingEmptySubsequences: false)
    where tag.isEmpty || tag.first == " " || tag.last == " " {
      log.add("tags", .info, place, "the tags hold an empty one, or blanks around a comma")
    }
  }
}
