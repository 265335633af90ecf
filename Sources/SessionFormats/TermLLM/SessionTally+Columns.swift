import JSONText
import SessionCoding
import SessionModel

extension SessionTally {
  /// The columns of `sessions` to set when all rows are written.
  ///
  /// - Parameters:
  ///   - row: The row as it is now; triggers may have counted.
  ///   - origin: The row that was copied, whose values stand unless rows were added to it.
  ///   - changed: Columns that a later head set.
  func columns(
    row: SessionRow?, origin: TermLLMRow?, head: SessionHead, changed: Set<String>,
    times: SynthesisedTimes
  ) -> [String: SQLiteValue] {
    guard let origin else { return nativeColumns(head: head, times: times) }
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

  private func nativeColumns(
    head: SessionHead, times: SynthesisedTimes
  ) -> [String: SQLiteValue] {
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
