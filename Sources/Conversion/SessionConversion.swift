internal import FileIO
internal import SessionCoding

/// Converts one session: read, validate, stage, read back and compare, publish.
struct SessionConversion {
  let source: any SessionSource
  let sourceFormat: any SessionFormat
  let target: any SessionTarget
  let targetFormat: any SessionFormat
  let targetPath: String
  let options: ConversionOptions
  let interruption: Interruption
  /// Called with the bytes of the source read since the last call.
  let progress: @Sendable (UInt64) -> Void

  var sourceID: String { sourceFormat.info.id }
  var targetID: String { targetFormat.info.id }
  var replacement: ReplacementCheck {
    ReplacementCheck(
      source: source, sourceID: sourceID, targetID: targetID, options: options,
      interruption: interruption)
  }

  /// How far a session came.
  enum Outcome {
    /// Nothing is to be published.
    case done(SessionReport)
    case proven(ProvenSession)
  }

  /// Whether a session of so many bytes is not kept in memory.
  func isLarge(_ byteCount: UInt64) -> Bool { byteCount > UInt64(options.retainedBytes) }

  /// Reads, validates and stages a session, reads it back and compares it.
  ///
  /// Failures of the session are in the report; failures that concern all sessions are thrown.
  func prove(_ summary: SessionSummary) throws(FormatError) -> Outcome {
    var report = SessionReport(source: summary.id, status: .failed)
    report.byteCount = summary.byteCount
    do throws(FormatError) {
      if let format = try stepBack(of: summary.id) {
        return try prove(summary, comingBackThrough: format)
      }
      if let staged = try stage(summary.id, into: &report) {
        do throws(FormatError) {
          if let proven = try settle(staged, into: &report) { return .proven(proven) }
        } catch {
          staged.writer.discard()
          throw error
        }
      }
      noteResume(in: &report)
    } catch {
      try note(error, in: &report)
    }
    return .done(report)
  }

  /// Makes a session visible.
  func publish(_ proven: ProvenSession) throws(FormatError) -> SessionReport {
    var report = proven.report
    do throws(FormatError) {
      try interruption.check()
      try proven.writer.publish(header: proven.header)
      report.files = proven.writer.files
      report.status = .written
      noteResume(in: &report)
    } catch {
      proven.writer.discard()
      try note(error, in: &report)
    }
    return report
  }

  /// Says how to go on with a session that is at the target.
  private func noteResume(in report: inout SessionReport) {
    guard !options.isDryRun, report.status == .written || report.status == .unchanged,
      let id = report.target
    else { return }
    report.resume = target.resumeCommand(for: id)?.text
  }

  private func note(_ error: FormatError, in report: inout SessionReport) throws(FormatError) {
    report.status = .failed
    report.reason = error.description
    report.failure = error
    if error.code == .interrupted || concernsAll(error) { throw error }
  }

  /// Whether other sessions cannot be written either.
  private func concernsAll(_ error: FormatError) -> Bool {
    error.isAboutTarget && (error.concernsAll || !canAddFiles(to: targetPath))
  }

