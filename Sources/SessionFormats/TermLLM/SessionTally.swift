import JSONText
import SessionCoding
import SessionModel

/// What the tool keeps about a session's messages in its `sessions` row, counted while writing.
struct SessionTally {
  /// Rows of each kind that were encoded here, not copied.
  var nativeRows: Int64 = 0
  var userTurns: Int64 = 0
  var assistantTurns: Int64 = 0
  var toolCalls: Int64 = 0
  var compactions: Int64 = 0
  /// The boundary of the last effective compaction that was encoded here.
  var boundary: Int64?
  /// Visible rows, copied ones included.
  var visibleRows: Int64 = 0
  /// The latest time texts, compared as the tool compares them.
  var lastUserTime: SQLiteValue = .null
  var lastTime: SQLiteValue = .null
  var firstTime: SQLiteValue = .null
  var firstPrompt: JSONString?

  /// Counts a row.
  mutating func count(
    role: [UInt8], text: [UInt8], isTail: Bool, time: SQLiteValue
  ) {
    if NativeRow.isVisible(role: role, text: text, isTail: isTail) { visibleRows += 1 }
    if firstTime.isNull { firstTime = time }
    guard !isTail else { return }
    if role.elementsEqual("user".utf8) {
      if firstPrompt == nil, !CompactionGroups.isSummary(text) {
        firstPrompt = JSONString(decodedUTF8: text)
      }
      lastUserTime = later(lastUserTime, time)
      lastTime = later(lastTime, time)
    } else if role.elementsEqual("assistant".utf8) {
      lastTime = later(lastTime, time)
    }
  }

  /// Counts a row that was encoded here.
  mutating func countNative(_ row: NativeRow) {
    nativeRows += 1
    toolCalls += row.toolCalls
    guard !row.isTail else { return }
    switch row.role {
    // A summary is nobody's turn.
    case "user": if !CompactionGroups.isSummary(row.text) { userTurns += 1 }
    case "assistant": assistantTurns += 1
    default: break
    }
  }

  private func later(_ a: SQLiteValue, _ b: SQLiteValue) -> SQLiteValue {
    guard let first = a.bytes else { return b }
    guard let second = b.bytes else { return a }
    return first.lexicographicallyPrecedes(second) ? b : a
  }

  // MARK: Columns

  /// The columns of `sessions` to set when all rows are written.
  ///
  /// - Parameters:
  ///   - origin: The row that was copied, whose values stand unless rows were added to it.
  ///   - changed: Columns that a later head set.
  func columns(
    origin: TableRow?, head: SessionHead, changed: Set<String>
  ) -> [String: SQLiteValue] {
    guard let origin else { return nativeColumns(head) }
    var values: [String: SQLiteValue] = [:]
    if nativeRows > 0 {
      for (name, added) in [
        ("user_turns", userTurns), ("llm_turns", assistantTurns), ("tool_calls", toolCalls),
        ("transcript_rev", nativeRows), ("compaction_count", compactions),
      ] {
        let before = origin[name]?.int64 ?? (name == "transcript_rev" ? visibleRows : 0)
        let (sum, overflow) = before.addingReportingOverflow(added)
        if added > 0, !overflow { values[name] = .integer(sum) }
      }
      values["last_user_message_at"] = lastUserTime
      values["last_message_at"] = lastTime
      if let boundary { values["compaction_seq"] = .integer(boundary) }
      values["message_count"] = .integer(visibleRows)
    } else {
      // Columns that the copied row did not have yet are filled as the tool's migration does.
      if origin["transcript_rev"] == nil { values["transcript_rev"] = .integer(visibleRows) }
      if origin["last_user_message_at"] == nil { values["last_user_message_at"] = lastUserTime }
      if origin["last_message_at"] == nil { values["last_message_at"] = lastTime }
      values["message_count"] = origin["message_count"] ?? .integer(visibleRows)
    }
    return values.filter { !changed.contains($0.key) }
  }

  private func nativeColumns(_ head: SessionHead) -> [String: SQLiteValue] {
    var values: [String: SQLiteValue] = [
      "message_count": .integer(visibleRows), "transcript_rev": .integer(visibleRows),
      "user_turns": .integer(userTurns), "llm_turns": .integer(assistantTurns),
      "tool_calls": .integer(toolCalls), "last_user_message_at": lastUserTime,
      "last_message_at": lastTime, "compaction_seq": .integer(boundary ?? -1),
      "compaction_count": .integer(compactions),
    ]
    if head.summary == nil {
      values["summary"] = SQLiteValue(
        SessionColumns.summary(ofPrompt: firstPrompt?.string ?? ""))
    }
    if head.created == nil, head.updated == nil, !firstTime.isNull {
      values["created_at"] = firstTime
      values["updated_at"] = lastTime.isNull ? firstTime : lastTime
    }
    return values
  }
}
