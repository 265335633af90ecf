internal import FileIO
internal import SessionCoding
internal import SessionModel

extension SessionConversion {
  /// The first pass: reads, validates and writes where nobody sees it.
  ///
  /// - Returns: Nil when the session is done already, one way or the other.
  func stage(
    _ id: String, into report: inout SessionReport
  ) throws(FormatError) -> StagedSession? {
    try interruption.check()
    let carry = try source.carryHeader(of: id)
    let wayBack =
      sourceID == targetID
      ? nil : try WayBack(of: id, in: source, carry?.header, to: targetID)
    let header = wayBack?.header
    let isReturn = wayBack != nil
    var name = if let header { header.id } else { try identifier(for: id) }
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
        try !replacement.continues(other, fingerprint, header, id: id)
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
    // Once rows are replaced, those that were there cannot be read any more.
    var isCarryIntact: Bool?
    if targetFormat.info.holdsRows, let existing, existing.header?.hasItems == true {
      isCarryIntact = try existing.reader().carry()?.isIntact() ?? false
    }
    // Perhaps not a single record states the head; what is written would otherwise be an empty file.
    let opening = !isReturn && sourceID != targetID ? head : nil
    let writer = try target.writer(for: head, id: name, replacing: existing)
    let mostRetained = isLarge(report.byteCount) ? 0 : options.retainedBytes
    var copy = SessionCopy(
      of: head, to: writer, targetID, isReturn: isReturn, mostRetained: mostRetained, interruption,
      progress)
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
      return StagedSession(
        report: report, id: id, writer: copy.writer, retained: retained, original: original,
        native: native, counts: copy.counts, openingCount: copy.openingCount, wayBack: wayBack,
        carry: carry, fingerprint: fingerprint, existing: existing,
        isCarryIntact: isCarryIntact)
    } catch {
      copy.writer.discard()
      throw error
    }
  }

  /// The identifier of a session at the target, where a helper may belong to the session at whose top it
  /// was started.
  private func identifier(for id: String) throws(FormatError) -> String {
    if sourceID == targetID { return id }
    var head = SessionHead(id: id)
    head.parent = try source.reader(for: id).head.parent
    var seen: Set<String> = [id]
    while let parent = head.parent, parent.kind == .subagent, seen.insert(parent.id).inserted,
      // A parent that is not here has no parents.
      let above = (try? source.reader(for: parent.id))?.head.parent, above.kind == .subagent
    {
      head.parent = above
    }
    return target.identifier(for: head)
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
    guard let known = existing.header, replacement.isOurs(known, id), known.source == fingerprint,
      known.hasItems == options.carries
    else { return false }
    if try existing.fingerprint() == known.target {
      let carry = known.hasItems ? try existing.reader().carry() : nil
      guard try carry?.isIntact() ?? !known.hasItems else { return false }
    } else {
      guard try replacement.holdsOriginal(existing, known) else { return false }
      report.reason = "it goes on at the destination; convert it back to have that here"
    }
    try noteUnchanged(id, in: &report)
    return true
  }

  /// The session to write: as it is, or as it was before it came here.
  func makeReader(
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
    guard let wayBack else {
      if sourceID == targetID { return try source.reader(for: id) }
      return try WholeViewReader { () throws(FormatError) in try source.reader(for: id) }
    }
    let plain = try source.reader(for: id)
    return try CarryReturnReader(foreign: plain, header: wayBack.header, openCarry: wayBack.items)
  }
}
