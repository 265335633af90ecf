internal import FileIO
public import SessionCoding
internal import SessionModel

/// How far a conversion is.
public struct ConversionProgress: Sendable {
  /// Sessions done and in all.
  public var sessions: (done: Int, total: Int)
  /// Bytes of the source read and in all.
  public var bytes: (done: UInt64, total: UInt64)
  /// Sessions that are written and in place, whatever becomes of the others.
  public var published: Int

  /// Creates a state.
  public init(
    sessions: (done: Int, total: Int), bytes: (done: UInt64, total: UInt64), published: Int
  ) {
    self.sessions = sessions
    self.bytes = bytes
    self.published = published
  }
}

/// Converts sessions of a source into a target.
public struct StoreConversion: Sendable {
  /// The format read from.
  public var sourceFormat: any SessionFormat
  /// Where the source is.
  public var sourcePath: String
  /// The format written to.
  public var targetFormat: any RestorableSessionFormat
  /// Where the target is.
  public var targetPath: String
  /// Switches of the target.
  public var writeOptions: WriteOptions
  /// Switches of the conversion.
  public var options: ConversionOptions

  /// Creates a conversion.
  public init(
    from sourceFormat: any SessionFormat, at sourcePath: String,
    to targetFormat: any RestorableSessionFormat, at targetPath: String,
    writeOptions: WriteOptions = WriteOptions(), options: ConversionOptions = ConversionOptions()
  ) {
    self.sourceFormat = sourceFormat
    self.sourcePath = sourcePath
    self.targetFormat = targetFormat
    self.targetPath = targetPath
    self.writeOptions = writeOptions
    self.options = options
  }

