import SessionCoding
import SessionModel

/// The rules on the rows of one session.
struct TermLLMRules {
  private let session: TableRow
  private let database: RowDatabase
  private var log = FindingLog(TermLLM.id)
  private var messages = MessageRowRules()
  private var tools = ToolRules()
  private var counters = CounterRules()
  private var relations: RelationRules

  init(_ rows: SessionRows) {
    session = rows.session
    database = rows.database
    relations = RelationRules(database, session)
    SessionRowRules(row: session, place: database.place(of: session)).check(&log)
  }

  /// Checks the next row.
  mutating func check(_ row: TableRow) {
    relations.check(row, &log)
    guard row.table == "messages" else { return }
    let place = database.place(of: row)
    counters.count(row)
    if let message = messages.check(row, place, &log) { tools.check(message, place, &log) }
  }

  /// What all rules found.
  ///
  /// - Parameter isWhole: Whether no row was left out; those are there all the same.
  mutating func findings(isWhole: Bool) throws(FormatError) -> [Finding] {
    tools.finish(&log)
    if isWhole {
      counters.check(session, calls: tools.calls, database.place(of: session), &log)
    }
    try relations.finish(&log)
    return log.findings.filter { isWhole || $0.rule != "term-llm.sequence-gap" }
  }
}
