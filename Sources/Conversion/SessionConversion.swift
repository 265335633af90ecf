internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import SessionValidation
internal import Synchronization

/// Converts one session: read, validate, write aside, read back and compare, publish.
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

  private var sourceID: String { sourceFormat.info.id }
  private var targetID: String { targetFormat.info.id }

  /// A session that is staged and waits to be compared.
  private struct Staged {
    var report: SessionReport
    let id: String
    let writer: any SessionWriter
    /// What was read, to be compared with what was written; nil when it is to be read anew.
    let retained: RetainedReader?
    /// What is known of the session as it was in the target's format.
    let original: ReadBack.Original?
    /// Its fingerprint, if the records that were written are those of the original.
    let native: Fingerprint?
    let counts: [UInt16]
    let openingCount: Int
    /// The carry by which the session comes back to the target's format.
    let wayBack: WayBack?
    /// What is stored with the source for its way back.
    let carry: StoredCarryHeader?
    let fingerprint: Fingerprint?
    let existing: ExistingSession?

    var isReturn: Bool { wayBack != nil }
  }

  /// A session that is staged and was read back and compared.
  struct ProvenSession {
    fileprivate var report: SessionReport
    fileprivate let writer: any SessionWriter
    /// The carry header that the session ends with; most copies have none.
    fileprivate let header: CarryHeader?
    /// Where a session lies that came back step by step.
    fileprivate var scratch: TemporaryDirectory?
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

  /// The format through which a session comes back to the target's, when it does so step by step.
  private func stepBack(of id: String) throws(FormatError) -> (any RestorableSessionFormat)? {
    guard sourceID != targetID,
      let step = try source.carryHeader(of: id)?.header?.step(to: targetID)
    else { return nil }
    return options.formats.first { $0.info.id == step } as? any RestorableSessionFormat
  }

  /// Proves a session that comes back step by step: as the session that it was before, from a scratch
  /// folder.
  private func prove(
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

  /// Pass 1; nil when the session is done already, one way or the other.
  private func stage(
    _ id: String, into report: inout SessionReport
  ) throws(FormatError) -> Staged? {
    try interruption.check()
    let carry = try source.carryHeader(of: id)
    let wayBack =
      sourceID == targetID
      ? nil : try WayBack(of: id, in: source, carry?.header, to: targetID)
    let header = wayBack?.header
    let isReturn = wayBack != nil
    var name = sourceID == targetID ? id : target.identifier(for: SessionHead(id: id))
    if let header { name = header.id }
    report.target = name
    report.isReturn = isReturn

    var existing = try target.existing(name)
    report.files = existing?.files ?? []
    // It takes a walk over the session: made to be held against what exists or what was made of the
    // session, or to be written down.
    let isWrittenDown = sourceID != targetID
    let isMadeAnew = !isReturn && (options.repairs || !options.mappedPaths.isEmpty)
    let fingerprint =
      existing != nil || isWrittenDown || isMadeAnew ? try source.fingerprint(of: id) : nil
    if let existing, try isUnchanged(existing, id, fingerprint, into: &report) { return nil }
    if let header, let existing, header.target == fingerprint,
      try existing.fingerprint() == header.source
    {
      try noteUnchanged(id, in: &report)
      return nil
    }
    let reader = try makeReader(id, wayBack)
    if existing != nil { existing = try target.existing(name, for: reader.head) }
    if existing != nil, options.onConflict == .rename {
      var number = 2
      let taken = name
      // The next name that is free, or that an earlier run gave to this session.
      while let other = existing, let fingerprint,
        try !continues(other, fingerprint, header, id: id)
      {
        name = target.identifier(for: SessionHead(id: "\(taken)-\(number)"))
        number += 1
        existing = try target.existing(name)
      }
      report.files = existing?.files ?? []
      report.target = name
      if let existing, try isUnchanged(existing, id, fingerprint, into: &report) { return nil }
    }
    let head = reader.head
    // Perhaps not a single record states the head; what is written would otherwise be an empty file.
    let opening = !isReturn && sourceID != targetID ? head : nil
    let writer = try target.writer(for: head, id: name, replacing: existing)
    let mostRetained = isLarge(report.byteCount) ? 0 : options.retainedBytes
    var copy = SessionCopy(
      of: head, to: writer, targetID, mostRetained: mostRetained, interruption, progress)
    do throws(FormatError) {
      defer { report.entries = copy.entries }
      try copy.add(all: reader, openingWith: opening)
      guard note(copy, isReturn: isReturn, in: &report) else {
        copy.writer.discard()
        return nil
      }
      if case .unreadable = carry { report.findings.append(.unreadableCarry) }
      var original = header.map { ReadBack.Original(whole: $0.source, restored: $0.restores) }
      if sourceID == targetID {
        original = (fingerprint ?? copy.native).map { ReadBack.Original(whole: $0, restored: $0) }
      }
      let native = copy.native == original?.whole ? copy.native : nil
      let retained = copy.takeRetained().map { RetainedReader(head: head, entries: $0) }
      return Staged(
        report: report, id: id, writer: copy.writer, retained: retained, original: original,
        native: native, counts: copy.counts, openingCount: copy.openingCount, wayBack: wayBack,
        carry: carry, fingerprint: fingerprint, existing: existing)
    } catch {
      copy.writer.discard()
      throw error
    }
  }

  /// Ends the conversion of a session that the target holds already; what is left out is told again.
  private func noteUnchanged(
    _ id: String, in report: inout SessionReport
  ) throws(FormatError) {
    report.status = .unchanged
    let leftOut = try source.leftOut(of: id)
    report.findings += leftOut.findings
    if let loss = leftOut.loss {
      report.losses.append(loss)
      report.fidelity = .lossy
    }
  }

  /// Notes what was found while a session was copied; false when a finding stops it.
  private func note(
    _ copy: SessionCopy, isReturn: Bool, in report: inout SessionReport
  ) -> Bool {
    report.findings = copy.findings
    if isReturn {
      // What returns was judged when it came here; it is given back as it was.
      for index in report.findings.indices { report.findings[index].isSalvaged = true }
    }
    report.mappedPaths = copy.mappedPaths
    guard let stop = report.findings.first(where: \.stopsWriting) else { return true }
    report.status = .failed
    report.reason = "\(stop.place.map { "\($0): " } ?? "")\(stop.message) [\(stop.rule)]"
    return false
  }

  /// Whether what exists is what an earlier conversion of this very session wrote, or goes on from it.
  ///
  /// It goes on if all that was written is still there: then it still gives the original back.
  private func isUnchanged(
    _ existing: ExistingSession, _ id: String, _ fingerprint: Fingerprint?,
    into report: inout SessionReport
  ) throws(FormatError) -> Bool {
    guard let known = existing.header, isOurs(known, id), known.source == fingerprint,
      known.hasItems == options.carries
    else { return false }
    if try existing.fingerprint() == known.target {
      let carry = known.hasItems ? try existing.reader().carry() : nil
      guard try carry?.isIntact() ?? !known.hasItems else { return false }
    } else {
      guard try holdsOriginal(existing, known) else { return false }
      report.reason = "it goes on at the destination; convert it back to have that here"
    }
    try noteUnchanged(id, in: &report)
    return true
  }

  /// Whether a header was written for a session of the source.
  private func isOurs(_ header: CarryHeader, _ id: String) -> Bool {
    header.format == sourceID && header.id == id
  }

  /// Whether what an earlier conversion wrote, and perhaps more, still gives the original back.
  private func holdsOriginal(
    _ existing: ExistingSession, _ header: CarryHeader
  ) throws(FormatError) -> Bool {
    guard header.hasItems else { return false }
    let reader = try CarryReturnReader(foreign: try existing.reader(), header: header) {
      () throws(FormatError) in try existing.reader().carry()
    }
    while try reader.next() != nil { try interruption.check() }
    return reader.endsWithAdded && reader.restored == header.restores
  }

  /// Whether what exists is this session, now or earlier, so that it needs no other name.
  private func continues(
    _ existing: ExistingSession, _ fingerprint: Fingerprint, _ header: CarryHeader?, id: String
  ) throws(FormatError) -> Bool {
    if try mayReplace(existing, header, id: id) { return true }
    guard sourceID == targetID else { return false }
    let present = try existing.fingerprint()
    if present == fingerprint || present.count == 0 { return true }
    return try beginsWith(present, id: id)
  }

  /// Whether an earlier state is a beginning of the session as it is read now.
  private func beginsWith(_ earlier: Fingerprint, id: String) throws(FormatError) -> Bool {
    var beginning = Fingerprint()
    let reader = try source.reader(for: id)
    while beginning.count < earlier.count, let entry = try reader.next() {
      if let origin = entry.origin { beginning.update(origin.bytes) }
    }
    return beginning == earlier
  }

  /// The session to write: as it is, or as it was before it came here.
  private func makeReader(
    _ id: String, _ wayBack: WayBack?
  ) throws(FormatError) -> any SessionReader {
    var reader = try makeUnrepaired(id, wayBack)
    if options.repairs {
      reader = try RepairingReader { () throws(FormatError) in try makeUnrepaired(id, wayBack) }
    }
    guard !options.mappedPaths.isEmpty else { return reader }
    return PathMappingReader(reader, paths: options.mappedPaths, to: targetFormat)
  }

  private func makeUnrepaired(
    _ id: String, _ wayBack: WayBack?
  ) throws(FormatError) -> any SessionReader {
    let plain = try source.reader(for: id)
    guard let wayBack else { return plain }
    return try CarryReturnReader(foreign: plain, header: wayBack.header, openCarry: wayBack.items)
  }

  /// Whether what exists is an earlier state of the same session, so that replacing it loses nothing.
  ///
  /// What is left out now may have been read then.
  private func mayReplace(
    _ existing: ExistingSession?, _ header: CarryHeader?, id: String
  ) throws(FormatError) -> Bool {
    guard let existing else { return true }
    if options.onConflict == .replace { return true }
    let present = try existing.fingerprint()
    let isWhole = try source.leftOut(of: id).isEmpty
    if let known = existing.header, isOurs(known, id), known.target == present {
      if isWhole { return true }
      return try beginsWith(known.source, id: id)
    }
    return isWhole && header.map { $0.format == targetID && $0.source == present } ?? false
  }

  /// Reads a staged session back and compares it with its source, and stages its carry.
  private func compare(_ staged: Staged) throws(FormatError) -> ComparedSession {
    let writer = staged.writer
    let trailing = staged.openingCount + writer.trailingEntryCount
    if let native = staged.native, trailing == 0 {
      let count = staged.counts.reduce(0) { $0 + Int($1) }
      if let written = try WrittenRecords.exact(
        try writer.readBack(), native, count: count,
        tracksPrefixes: staged.existing != nil, interruption)
      {
        return ComparedSession(written: written, header: try returnCarry(staged))
      }
    }
    let source: any SessionReader
    if let retained = staged.retained {
      source = retained
    } else {
      source = try makeReader(staged.id, staged.wayBack)
    }
    let target = try writer.readBack()
    var readBack = ReadBack(
      sourceHead: source.head, targetHead: target.head, sourceFormat: sourceFormat,
      targetFormat: targetFormat, isReturn: staged.isReturn, original: staged.original,
      carries: options.carries && sourceID != targetID, tracksPrefixes: staged.existing != nil)
    try readBack.run(
      source, target, counts: staged.counts, trailing: trailing, interruption: interruption
    ) { (chunk) throws(FormatError) in
      try writer.appendCarry(chunk)
    }
    return ComparedSession(
      written: readBack.written, losses: readBack.losses, fidelity: readBack.fidelity,
      header: try passOnCarries(staged, &readBack))
  }

  /// Stages the carry that a session gets back, if it had one; gives its header.
  private func returnCarry(_ staged: Staged) throws(FormatError) -> CarryHeader? {
    guard options.carries, let carry = try staged.wayBack?.returned() else { return nil }
    while let chunk = try carry.nextStoredChunk() { try staged.writer.appendCarry(chunk) }
    return carry.header.header
  }

  /// Stages the carries that others have stored with the session, behind its own items; gives the header
  /// of all.
  private func passOnCarries(
    _ staged: Staged, _ readBack: inout ReadBack
  ) throws(FormatError) -> CarryHeader? {
    func header(_ chain: [String] = [], _ own: [String] = []) -> CarryHeader? {
      readBack.header(id: staged.id, source: staged.fingerprint, chain: chain, own: own)
    }
    guard readBack.chunks != nil else { return header() }
    if readBack.isWhatItWas { return try returnCarry(staged) }
    // The records that were read get their carry back when they come back.
    let ofOriginals: CarryCursor?
    if let wayBack = staged.wayBack {
      ofOriginals = try wayBack.added()
    } else {
      ofOriginals = staged.carry == nil ? nil : try source.reader(for: staged.id).carry()
    }
    let own = try staged.wayBack?.returned()
    for (carry, isOriginals) in [(ofOriginals, true), (own, false)] {
      guard let carry else { continue }
      try readBack.passOn(carry, ofOriginals: isOriginals) { (chunk) throws(FormatError) in
        try staged.writer.appendCarry(chunk)
      }
    }
    return header(ofOriginals?.header.header?.formats ?? [], own?.header.header?.formats ?? [])
  }

  /// Pass 2; nil when the session is done and nothing is to be published.
  private func settle(
    _ staged: Staged, into report: inout SessionReport
  ) throws(FormatError) -> ProvenSession? {
    let writer = staged.writer
    let proof = try compare(staged)
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
      // What an earlier conversion wrote and is less now was cut there.
      let isCut = existing.header.map { isOurs($0, staged.id) } ?? false
      var isSafe = isSame || !isCut && proof.written.beginsWith(present)
      if !isSafe { isSafe = try writer.continuesExisting() }
      if !isSafe {
        isSafe = try mayReplace(
          existing, staged.wayBack?.header ?? staged.carry?.header, id: staged.id)
      }
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

  /// Notes what becomes of a carry that the session, or the one it replaces, has already.
  private func noteCarry(
    of staged: Staged, _ proof: ComparedSession, in report: inout SessionReport
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

  /// Whether what exists has the carry that would be written, or none would be.
  private func needsNoCarry(
    _ existing: ExistingSession, _ staged: Staged, _ header: CarryHeader?
  ) throws(FormatError) -> Bool {
    if header == nil, staged.isReturn || options.carries && sourceID == targetID { return true }
    guard options.carries else { return existing.carry == nil }
    guard existing.header == header else { return false }
    guard header?.hasItems == true else { return true }
    let carry = try existing.reader().carry()
    return try carry?.isIntact() ?? false
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
