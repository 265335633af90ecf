import JSONText
import SessionCoding
import SessionModel

/// Rules on what a session refers to (invariants 8, 10, 35, 36 and 37).
struct RelationRules {
  private let database: RowDatabase
  private let session: TableRow
  private var branch: TableRow?
  /// The last change that was undone, and the first sequence in it.
  private var redo: (place: Place, sequence: Int64)?
  private var count: Int64 = 0
  private var highest: Int64 = .min

  init(_ database: RowDatabase, _ session: TableRow) {
    self.database = database
    self.session = session
  }

  mutating func check(_ row: TableRow, _ log: inout FindingLog) {
    switch row.table {
    case "session_branches": branch = row
    case "session_redo":
      let document = row["suffix"]?.bytes.flatMap { JSONDocument(ifValid: $0, limits: .go) }
      let first = document?.root.elements.map { $0["sequence"]?.int64 ?? 0 }.min()
      redo = first.map { (database.place(of: row), $0) }
    case "session_plans":
      if let bytes = row["snapshot"]?.bytes, !Self.isPlan(bytes) {
        log.add(
          "plan", .info, database.place(of: row), "the plan is not valid; term-llm deletes it")
      }
    case "messages":
      count += 1
      highest = max(highest, row["sequence"]?.int64 ?? .min)
    default: break
    }
  }

  private static func isPlan(_ snapshot: [UInt8]) -> Bool {
    let statuses = ["pending", "in_progress", "completed"]
    guard let plan = JSONDocument(ifValid: snapshot, limits: .go)?.root["plan"],
      plan.kind == .array, plan.elements.count <= 20
    else { return false }
    return plan.elements.allSatisfy {
      $0["step"]?.string != nil && statuses.contains($0.text("status") ?? "")
    }
  }

  func finish(_ log: inout FindingLog) throws(FormatError) {
    try checkParents(&log)
    if let redo, redo.sequence <= highest {
      log.add(
        "redo-sequence", .warning, redo.place,
        "what was undone no longer fits after the last message")
    }
    guard let branch, let anchor = branch["fork_after_sequence"] else { return }
    let place = database.place(of: branch)
    if try !database.has(branch["parent_session_id"] ?? .null, in: "id", of: "sessions") {
      log.add("branch-parent", .info, place, "the session it was branched from is gone")
    }
    if let anchor = anchor.int64, count < anchor {
      log.add("branch-anchor", .info, place, "the branch has fewer rows than it was made with")
    }
  }

  private func checkParents(_ log: inout FindingLog) throws(FormatError) {
    let place = database.place(of: session)
    var next = session["parent_id"] ?? .null
    var seen: Set<SQLiteValue> = [session["id"] ?? .null]
    while !next.isNull {
      if !seen.insert(next).inserted {
        return log.add("parent-cycle", .warning, place, "the session descends from itself")
      }
      let parent = try database.value("SELECT parent_id FROM sessions WHERE id = ?1", [next])
      if parent == nil, next == session["parent_id"] {
        log.add(
          "parent-exists", .error, place,
          "the parent session is missing; term-llm cannot update the session",
          repair: "set parent_id to NULL")
      }
      next = parent ?? .null
    }
  }
}
