internal import SessionCoding
internal import SessionModel

/// Findings in order, with a limit for each rule so that a broken file cannot fill memory.
struct GGCodeFindingLog {
  private static let limit = 100
  private var kept: [Finding] = []
  private var counts: [String: Int] = [:]
  /// The first finding of each rule that was not kept, in order.
  private var hidden: [Finding] = []

  mutating func add(_ finding: Finding) {
    let count = counts[finding.rule, default: 0] + 1
    counts[finding.rule] = count
    if count <= Self.limit {
      kept.append(finding)
    } else if count == Self.limit + 1 {
      hidden.append(finding)
    }
  }

  /// What was kept, and for every rule with more one finding that says how many.
  var findings: [Finding] {
    kept
      + hidden.map { finding in
        let more = counts[finding.rule, default: 0] - Self.limit
        return Finding(
          rule: finding.rule, severity: finding.severity, place: finding.place,
          message: "and \(more) more from here on", isSalvaged: finding.isSalvaged)
      }
  }
}
