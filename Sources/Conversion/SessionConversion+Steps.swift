internal import FileIO
internal import SessionCoding

extension SessionConversion {
  /// The format through which a session comes back to the target's, when it does so step by step.
  func stepBack(of id: String) throws(FormatError) -> (any RestorableSessionFormat)? {
    guard sourceID != targetID,
      let step = try source.carryHeader(of: id)?.header?.step(to: targetID)
    else { return nil }
    return options.formats.first { $0.info.id == step } as? any RestorableSessionFormat
  }

  /// Proves a session that comes back step by step: as the session that it was before, from a scratch
  /// folder.
  func prove(
    _ summary: SessionSummary, comingBackThrough format: any RestorableSessionFormat
  ) throws(FormatError) -> Outcome {
    let scratch: TemporaryDirectory
    do throws(FileError) {
      scratch = try TemporaryDirectory()
    } catch {
      throw FormatError(writing: error)
    }
    let path = scratch.path + "/" + format.info.id
    let between = try format.target(at: path, options: WriteOptions(isDurable: false))
    let first = SessionConversion(
      source: source, sourceFormat: sourceFormat, target: between, targetFormat: format,
      targetPath: path, options: options.ofStep, interruption: interruption, progress: progress)
    let step: SessionReport
    switch try first.prove(summary) {
    case .done(let report): step = report
    case .proven(let session): step = try first.publish(session)
    }
    guard step.status == .written else { return .done(step) }
    try between.publish()
    let before = try format.open(path, options: .unlimited)
    guard let session = try before.sessions().first else {
      throw FormatError(
        .readBackDiffers, "nothing is read of the session as it was in \(format.info.name)",
        advice: "nothing was published; please report this as a defect")
    }
    let second = SessionConversion(
      source: before, sourceFormat: format, target: target, targetFormat: targetFormat,
      targetPath: targetPath, options: options, interruption: interruption, progress: { _ in })
    func joined(_ report: SessionReport) -> SessionReport {
      var report = report
      report.source = summary.id
      report.byteCount = summary.byteCount
      report.findings = step.findings + report.findings
      report.losses = step.losses.filter { !$0.isCarried } + report.losses
      if let fidelity = report.fidelity, let earlier = step.fidelity {
        report.fidelity = max(fidelity, earlier)
      }
      return report
    }
    switch try second.prove(session) {
    case .done(let report): return .done(joined(report))
    case .proven(var proven):
      proven.report = joined(proven.report)
      proven.scratch = scratch
      return .proven(proven)
    }
  }
}
