import SessionCoding
import SessionModel

extension TermLLMSource {
  func findings(of id: String) throws(FormatError) -> [Finding] {
    var log = RuleLog(path: connection.path)
    let names = TermLLMTable.sessions.spelledColumns(
      of: connection.layout.columns["sessions"] ?? [])
    let rows = try connection.limitedRows(
      connection.select(names, from: "sessions") + " WHERE id = ?1", [SQLiteValue(id)])
    guard let values = rows.first else {
      throw FormatError(
        .notFound, "there is no session '\(id)'", at: .file(path: connection.path))
    }
    let row = SessionRow(columns: names, values: values)
    let session = row["id"] ?? .null
    let place = (table: "sessions", row: row["number"]?.int64 ?? 0)
    SessionRowRules(row: row, place: place).check(&log)

    let columns = MessageColumns(connection.layout)
    var feed = RowFeed(connection, session: session, columns: columns)
    var messages = MessageRowRules(columns)
    var tools = ToolRules()
    var counters = CounterRules()
    while let row = try feed.peek() {
      feed.advance()
      counters.count(row, columns)
      if let message = messages.check(row, &log) {
        tools.check(message, row: row[columns.id].int64 ?? 0, &log)
      }
    }
    tools.finish(&log)
    let leftOut = try leftOut(of: id)
    // Rows that are not read are there all the same.
    if leftOut.isEmpty { counters.check(row, calls: tools.calls, place, &log) }
    try RelationRules(connection: connection, session: session).check(row, place, &log)
    let found = leftOut.isEmpty ? log.all : log.all.filter { $0.rule != "term-llm.sequence-gap" }
    return leftOut.findings + found
  }

  var openingFindings: [Finding] {
    var log = RuleLog(path: connection.path)
    StoreRules(self).checkVersion(&log)
    return storeLeftOut + log.all
  }

  func storeFindings() throws(FormatError) -> [Finding] {
    var log = RuleLog(path: connection.path)
    try StoreRules(self).check(&log)
    return storeLeftOut + log.all
  }

  /// Rows of no session that are left out; what belongs to a session is told with it.
  private var storeLeftOut: [Finding] {
    // What cannot be read is told when it is converted.
    guard connection.longestValue != nil, let rows = try? storeRows() else { return [] }
    return rows.leftOut.findings.map { finding in
      var finding = finding
      finding.severity = .error
      return finding
    }
  }
}
