import JSONText
import SessionCoding
import SessionModel

/// Rules on what a session refers to (invariants 8, 10, 35, 36 and 37).
struct RelationRules {
  let connection: TermLLMConnection
  let session: SQLiteValue

  func check(
    _ row: SessionRow, _ place: (table: String, row: Int64), _ log: inout RuleLog
  ) throws(FormatError) {
    if let parent = row["parent_id"], !parent.isNull { try checkParents(parent, place, &log) }
    try checkBranch(&log)
    try checkRedo(&log)
    try checkPlan(&log)
  }

  private func checkParents(
    _ parent: SQLiteValue, _ place: (table: String, row: Int64), _ log: inout RuleLog
  ) throws(FormatError) {
    var next = parent
    var seen: Set<SQLiteValue> = [session]
    while !next.isNull {
      if !seen.insert(next).inserted {
        log.add("parent-cycle", .warning, place, "the session descends from itself")
        return
      }
      let rows = try connection.rows("SELECT parent_id FROM sessions WHERE id = ?1", [next])
      guard let row = rows.first else {
        if next == parent {
          log.add(
            "parent-exists", .error, place,
            "the parent session is missing; term-llm cannot update the session",
            repair: "set parent_id to NULL")
        }
        return
      }
      next = row[0]
    }
  }

  private func checkBranch(_ log: inout RuleLog) throws(FormatError) {
    guard connection.layout.has("fork_after_sequence", in: "session_branches") else { return }
    let rows = try connection.rows(
      """
      SELECT fork_after_sequence, EXISTS(SELECT 1 FROM sessions WHERE id = parent_session_id),
        (SELECT count(*) FROM messages WHERE session_id = ?1)
      FROM session_branches WHERE child_session_id = ?1
      """, [session])
    guard let row = rows.first else { return }
    let place = (table: "session_branches", row: Int64(1))
    if row[1].int64 == 0 {
      log.add("branch-parent", .info, place, "the session it was branched from is gone")
    }
    if let anchor = row[0].int64, let count = row[2].int64, count < anchor {
      log.add("branch-anchor", .info, place, "the branch has fewer rows than it was made with")
    }
  }

  private func checkRedo(_ log: inout RuleLog) throws(FormatError) {
    guard connection.layout.has("suffix", in: "session_redo") else { return }
    let rows = try connection.rows(
      """
      SELECT stack_pos, suffix, (SELECT max(sequence) FROM messages WHERE session_id = ?1)
      FROM session_redo WHERE session_id = ?1 ORDER BY stack_pos DESC LIMIT 1
      """, [session])
    guard let row = rows.first, let last = row[2].int64, let bytes = row[1].bytes,
      let document = JSONDocument(ifValid: bytes, limits: .go)
    else { return }
    let sequences = document.root.elements.map { $0["sequence"]?.int64 ?? 0 }
    if sequences.contains(where: { $0 <= last }) {
      log.add(
        "redo-sequence", .warning, ("session_redo", row[0].int64 ?? 0),
        "what was undone no longer fits behind the last message")
    }
  }

  private func checkPlan(_ log: inout RuleLog) throws(FormatError) {
    guard connection.layout.has("snapshot", in: "session_plans") else { return }
    let rows = try connection.rows(
      "SELECT snapshot FROM session_plans WHERE session_id = ?1", [session])
    guard let bytes = rows.first?[0].bytes else { return }
    let statuses = ["pending", "in_progress", "completed"]
    let plan = (JSONDocument(ifValid: bytes, limits: .go))?.root["plan"]
    let isValid =
      plan.map { plan in
        plan.kind == .array && plan.elements.count <= 20
          && plan.elements.allSatisfy {
            $0["step"]?.string != nil && statuses.contains($0["status"]?.string?.string ?? "")
          }
      } ?? false
    if !isValid {
      log.add("plan", .info, ("session_plans", 1), "the plan is not valid; term-llm deletes it")
    }
  }
}
