public import SessionCoding

extension ConversionReport {
  /// Sums over all sessions of a report.
  public struct Totals: Sendable, Hashable {
    /// Sessions by what became of them, in the order of the enumeration.
    public var sessions: [(status: SessionReport.Status, count: Int)] {
      SessionReport.Status.allCases.map { ($0, byStatus[$0] ?? 0) }
    }
    /// Compared sessions by fidelity, best first.
    public var fidelities: [(fidelity: Fidelity, count: Int)] {
      Fidelity.allCases.map { ($0, byFidelity[$0] ?? 0) }
    }
    /// Findings by severity, worst first.
    public var findings: [(severity: Severity, count: Int)] {
      Severity.allCases.reversed().map { ($0, bySeverity[$0] ?? 0) }
    }
    /// Entries read, by kind.
    public private(set) var entries = EntryCounts()
    /// Bytes of the source sessions.
    public private(set) var bytes: UInt64 = 0
    /// Differences that the target does not show, carried or not.
    public private(set) var losses = 0
    /// Those of them whose original is kept beside the target.
    public private(set) var carried = 0
    /// Paths of workspaces that were mapped.
    public private(set) var mappedPaths = 0

    private var byStatus: [SessionReport.Status: Int] = [:]
    private var byFidelity: [Fidelity: Int] = [:]
    private var bySeverity: [Severity: Int] = [:]

    init(_ report: ConversionReport) {
      for session in report.sessions {
        byStatus[session.status, default: 0] += 1
        if let fidelity = session.fidelity { byFidelity[fidelity, default: 0] += 1 }
        entries.add(session.entries)
        bytes &+= session.byteCount
        mappedPaths += session.mappedPaths
        for loss in session.losses {
          losses += loss.count
          if loss.isCarried { carried += loss.count }
        }
        for finding in session.findings { bySeverity[finding.severity, default: 0] += 1 }
      }
      for finding in report.storeFindings { bySeverity[finding.severity, default: 0] += 1 }
    }

    /// The number of sessions of a status.
    public func count(_ status: SessionReport.Status) -> Int { byStatus[status] ?? 0 }

    /// The number of compared sessions of a fidelity.
    public func count(_ fidelity: Fidelity) -> Int { byFidelity[fidelity] ?? 0 }

    /// The number of findings of a severity.
    public func count(_ severity: Severity) -> Int { bySeverity[severity] ?? 0 }
  }

  /// The sums over all sessions.
  public var totals: Totals { Totals(self) }

  /// The sessions that failed, the first of each reason, with the number of others that failed alike.
  public var failures: [(session: SessionReport, others: Int)] {
    var failures: [(session: SessionReport, others: Int)] = []
    var places: [String: Int] = [:]
    for session in sessions where session.status == .failed {
      if let place = places[session.reason ?? ""] {
        failures[place].others += 1
      } else {
        places[session.reason ?? ""] = failures.count
        failures.append((session, 0))
      }
    }
    return failures
  }

  /// Some losses of all sessions, one per code, the most frequent first.
  public func lossesByCode(_ some: (SessionReport) -> [Loss]) -> [Loss] {
    var list = LossList()
    for session in sessions { for loss in some(session) { list.add(loss) } }
    return list.losses.sorted { ($1.count, $0.code) < ($0.count, $1.code) }
  }
}
