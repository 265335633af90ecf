internal import FileIO
public import SessionCoding
internal import SessionModel
internal import Synchronization

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
  public var targetFormat: any WritableSessionFormat
  /// Where the target is.
  public var targetPath: String
  /// Switches of the target.
  public var writeOptions: WriteOptions
  /// Switches of the conversion.
  public var options: ConversionOptions

  /// Creates a conversion.
  public init(
    from sourceFormat: any SessionFormat, at sourcePath: String,
    to targetFormat: any WritableSessionFormat, at targetPath: String,
    writeOptions: WriteOptions = WriteOptions(), options: ConversionOptions = ConversionOptions()
  ) {
    self.sourceFormat = sourceFormat
    self.sourcePath = sourcePath
    self.targetFormat = targetFormat
    self.targetPath = targetPath
    self.writeOptions = writeOptions
    self.options = options
    // What is not kept must not be reported as kept.
    if writeOptions.isCompact { self.options.carries = false }
  }

  /// Runs the conversion.
  ///
  /// - Throws: When the source cannot be opened or the target cannot be written; failures of single
  ///   sessions are in the report.
  public func run(
    readOptions: ReadOptions = ReadOptions(), interruption: Interruption = Interruption(),
    progress: @escaping @Sendable (ConversionProgress) -> Void = { _ in }
  ) async throws(FormatError) -> ConversionReport {
    let source = try sourceFormat.open(sourcePath, options: readOptions)
    let summaries = try SessionSelection(options.sessions).select(from: try source.sessions())
    var writeOptions = writeOptions
    writeOptions.carries = options.carries
    let target = try aboutTarget { () throws(FormatError) in
      try targetFormat.target(at: targetPath, options: writeOptions)
    }
    let profile = target.profile.isEmpty ? "" : "@\(target.profile)"
    var report = ConversionReport(
      from: sourceFormat.info.id, to: targetFormat.info.id + profile,
      isDryRun: options.isDryRun)
    let meter = ProgressMeter(summaries, progress)
    let conversion = SessionConversion(
      source: source, sourceFormat: sourceFormat, target: target, targetFormat: targetFormat,
      options: options, interruption: interruption, progress: { meter.add(bytes: $0) })
    do throws(FormatError) {
      report.storeFindings = source.openingFindings
      // First, so that identifiers which the store has given are not given again.
      if !options.isDryRun { try transferStoreRecords(from: source, to: target) }
      report.sessions = try await run(summaries, conversion, meter)
      if options.isDryRun {
        target.discard()
      } else {
        try aboutTarget { () throws(FormatError) in try target.publish() }
      }
    } catch {
      target.discard()
      throw error
    }
    return report
  }

  private func run(
    _ summaries: [SessionSummary], _ conversion: SessionConversion, _ meter: ProgressMeter
  ) async throws(FormatError) -> [SessionReport] {
    guard conversion.target.allowsOverlap else {
      var reports: [SessionReport] = []
      for summary in summaries {
        reports.append(try await conversion.run(summary))
        meter.add(reports[reports.count - 1], isPublished: publishes(conversion))
      }
      return reports
    }
    if options.jobs <= 1 || summaries.count <= 1 || !conversion.target.allowsParallelWriters {
      return try await runOverlapping(summaries, conversion, meter)
    }
    return try await runParallel(summaries, conversion, meter)
  }

  private func publishes(_ conversion: SessionConversion) -> Bool {
    conversion.target.publishesEachSession && !options.isDryRun
  }

  /// One session after the other; while one is written aside, the one before it is read back.
  private func runOverlapping(
    _ summaries: [SessionSummary], _ conversion: SessionConversion, _ meter: ProgressMeter
  ) async throws(FormatError) -> [SessionReport] {
    var reports: [SessionReport] = []
    let failure: FormatError? = await withTaskGroup(
      of: Result<SessionReport, FormatError>.self
    ) { group in
      var isSettling = false
      func finish(_ report: SessionReport) {
        reports.append(report)
        meter.add(report, isPublished: publishes(conversion))
      }
      func collect() async -> FormatError? {
        guard isSettling, let result = await group.next() else { return nil }
        isSettling = false
        switch result {
        case .success(let report):
          finish(report)
          return nil
        case .failure(let error): return error
        }
      }
      for summary in summaries {
        let step: SessionConversion.Step
        do throws(FormatError) {
          step = try await conversion.stage(summary)
        } catch {
          _ = await collect()
          return error
        }
        if let error = await collect() { return error }
        switch step {
        case .done(let report): finish(report)
        case .staged(let staged):
          isSettling = true
          group.addTask { @concurrent in
            do throws(FormatError) {
              return .success(try await conversion.settle(staged))
            } catch {
              return .failure(error)
            }
          }
        }
      }
      return await collect()
    }
    if let failure { throw failure }
    return reports
  }

  /// Several sessions at a time.
  private func runParallel(
    _ summaries: [SessionSummary], _ conversion: SessionConversion, _ meter: ProgressMeter
  ) async throws(FormatError) -> [SessionReport] {
    let jobs = options.jobs
    typealias Outcome = Result<(Int, SessionReport), FormatError>
    var reports: [Int: SessionReport] = [:]
    var failure: FormatError?
    await withTaskGroup(of: Outcome.self) { group in
      var next = 0
      func start() {
        guard next < summaries.count, failure == nil else { return }
        let index = next
        next += 1
        group.addTask { @concurrent in
          do throws(FormatError) {
            return .success((index, try await conversion.run(summaries[index])))
          } catch {
            return .failure(error)
          }
        }
      }
      for _ in 0..<jobs { start() }
      while let outcome = await group.next() {
        switch outcome {
        case .success((let index, let report)):
          reports[index] = report
          meter.add(report, isPublished: publishes(conversion))
        case .failure(let error): failure = failure ?? error
        }
        start()
      }
    }
    if let failure { throw failure }
    return summaries.indices.compactMap { reports[$0] }
  }

  /// Takes over what belongs to the store as a whole, when the whole store is converted.
  private func transferStoreRecords(
    from source: any SessionSource, to target: any SessionTarget
  ) throws(FormatError) {
    guard options.sessions.isEmpty else { return }
    let (sourceID, targetID) = (sourceFormat.info.id, targetFormat.info.id)
    if sourceID == targetID {
      try target.restoreStoreRecords(try source.storeRecords())
      // What an earlier conversion brought along goes on with the copy.
      if let carried = try source.carriedStoreRecords() {
        try carry(carried.records, of: carried.format, to: target)
      }
    } else if let carried = try source.carriedStoreRecords(), carried.format == targetID {
      try target.restoreStoreRecords(carried.records)
    } else {
      try carry(try source.storeRecords(), of: sourceID, to: target)
    }
  }

  /// Keeps another format's store-wide records, unless the target holds them already.
  private func carry(
    _ records: [[UInt8]], of format: String, to target: any SessionTarget
  ) throws(FormatError) {
    guard options.carries else { return }
    if let present = try? targetFormat.open(targetPath, options: ReadOptions()),
      let carried = try? present.carriedStoreRecords(), carried.format == format,
      carried.records == records
    {
      return
    }
    try target.carryStoreRecords(records, of: format)
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

/// Adds up progress and passes it on, within a session each time another mebibyte was read.
private final class ProgressMeter: Sendable {
  private let state: Mutex<ConversionProgress>
  private let report: @Sendable (ConversionProgress) -> Void

  init(
    _ summaries: [SessionSummary], _ report: @escaping @Sendable (ConversionProgress) -> Void
  ) {
    let total = summaries.reduce(UInt64(0)) { $0 &+ $1.byteCount }
    state = Mutex(
      ConversionProgress(sessions: (0, summaries.count), bytes: (0, total), published: 0))
    self.report = report
  }

  func add(bytes: UInt64) {
    let progress: ConversionProgress? = state.withLock { state in
      let before = state.bytes.done >> 20
      state.bytes.done &+= bytes
      return state.bytes.done >> 20 == before ? nil : state
    }
    if let progress { report(progress) }
  }

  func add(_ session: SessionReport, isPublished: Bool) {
    let progress = state.withLock { state in
      state.sessions.done += 1
      if isPublished, session.status == .written { state.published += 1 }
      return state
    }
    report(progress)
  }
}