  /// Runs the conversion.
  ///
  /// - Throws: When the source cannot be opened or the target cannot be written; failures of single
  ///   sessions are in the report.
  public func run(
    readOptions: ReadOptions = ReadOptions(), interruption: Interruption = Interruption(),
    progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in }
  ) async throws(FormatError) -> ConversionReport {
    var readOptions = readOptions
    readOptions.isWrittenTo = isInPlace
    let source = try sourceFormat.open(sourcePath, options: readOptions)
    var listed = try SessionSelection(options.sessions).select(from: try source.list(), id: \.id)
    let passed = try options.filter.select(listed.map(\.id), of: source)
    listed.removeAll { !passed.contains($0.id) }
    if listed.count > 1, targetFormat.holdsOneSession(at: targetPath) {
      throw FormatError(severalSessions: listed.count, at: targetPath)
    }
    var writeOptions = writeOptions
    writeOptions.carries = options.carries
    let target = try aboutTarget { () throws(FormatError) in
      try targetFormat.target(at: targetPath, options: writeOptions)
    }
    var quickCheck = makeQuickCheck(profile: target.profile, readOptions)
    let untouched = untouched(among: listed, &quickCheck, target)
    let unread = Set(untouched.map(\.source))
    var summaries =
      unread.count == listed.count
      ? [] : try source.sessions(Set(listed.lazy.map(\.id).filter { !unread.contains($0) }))
    // A row names its parent only where that is there.
    if targetFormat.info.holdsRows {
      summaries = ParentsFirst(source, targetFormat.info.id).ordered(summaries)
    }
    let profile = target.profile.isEmpty ? "" : "@\(target.profile)"
    var report = ConversionReport(
      from: sourceFormat.info.id, to: targetFormat.info.id + profile,
      isDryRun: options.isDryRun)
    let meter = ProgressMeter(summaries, progress)
    // From before anything is written: source and target may be one store.
    let originals = fileStatuses(of: listed)
    let conversion = SessionConversion(
      source: source, sourceFormat: sourceFormat, target: target, targetFormat: targetFormat,
      targetPath: targetPath, options: options, interruption: interruption,
      progress: { meter.add(bytes: $0) })
    do throws(FormatError) {
      report.storeFindings = source.openingFindings.bounded
      // First, so that identifiers which the store has given are not given again.
      try transferStoreRecords(from: source, to: target, &report)
      let schedule = ConversionSchedule(
        conversion, meter, publishesEachSession: target.publishesEachSession && !options.isDryRun)
      report.sessions =
        untouched
        + (try await schedule.run(summaries, jobs: target.allowsParallelWriters ? options.jobs : 1))
      if options.isDryRun {
        target.discard()
      } else {
        try aboutTarget { () throws(FormatError) in
          try target.publish()
          try finishFiles(in: &report, source, listed, summaries, originals)
        }
      }
      quickCheck?.note(report.sessions)
    } catch {
      target.discard()
      throw error
    }
    return report
  }

  /// Whether the source is the target itself.
  private var isInPlace: Bool {
    guard let source = FileStatus.guess(sourcePath), let target = FileStatus.guess(targetPath)
    else {
      return false
    }
    return (source.device, source.inode) == (target.device, target.inode)
  }

  /// Takes along what lies beside sessions that stay in their format, and gives files their times.
  private func finishFiles(
    in report: inout ConversionReport, _ source: any SessionSource, _ listed: [ListedSession],
    _ summaries: [SessionSummary], _ originals: [ExactPath: FileStatus]
  ) throws(FormatError) {
    guard !targetFormat.info.holdsRows else { return }
    let isCopy = sourceFormat.info.id == targetFormat.info.id
    let sideFiles = SideFiles(
      of: source, sourceFormat, copied: listed, isDurable: writeOptions.isDurable)
    let bySource = Dictionary(listed.map { ($0.id, $0) }) { first, _ in first }
    let updated = Dictionary(summaries.map { ($0.id, $0.updated) }) { first, _ in first }
    for index in report.sessions.indices {
      let session = report.sessions[index]
      guard let file = session.files.first, !session.isQuick else { continue }
      do throws(FormatError) {
        if isCopy, session.status == .written || session.status == .unchanged {
          report.sessions[index].findings += try sideFiles.copy(of: session.source, besides: file)
        } else if !isCopy, let finding = try sideFiles.leftBehind(of: session.source) {
          report.sessions[index].findings.append(finding)
        }
        guard session.status == .written else { continue }
        let original = bySource[session.source]
        try giveTime(
          to: file, of: session, updated: updated[session.source] ?? nil,
          like: original?.files.first.flatMap { originals[SideFiles.key($0)] })
        if let original { try finishDescriptions(of: original, besides: file, originals) }
      } catch  where !error.concernsAll {
        report.sessions[index].findings.append(
          Finding(
            rule: "copy.side-file", severity: .error, place: error.place,
            message: "not all that lies beside the session was taken along: \(error.message)"))
      }
    }
  }

  /// Gives the files that describe a session, and were written with it, the modes and times of the originals.
  private func finishDescriptions(
    of session: ListedSession, besides target: String, _ originals: [ExactPath: FileStatus]
  ) throws(FormatError) {
    do throws(FileError) {
      for (path, place) in SideFiles.descriptions(of: session, besides: target) {
        guard let original = originals[SideFiles.key(path)],
          try FileStatus(path: place, followingLinks: false)?.kind == .file
        else { continue }
        try setAttributes(
          of: place, permissions: original.permissions & 0o777, modified: original.modified)
      }
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// What the file system knows of the files of sessions that are copied within their format.
  private func fileStatuses(of sessions: [ListedSession]) -> [ExactPath: FileStatus] {
    guard sourceFormat.info.id == targetFormat.info.id, !sourceFormat.info.holdsRows else {
      return [:]
    }
    var statuses: [ExactPath: FileStatus] = [:]
    for file in sessions.flatMap(\.files) where statuses[SideFiles.key(file)] == nil {
      statuses[SideFiles.key(file)] = FileStatus.guess(file)
    }
    return statuses
  }

  /// Gives the file of a session that was written its time: of a copy time and mode of the original.
  private func giveTime(
    to file: String, of session: SessionReport, updated: Timestamp?, like original: FileStatus?
  ) throws(FormatError) {
    do throws(FileError) {
      var time: FileStatus.Time?
      var mode: UInt32?
      if let original {
        // A file that holds several sessions is no copy of one.
        let size = try FileStatus(path: file)?.size
        let isSame = session.fidelity == .exact && size == original.size
        if isSame || !targetFormat.info.isSingleFile {
          time = original.modified
          mode = original.permissions & 0o777
        }
      } else if let updated, !targetFormat.info.isSingleFile {
        time = SessionTime.modified(
          updated: updated, removesOldFiles: targetFormat.info.removesOldFiles,
          now: SystemClock.now.seconds)
      }
      if let time { try setAttributes(of: file, permissions: mode, modified: time) }
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// What earlier runs of this kind found alike; nil where nothing is to be kept.
  private func makeQuickCheck(profile: String, _ readOptions: ReadOptions) -> QuickCheck? {
    let isAbsolute = sourcePath.hasPrefix("/") && targetPath.hasPrefix("/")
    guard let folder = options.quickCheckFolder, !options.isDryRun,
      // Relative paths mean something from here only; without a current folder, nothing.
      let here = isAbsolute ? "/" : try? currentDirectory()
    else { return nil }
    return QuickCheck(
      in: folder,
      for: [
        here, sourceFormat.info.id, sourcePath, targetFormat.info.id, profile, targetPath,
        "\(writeOptions.stripsSettings) \(options.carries)",
        "\(options.repairs) \(options.mappedPaths)",
        "\(readOptions.maximumRecordLength) \(readOptions.maximumDepth) \(readOptions.isStrict)",
      ])
  }

  /// The sessions that nobody touched on either side since an earlier run.
  private func untouched(
    among listed: [ListedSession], _ quickCheck: inout QuickCheck?, _ target: any SessionTarget
  ) -> [SessionReport] {
    listed.compactMap { session in
      guard let id = quickCheck?.look(at: session), !options.readsUnchanged else { return nil }
      var report = SessionReport(source: session.id, status: .unchanged)
      report.target = id
      report.isQuick = true
      report.resume = target.resumeCommand(for: id)?.text
      return report
    }
  }

  /// Takes over what belongs to the store as a whole, when the whole store is converted.
  ///
  /// The sessions do not depend on it: what fails of it is told as a finding.
  private func transferStoreRecords(
    from source: any SessionSource, to target: any SessionTarget, _ report: inout ConversionReport
  ) throws(FormatError) {
    guard options.sessions.isEmpty, options.filter.isEmpty else { return }
    if !options.carries, let finding = keptBefore { report.storeFindings.append(finding) }
    do throws(FormatError) {
      let own = try source.storeRecords()
      let carried = try source.carriedStoreRecords()
      report.omissions = own.omissions + (carried?.records.omissions ?? [])
      if !options.isDryRun { try transfer(own, carried, to: target) }
    } catch  where !(error.isAboutTarget && error.concernsAll) {
      report.storeFindings.append(
        Finding(
          rule: "store.records", severity: .error, place: error.place,
          message: "not all that belongs to the store as a whole was taken over: \(error.message)"))
    }
  }

  private func transfer(
    _ own: StoreRecords, _ carried: (format: String, records: StoreRecords)?,
    to target: any SessionTarget
  ) throws(FormatError) {
    let (sourceID, targetID) = (sourceFormat.info.id, targetFormat.info.id)
    if sourceID == targetID {
      try target.restoreStoreRecords(own.records)
      // What an earlier conversion brought along goes on with the copy.
      if let carried { try carry(carried.records, of: carried.format, to: target) }
    } else if let carried, carried.format == targetID {
      try target.restoreStoreRecords(carried.records.records)
    } else {
      try carry(own, of: sourceID, to: target)
    }
  }

  /// What an earlier conversion kept at the target of a store, which this one leaves there.
  private var keptBefore: Finding? {
    // Where nothing can be read, nothing was kept.
    guard let present = try? targetFormat.open(targetPath, options: ReadOptions()),
      let carried = (try? present.carriedStoreRecords()) ?? nil
    else { return nil }
    return Finding(
      rule: "carry.kept-before", severity: .warning, place: .file(path: targetPath),
      message: "what an earlier conversion kept of a store of \(carried.format) is still there; "
        + "convert to a new place to have none of it")
  }

  /// Keeps another format's store-wide records, unless the target holds them already.
  private func carry(
    _ kept: StoreRecords, of format: String, to target: any SessionTarget
  ) throws(FormatError) {
    guard options.carries else { return }
    // Where nothing can be read, everything is written.
    if let present = try? targetFormat.open(targetPath, options: .unlimited),
      let carried = try? present.carriedStoreRecords(), carried.format == format,
      carried.records.records == kept.records, carried.records.omissions.isEmpty
    {
      return
    }
    try target.carryStoreRecords(kept.records, of: format)
  }
}

/// Marks errors as being about the target.
private func aboutTarget<Value>(
  _ body: () throws(FormatError) -> Value
) throws(FormatError) -> Value {
  do throws(FormatError) {
    return try body()
  } catch {
    var error = error
    error.isAboutTarget = true
    throw error
  }
}
