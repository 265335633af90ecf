import SessionCoding

/// Findings in order, with a limit for each rule so that a broken session cannot fill memory.
struct FindingLog: Sendable {
  private(set) var findings: [Finding] = []
  private var tallies: [Tally] = []
  private var positions: [String: Int] = [:]
  private let limit: Int

  private struct Tally: Sendable {
    let rule: String
    var kept = 0
    var hidden = 0
    var severity = Severity.info
    var stopsWriting = false
  }

  init(limit: Int) {
    self.limit = limit
  }

  mutating func add(_ finding: Finding) {
    let position = tallyPosition(finding.rule)
    if tallies[position].kept < limit {
      tallies[position].kept += 1
      findings.append(finding)
    } else {
      tallies[position].hidden += 1
      tallies[position].severity = max(tallies[position].severity, finding.severity)
      if finding.stopsWriting { tallies[position].stopsWriting = true }
    }
  }

  /// Adds one finding for each rule that has hidden ones, as bad as the worst of them.
  mutating func summarise() {
    for tally in tallies where tally.hidden > 0 {
      findings.append(
        Finding(
          rule: tally.rule, severity: tally.severity, message: "and \(tally.hidden) more",
          isSalvaged: tally.severity == .error && !tally.stopsWriting))
    }
    tallies = []
    positions = [:]
  }

  private mutating func tallyPosition(_ rule: String) -> Int {
    if let position = positions[rule] { return position }
    positions[rule] = tallies.count
    tallies.append(Tally(rule: rule))
    return tallies.count - 1
  }
}
