internal import FileIO
internal import JSONText
package import SessionCoding
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

  /// A session that is written aside and waits to be compared and published.
  struct Staged {
    var report: SessionReport
    fileprivate let id: String
    fileprivate let writer: any SessionWriter
    /// What comparing it while it was written showed; nil when it is to be compared now.
    fileprivate let compared: ComparedSession?
    /// What was read, to be compared with what was written.
    fileprivate let retained: RetainedReader?
    /// What is to be read anew instead; nil when the session's fingerprint says it all.
    fileprivate let source: (any SessionReader)?
    /// The fingerprint that the session has if it is written as it was; nil in another format.
    fileprivate let original: Fingerprint?
    /// The same, if the records that were written are those of the original.
    fileprivate let native: Fingerprint?
    fileprivate let counts: [UInt16]
    fileprivate let openingCount: Int
    fileprivate let isReturn: Bool
    /// What is stored with the source for its way back.
    fileprivate let carry: StoredCarryHeader?
    fileprivate let fingerprint: Fingerprint?
    fileprivate let existing: ExistingSession?

    fileprivate var header: CarryHeader? { carry?.header }
  }

  /// A session that was compared and waits to be published.
  struct Settled {
    fileprivate var report: SessionReport
    fileprivate let writer: any SessionWriter
    /// The carry header that the session ends with; most copies have none.
    fileprivate let header: CarryHeader?
  }

  /// What comparing a session led to.
  enum Outcome {
    case done(SessionReport)
    case ready(Settled)
  }

  /// How far a session came.
  enum Step {
    case done(SessionReport)
    case staged(Staged)

    /// Whether something was written aside.
    var isStaged: Bool { if case .staged = self { true } else { false } }
  }

  /// Whether a session of so many bytes is not kept in memory.
  func isLarge(_ byteCount: UInt64) -> Bool { byteCount > UInt64(options.retainedBytes) }

  /// Converts a session.
  ///
  /// Failures of the session are in the report; failures of the target are thrown.
  func run(_ summary: SessionSummary) async throws(FormatError) -> SessionReport {
    switch try await stage(summary) {
    case .done(let report): return report
    case .staged(let staged):
      switch try await settle(staged) {
      case .done(let report): return report
      case .ready(let settled): return try publish(settled)
      }
    }
  }

  /// A session that was read before its turn.
  final class ReadSession: Sendable {
    fileprivate let carry: StoredCarryHeader?
    fileprivate let fingerprint: Fingerprint
    fileprivate let head: SessionHead
    fileprivate let findings: [Finding]
    private let entries: Mutex<[Entry?]>

    fileprivate init(
      carry: StoredCarryHeader?, fingerprint: Fingerprint, head: SessionHead,
      entries: consuming [Entry?], findings: [Finding]
    ) {
      self.carry = carry
      self.fingerprint = fingerprint
      self.head = head
      self.findings = findings
      self.entries = Mutex(entries)
    }

    /// The entries, for the one who asks first: they are let go of one by one.
    fileprivate func takeEntries() -> [Entry?] {
      entries.withLock { entries in
        defer { entries = [] }
        return entries
      }
    }
  }

  /// Reads a session before its turn; nil where that does not suit it or fails, which is then found
  /// again in its turn.
  func readAhead(_ summary: SessionSummary) -> ReadSession? {
    guard !isLarge(summary.byteCount), sourceID != targetID, options.mappedPaths.isEmpty,
      !options.repairs
    else { return nil }
    do throws(FormatError) {
      let carry = try source.carryHeader(of: summary.id)
      if carry?.header?.format == targetID { return nil }
      let fingerprint = try source.fingerprint(of: summary.id)
      let reader = try source.reader(for: summary.id)
      var entries: [Entry?] = []
      var bytes = 0
      while let entry = try reader.next() {
        if entries.count & 63 == 0 { try interruption.check() }
        bytes += entry.origin?.bytes.count ?? 0
        if bytes > options.retainedBytes { return nil }
        entries.append(entry)
      }
      return ReadSession(
        carry: carry, fingerprint: fingerprint, head: reader.head, entries: entries,
        findings: reader.findings)
    } catch {
      return nil
    }
  }

  /// Reads, validates and writes a session aside.
  ///
  /// - Parameter read: The session, when it was read before.
  func stage(
    _ summary: SessionSummary, _ read: ReadSession? = nil
  ) async throws(FormatError) -> Step {
    var report = SessionReport(source: summary.id, status: .failed)
    report.byteCount = summary.byteCount
    do throws(FormatError) {
      guard let staged = try await stage(summary.id, read, into: &report) else {
        noteResume(in: &report)
        return .done(report)
      }
      return .staged(staged)
    } catch {
      try note(error, in: &report)
      return .done(report)
    }
  }

  /// Reads a staged session back and compares it.
  func settle(_ staged: Staged) async throws(FormatError) -> Outcome {
    var report = staged.report
    do throws(FormatError) {
      if let settled = try await settle(staged, into: &report) { return .ready(settled) }
      noteResume(in: &report)
    } catch {
      staged.writer.discard()
      try note(error, in: &report)
    }
    return .done(report)
  }

  /// Makes a session visible; waits for the disk.
  func publish(_ settled: Settled) throws(FormatError) -> SessionReport {
    var report = settled.report
    do throws(FormatError) {
      try interruption.check()
      report.files = settled.writer.files
      try settled.writer.publish(header: settled.header)
      report.status = .written
      noteResume(in: &report)
    } catch {
      settled.writer.discard()
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
    _ id: String, _ read: ReadSession?, into report: inout SessionReport
  ) async throws(FormatError) -> Staged? {
    try interruption.check()
    let carry = read == nil ? try source.carryHeader(of: id) : read?.carry
    let header = carry?.header
    let isReturn = header.map { $0.format == targetID && $0.hasItems } ?? false
    var name = sourceID == targetID ? id : target.identifier(for: SessionHead(id: id))
    if isReturn, let header { name = header.id }
    report.target = name
    report.isReturn = isReturn

    var existing = try target.existing(name)
    report.files = existing?.files ?? []
    // It takes a walk over the session: made to be held against what exists or what was made of the
    // session, or to be written down.
    let isWrittenDown = !isReturn && sourceID != targetID
    let isMadeAnew = !isReturn && (options.repairs || !options.mappedPaths.isEmpty)
    let fingerprint =
      existing != nil || isWrittenDown || isMadeAnew ? try fingerprint(of: id, read) : nil
    if let existing, try isUnchanged(existing, id, fingerprint, into: &report) { return nil }
    if isReturn, let header, let existing, header.target == fingerprint,
      try existing.fingerprint() == header.source
    {
      try noteUnchanged(id, in: &report)
      return nil
    }
    let reader: any SessionReader
    if let read {
      reader = RetainedReader(read)
    } else {
      reader = try makeReader(id, isReturn: isReturn)
    }
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
    let isLarge = isLarge(report.byteCount)
    let isForeign = !isReturn && sourceID != targetID
    var readBack: ReadBack?
    if isLarge, isForeign {
      readBack = ReadBack(
        sourceHead: head, targetHead: head, sourceFormat: sourceFormat,
        targetFormat: targetFormat, isReturn: false, original: nil, carries: options.carries,
        tracksPrefixes: existing != nil)
    }
    // Perhaps not a single record states the head; what is written would otherwise be an empty file.
    let opening = isForeign ? head : nil
    let writer = try target.writer(for: head, id: name, replacing: existing)
    var result: SessionCopy.Result
    if isLarge {
      result = await BatchedCopy(
        reader, begin(writer, head), comparing: readBack, id: id, source: fingerprint,
        openingWith: opening, batchBytes: options.batchBytes
      ).run()
    } else {
      result = SessionCopy.Result.copying(reader, begin(writer, head), openingWith: opening)
    }
    var copy = result.copy
    report.entries = copy.entries
    do throws(FormatError) {
      if let failure = result.failure { throw failure }
      guard note(copy, isReturn: isReturn, in: &report) else {
        copy.writer.discard()
        return nil
      }
      if case .unreadable = carry { report.findings.append(.unreadableCarry) }
      var original = isReturn ? header?.source : nil
      if sourceID == targetID { original = fingerprint ?? copy.native }
      let native = copy.native == original ? original : nil
      let retained = copy.takeRetained().map { RetainedReader(head: head, entries: $0) }
      let again =
        retained == nil && native == nil && result.compared == nil
        ? try makeReader(id, isReturn: isReturn) : nil
      return Staged(
        report: report, id: id, writer: copy.writer, compared: result.compared, retained: retained,
        source: again, original: original, native: native, counts: copy.counts,
        openingCount: copy.openingCount, isReturn: isReturn, carry: carry,
        fingerprint: fingerprint, existing: existing)
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

  private func begin(_ writer: any SessionWriter, _ head: SessionHead) -> SessionCopy {
    SessionCopy(
      of: head, to: writer, targetID, mostRetained: options.retainedBytes, interruption, progress)
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

  private func fingerprint(
    of id: String, _ read: ReadSession?
  ) throws(FormatError) -> Fingerprint {
    if let read { return read.fingerprint }
    return try source.fingerprint(of: id)
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
    let foreign = try existing.reader()
    guard header.hasItems, let cursor = try foreign.carry() else { return false }
    let reader = CarryReturnReader(
      foreign: foreign, cursor: cursor, header: header, native: sourceFormat)
    while try reader.next() != nil { try interruption.check() }
    return reader.endsWithAdded && reader.restored == header.source
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
  private func makeReader(_ id: String, isReturn: Bool) throws(FormatError) -> any SessionReader {
    var reader = try makeUnrepaired(id, isReturn: isReturn)
    if options.repairs {
      reader = try RepairingReader { () throws(FormatError) in
        try makeUnrepaired(id, isReturn: isReturn)
      }
    }
    guard !options.mappedPaths.isEmpty else { return reader }
    return PathMappingReader(reader, paths: options.mappedPaths, to: targetFormat)
  }

  private func makeUnrepaired(_ id: String, isReturn: Bool) throws(FormatError)
    -> any SessionReader
  {
    let plain = try source.reader(for: id)
    var reader = plain
    if isReturn, let cursor = try plain.carry(), let header = cursor.header.header {
      reader = CarryReturnReader(
        foreign: plain, cursor: cursor, header: header, native: targetFormat)
    }
    return reader
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

  /// Reads a staged session back and compares it with its source.
  private func prove(_ staged: Staged) async throws(FormatError) -> ComparedSession {
    let writer = staged.writer
    let trailing = staged.openingCount + writer.trailingEntryCount
    if let native = staged.native, trailing == 0 {
      let count = staged.counts.reduce(0) { $0 + Int($1) }
      if staged.existing == nil,
        writer.recordsReadBack == RecordsReadBack(fingerprint: native, count: count)
      {
        return ComparedSession(WrittenRecords(native))
      }
      if let written = try WrittenRecords.exact(
        try writer.readBackRecords(), native, count: count,
        tracksPrefixes: staged.existing != nil, interruption)
      {
        return ComparedSession(written)
      }
    }
    if let compared = staged.compared {
      try compared.carry?.forEach { (chunk) throws(FormatError) in try writer.appendCarry(chunk) }
      return compared
    }
    let source: any SessionReader
    if let retained = staged.retained {
      source = retained
    } else if let again = staged.source {
      source = again
    } else {
      source = try makeReader(staged.id, isReturn: staged.isReturn)
    }
    let target = try writer.readBack()
    let carries = options.carries && !staged.isReturn && sourceID != targetID
    var readBack = ReadBack(
      sourceHead: source.head, targetHead: target.head, sourceFormat: sourceFormat,
      targetFormat: targetFormat, isReturn: staged.isReturn, original: staged.original,
      carries: carries, tracksPrefixes: staged.existing != nil)
    let readsAhead = isLarge(staged.report.byteCount)
    try await EntryStream.with(source, readsAhead: readsAhead) {
      (source) async throws(FormatError) in
      try await EntryStream.with(target, readsAhead: readsAhead) {
        (target) async throws(FormatError) in
        try await readBack.run(
          &source, &target, counts: staged.counts, trailing: trailing, interruption: interruption
        ) { (chunk) throws(FormatError) in
          try writer.appendCarry(chunk)
        }
      }
    }
    return ComparedSession(readBack, id: staged.id, source: staged.fingerprint)
  }

  /// Pass 2; nil when the session is done and nothing is to be published.
  private func settle(
    _ staged: Staged, into report: inout SessionReport
  ) async throws(FormatError) -> Settled? {
    let writer = staged.writer
    let proof = try await prove(staged)
    report.losses = proof.losses
    // Records whose paths were mapped are not those of the source any more.
    report.fidelity = report.mappedPaths > 0 ? max(proof.fidelity, .complete) : proof.fidelity
    let leftOut = try source.leftOut(of: staged.id)
    if let loss = leftOut.loss { report.losses.append(loss) }
    if staged.isReturn, let count = staged.header?.leftOut, count > 0 {
      report.losses.append(LeftOutRecords.loss(count, at: "session"))
    }
    // That is not part of what was compared.
    if report.losses.contains(where: { $0.code == LeftOutRecords.rule }) {
      report.fidelity = .lossy
    }
    var passedOn = staged.header
    passedOn?.leftOut += leftOut.count

    if let existing = staged.existing {
      let present = try existing.fingerprint()
      let isSame = present == proof.written.fingerprint
      if isSame, needsNoCarry(existing, staged, passedOn) {
        writer.discard()
        report.status = .unchanged
        return nil
      }
      // What an earlier conversion wrote and is less now was cut there.
      let isCut = existing.header.map { isOurs($0, staged.id) } ?? false
      var isSafe = isSame || !isCut && proof.written.beginsWith(present)
      if !isSafe { isSafe = try writer.continuesExisting() }
      if !isSafe {
        isSafe = try mayReplace(existing, staged.header, id: staged.id)
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
    var header = proof.header
    header?.hadCarry = staged.carry != nil
    header?.leftOut = leftOut.count
    if options.carries, sourceID == targetID, let passedOn {
      header = passedOn
      if try !passOnCarry(of: staged.id, to: writer) {
        report.findings.append(.damagedCarry)
        report.fidelity = max(report.fidelity ?? .exact, .complete)
      }
    }
    return Settled(report: report, writer: writer, header: header)
  }

  /// Notes what becomes of a carry that the session, or the one it replaces, has already.
  private func noteCarry(
    of staged: Staged, _ proof: ComparedSession, in report: inout SessionReport
  ) {
    if staged.isReturn {
      guard staged.header?.hadCarry == true || staged.existing?.carry != nil else { return }
      report.findings.append(.carryNotReturned)
    } else {
      guard let carry = staged.carry else { return }
      guard sourceID == targetID else {
        report.findings.append(.carryStays)
        return
      }
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
    }
    report.fidelity = max(proof.fidelity, .complete)
  }

  /// Whether what exists has the carry that would be written, or none would be.
  private func needsNoCarry(
    _ existing: ExistingSession, _ staged: Staged, _ passedOn: CarryHeader?
  ) -> Bool {
    if staged.isReturn { return true }
    guard options.carries else { return existing.carry == nil }
    return sourceID == targetID && (passedOn == nil || existing.header == passedOn)
  }

  /// A copy within a format keeps what an earlier conversion carried; false when that is damaged.
  private func passOnCarry(
    of id: String, to writer: any SessionWriter
  ) throws(FormatError) -> Bool {
    guard let cursor = try source.reader(for: id).carry() else { return true }
    var chunks = CarryChunks()
    while let item = try cursor.next() {
      if let chunk = chunks.add(item) { try writer.appendCarry(chunk) }
    }
    if let chunk = chunks.finish() { try writer.appendCarry(chunk) }
    return !cursor.isDamaged
  }
}

/// Hands out entries that were kept.
private final class RetainedReader: SessionReader {
  let head: SessionHead
  let findings: [Finding]
  /// What was handed out is nil.
  private var entries: [Entry?]
  private var position = 0

  init(head: SessionHead, entries: [Entry?]) {
    self.head = head
    self.entries = entries
    findings = []
  }

  init(_ read: SessionConversion.ReadSession) {
    head = read.head
    entries = read.takeEntries()
    findings = read.findings
  }

  func next() throws(FormatError) -> Entry? {
    guard position < entries.count else { return nil }
    defer { position += 1 }
    return entries[position].take()
  }

  func carry() throws(FormatError) -> CarryCursor? { nil }
}

extension Finding {
  /// That what an earlier conversion stored with a session cannot be used.
  package static var unreadableCarry: Finding {
    Finding(
      rule: "carry.unreadable", severity: .warning,
      message: "what a conversion stored with the session about its original cannot be read, or is "
        + "of another version; the session counts as it stands here, without its way back",
      isSalvaged: true)
  }

  /// That what an earlier conversion stored with a session is not what it stored any more.
  package static var damagedCarry: Finding {
    Finding(
      rule: "carry.damaged", severity: .warning,
      message:
        "what a conversion stored with the session about its original is damaged; what cannot "
        + "be restored from it is converted as it stands here",
      isSalvaged: true)
  }

  /// That a session which goes to a third tool comes back from there without its own carry.
  fileprivate static var carryStays: Finding {
    Finding(
      rule: "carry.stays", severity: .info,
      message: "what a conversion stored with the session about its original stays here and is not "
        + "taken along",
      isSalvaged: true)
  }

  /// That a session comes back from a third tool without the carry that it had.
  fileprivate static var carryNotReturned: Finding {
    Finding(
      rule: "carry.not-returned", severity: .warning,
      message:
        "what a conversion had stored with the session about its original does not come back "
        + "with it; keep the session as it was for its way back",
      isSalvaged: true)
  }
}
