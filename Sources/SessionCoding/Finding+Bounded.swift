extension [Finding] {
  /// At most 100 findings of each rule, in order, then how many more there are of it.
  ///
  /// Hostile input must not fill a report.
  public var bounded: [Finding] {
    let most = 100
    var counts: [String: Int] = [:]
    for finding in self { counts[finding.rule, default: 0] += 1 }
    // One more is what some rules end with themselves.
    guard counts.values.contains(where: { $0 > most + 1 }) else { return self }
    var seen: [String: Int] = [:]
    var kept: [Finding] = []
    for finding in self {
      let (count, number) = (counts[finding.rule] ?? 0, seen[finding.rule, default: 0] + 1)
      seen[finding.rule] = number
      if count <= most + 1 || number <= most {
        kept.append(finding)
      } else if number == most + 1 {
        var rest = finding
        rest.message = "and \(count - most) more from here on"
        kept.append(rest)
      }
    }
    return kept
  }
}