  /// Pass 2; nil when the session is done and nothing is to be published.
  private func settle(
    _ staged: StagedSession, into report: inout SessionReport
  ) throws(FormatError) -> ProvenSession? {
    let writer = staged.writer
    let proof = try SessionProof(self).compare(staged)
    report.losses = proof.losses
    // Records whose paths were mapped are not those of the source any more.
    report.fidelity = report.mappedPaths > 0 ? max(proof.fidelity, .complete) : proof.fidelity
    let leftOut = try source.leftOut(of: staged.id)
    if let loss = leftOut.loss { report.losses.append(loss) }
    if let count = staged.wayBack?.header.leftOut, count > 0 {
      report.losses.append(LeftOutRecords.loss(count, at: "session"))
    }
    // That is not part of what was compared.
    if report.losses.contains(where: { $0.code == LeftOutRecords.rule }) {
      report.fidelity = .lossy
    }
    var header = proof.header
    if sourceID == targetID {
      header = options.carries ? staged.carry?.header : nil
      header?.leftOut += leftOut.count
    } else if !staged.isReturn {
      header?.leftOut = leftOut.count
    }

    if let existing = staged.existing {
      let present = try existing.fingerprint()
      let isSame = present == proof.written.fingerprint
      if isSame, try needsNoCarry(existing, staged, header) {
        writer.discard()
        report.status = .unchanged
        return nil
      }
      // What the target does not show of records that are left out now may be in what is stored there.
      var isSafe = isSame && leftOut.isEmpty
      if !isSafe { isSafe = try replacement.losesNothing(existing, staged, proof.written) }
      guard isSafe else {
        writer.discard()
        report.status = .skipped
        let present = "session \(report.target ?? "")"
        report.reason =
          leftOut.isEmpty
          ? "\(present) was changed in the target or comes from elsewhere; use --on-conflict replace "
            + "or rename"
          : "\(present) in the target may hold what is left out here; give a larger --max-record, or "
            + "use --on-conflict replace or rename"
        return nil
      }
    }
    noteCarry(of: staged, proof, in: &report)
    if options.isDryRun {
      writer.discard()
      report.status = .written
      return nil
    }
    if sourceID == targetID, header != nil, try !copyCarry(of: staged.id, to: writer) {
      report.findings.append(.damagedCarry)
      report.fidelity = max(report.fidelity ?? .exact, .complete)
    }
    return ProvenSession(report: report, writer: writer, header: header)
  }

  /// Whether what exists has the carry that would be written, or none would be.
  private func needsNoCarry(
    _ existing: ExistingSession, _ staged: StagedSession, _ header: CarryHeader?
  ) throws(FormatError) -> Bool {
    if header == nil, staged.isReturn || options.carries && sourceID == targetID { return true }
    guard options.carries else { return existing.carry == nil }
    guard existing.header == header else { return false }
    guard header?.hasItems == true else { return true }
    if let isIntact = staged.isCarryIntact { return isIntact }
    let carry = try existing.reader().carry()
    return try carry?.isIntact() ?? false
  }

  /// Notes what becomes of a carry that the session, or the one it replaces, has already.
  private func noteCarry(
    of staged: StagedSession, _ proof: ComparedSession, in report: inout SessionReport
  ) {
    if sourceID == targetID {
      guard let carry = staged.carry else { return }
      guard options.carries else {
        report.losses.append(
          Loss(
            code: "carry", place: "session", detail: "what is stored for the way back is left out",
            isCarried: false))
        report.fidelity = .lossy
        return
      }
      // In a file it comes to stand at the end, where it is only if nothing was added since.
      if let target = carry.header?.target,
        targetFormat.info.holdsRows || target == proof.written.fingerprint
      {
        return
      }
    } else {
      if !options.carries, staged.carry != nil, !staged.isReturn {
        report.findings.append(.carryStays)
        return
      }
      // What the session that is replaced has from another conversion, or had before it came here.
      let present = staged.existing?.header
      let isReplaced = present.map { $0.format != sourceID && $0 != proof.header } ?? false
      let isLeft = !options.carries && staged.wayBack?.header.chain.isEmpty == false
      guard isReplaced || isLeft else { return }
      report.findings.append(.carryNotReturned)
    }
    report.fidelity = max(proof.fidelity, .complete)
  }

  /// A copy within a format keeps what an earlier conversion carried; false when that is damaged.
  private func copyCarry(
    of id: String, to writer: any SessionWriter
  ) throws(FormatError) -> Bool {
    guard let carry = try source.reader(for: id).carry() else { return true }
    while let chunk = try carry.nextStoredChunk() { try writer.appendCarry(chunk) }
    return try source.reader(for: id).carry()?.isIntact() ?? true
  }
}
