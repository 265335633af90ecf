internal import Conversion
internal import SessionCoding
internal import SessionFormats
internal import SessionModel

/// A conversion's report as people read it.
struct ReportText {
  private let report: ConversionReport
  private let seconds: Double
  private let source: OpenedSource?
  private let isVerbose: Bool

  init(
    _ outcome: ConversionRun.Outcome, _ source: OpenedSource, _ target: ConversionTarget,
    isVerbose: Bool
  ) {
    report = outcome.report
    seconds = outcome.seconds
    self.source = source
    self.isVerbose = isVerbose
  }

  /// The report of sessions that came out of a bundle.
  init(_ report: ConversionReport, seconds: Double, isVerbose: Bool) {
    self.report = report
    self.seconds = seconds
    source = nil
    self.isVerbose = isVerbose
  }

  /// A text in which the private copy of a pipe has the pipe's name.
  private func shown(_ text: String) -> String { source?.shown(text) ?? text }

  func print(on page: inout Page) throws(Ending) {
    if !report.storeFindings.isEmpty {
      try page.print(source?.name ?? report.from)
      try page.print(
        findings: report.storeFindings, isVerbose: isVerbose, shown: shown)
    }
    try page.print(omissions: report.omissions)
    let failures = Dictionary(report.failures.map { ($0.session.source, $0.others) }) { $1 }
    for session in report.sessions {
      // Of those that failed for one reason the first is named.
      let others = failures[session.source]
      if session.status == .failed, others == nil, !isVerbose { continue }
      try print(session, others: isVerbose ? 0 : others ?? 0, on: &page)
    }
    try printTotals(on: &page)
    if isVerbose {
      try printItems(on: &page)
    } else {
      try DifferenceText(report).print(on: &page)
    }
    if report.isDryRun { try page.print("This was a dry run: nothing was written.") }
    let skipped = report.totals.count(.skipped)
    if skipped > 0 {
      try page.print(
        "\(Wording.count(skipped, "session")) skipped: changed at the destination; --on-conflict says "
          + "what to do then")
    }
    let resumable = report.sessions.filter { $0.resume != nil }
    if !isVerbose, let resume = resumable.first?.resume {
      try page.print(
        resumable.count == 1 ? "Resume it with: \(resume)" : "Resume one of them with: \(resume)")
    }
  }

  /// Prints each difference by its code.
  private func printItems(on page: inout Page) throws(Ending) {
    try print(
      report.lossesByCode(\.lost), "Lost: the target does not hold it, and it is kept nowhere",
      .red, on: &page)
    try print(
      report.lossesByCode(\.leftBehind),
      "Left behind: what the other tool noted beside what was said, and this one does not hold",
      .bold, on: &page)
    try print(
      report.lossesByCode(\.carried),
      "Not shown by the target, but kept in the carry: returns with a conversion back", .bold,
      on: &page)
  }

  private func print(
    _ session: SessionReport, others: Int, on page: inout Page
  ) throws(Ending) {
    let lost = session.lost.reduce(0) { $0 + $1.count }
    let findings = session.findings.filter { isVerbose || $0.severity > .info }
    let isNotable =
      session.status == .skipped || session.status == .failed || lost > 0 || !findings.isEmpty
    guard isNotable || isVerbose else { return }
    var line = "\(session.source)\(Wording.others(others)): \(session.status.rawValue)"
    if session.status == .written, report.isDryRun { line = "\(session.source): would be written" }
    if let target = session.target, target != session.source { line += " as \(target)" }
    if let fidelity = session.fidelity, session.status == .written {
      line += ", \(fidelity.rawValue)"
    }
    if lost > 0 { line += ", \(Wording.count(lost, "loss", "losses"))" }
    if let reason = session.reason { line += ": \(shown(reason))" }
    if !isVerbose, session.reason == nil,
      let severity = findings.map(\.severity).max(),
      let worst = findings.first(where: { $0.severity == severity })
    {
      let place = worst.place.map { "\(shown($0.description)): " } ?? ""
      line += "; \(worst.severity.rawValue): \(place)\(shown(worst.message))"
      if findings.count > 1 { line += " (and \(findings.count - 1) more)" }
    }
    try page.print(line, session.status == .failed ? .red : nil)
    guard isVerbose else { return }
    if let resume = session.resume { try page.print("  resume it with: \(resume)") }
    try page.print(findings: findings, isVerbose: isVerbose, shown: shown)
  }

  private func printTotals(on page: inout Page) throws(Ending) {
    let totals = report.totals
    let parts = totals.sessions.filter { $0.count > 0 }.map { status, count in
      status == .written && report.isDryRun
        ? "\(count) would be written" : "\(count) \(name(status))"
    }
    let sessions = Wording.count(report.sessions.count, "session")
    try page.print(
      "\(report.from) to \(report.to): \(sessions)"
        + (parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")), .bold)
    if totals.entries.total > 0 {
      try page.print(
        "\(Wording.count(totals.entries.messages, "message")), "
          + "\(Wording.count(totals.entries.total, "record")), \(Wording.bytes(totals.bytes)) "
          + "in \(Wording.seconds(seconds))")
    }
    let written = report.sessions.filter { $0.status == .written }
    let fidelities = Fidelity.allCases.compactMap { fidelity -> String? in
      let count = written.count { $0.fidelity == fidelity }
      return count > 0 ? "\(count) \(meaning(fidelity))" : nil
    }
    if !fidelities.isEmpty { try page.print("Fidelity: " + fidelities.joined(separator: "; ")) }
    if totals.mappedPaths > 0 {
      try page.print("\(Wording.count(totals.mappedPaths, "path")) mapped")
    }
    let incomplete = report.sessions.count { session in
      session.findings.contains { $0.rule == "store.side-files" }
    }
    if incomplete > 0, !isVerbose {
      try page.print(
        "\(Wording.count(incomplete, "session")) with files beside the conversation that are not taken "
          + "along (--verbose names them)")
    }
  }

  /// What became of sessions, as the totals say it.
  private func name(_ status: SessionReport.Status) -> String {
    guard status == .unchanged else { return status.rawValue }
    let unchanged = report.sessions.filter { $0.status == .unchanged }
    let unread = unchanged.count(where: \.isQuick)
    if unread == 0 { return "unchanged" }
    return unread == unchanged.count
      ? "unchanged (by size and time)" : "unchanged (\(unread) by size and time)"
  }

  private func meaning(_ fidelity: Fidelity) -> String {
    switch fidelity {
    case .exact: "exact (the same \(holdsRows ? "rows" : "bytes"))"
    case .continued: "continued (the original, and what was added since)"
    case .complete: "complete (everything is there or carried; the way back is proven)"
    case .edited: "edited (changed since, or its stored original is damaged)"
    case .lossy: "lossy"
    }
  }

  /// Whether the sessions went to a database.
  private var holdsRows: Bool {
    let id = report.to.prefix { $0 != "@" }
    return Registry.format(String(id))?.info.holdsRows ?? false
  }

  private func print(
    _ losses: [Loss], _ heading: String, _ style: Page.Style, on page: inout Page
  ) throws(Ending) {
    guard !losses.isEmpty else { return }
    try page.print(heading + ":", style)
    try page.print(
      table: losses.map { ["\($0.count)", $0.code, $0.detail] }, right: [0], indent: "  ")
  }
}
