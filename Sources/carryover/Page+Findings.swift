internal import SessionCoding
internal import SessionModel

extension Page {
  /// Prints findings grouped by rule, the worst first.
  mutating func print(
    findings: [Finding], isVerbose: Bool, shown: (String) -> String = { $0 }
  ) throws(Ending) {
    let limit = isVerbose ? Int.max : 3
    var order: [String] = []
    var groups: [String: [Finding]] = [:]
    for finding in findings {
      if groups[finding.rule] == nil { order.append(finding.rule) }
      groups[finding.rule, default: []].append(finding)
    }
    for severity in [Severity.error, .warning, .info] {
      for rule in order {
        guard let group = groups[rule], group.map(\.severity).max() == severity else { continue }
        let count = group.count > 1 ? " (\(group.count))" : ""
        let style: Style = severity == .error ? .red : severity == .warning ? .yellow : .faint
        let label = severity == .info ? "remark" : severity.rawValue
        try print("  \(label)", style, end: "")
        try print("  \(rule)\(count)")
        for finding in group.prefix(limit) {
          let place = finding.place.map { "\(shown($0.description)): " } ?? ""
          try print("    \(place)\(shown(finding.message))")
        }
        if group.count > limit { try print("    and \(group.count - limit) more (--verbose)") }
        if let repair = group[0].repair { try print("    --repair: \(repair)") }
      }
    }
  }
}
