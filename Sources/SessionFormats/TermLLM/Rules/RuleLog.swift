import SessionCoding
import SessionModel

/// Collects what rules find: the first place of each rule and how often it was broken.
///
/// Conversions copy rows as they are or keep them verbatim, so no finding stops one.
struct RuleLog {
  private var findings: [Finding] = []
  private var counts: [String: (index: Int, count: Int)] = [:]
  private let path: String

  init(path: String) { self.path = path }

  /// Notes that a rule is broken in a row; nil for the database as a whole.
  mutating func add(
    _ rule: String, _ severity: Severity, _ row: (table: String, row: Int64)?,
    _ message: @autoclosure () -> String, repair: String? = nil
  ) {
    if let known = counts[rule] {
      counts[rule] = (known.index, known.count + 1)
      return
    }
    counts[rule] = (findings.count, 1)
    let place: Place =
      row.map { .row(path: path, table: $0.table, row: $0.row) } ?? .file(path: path)
    findings.append(
      Finding(
        rule: "term-llm." + rule, severity: severity, place: place, message: message(),
        repair: repair, isSalvaged: true))
  }

  /// The findings, each telling how many more of its kind there are.
  var all: [Finding] {
    var all = findings
    for (index, count) in counts.values where count > 1 {
      all[index].message += " (and \(count - 1) more)"
    }
    return all
  }
}
