internal import Conversion
internal import SessionCoding
internal import Synchronization

/// A conversion with its progress, its clock and its way to stop.
struct ConversionRun {
  /// What came of it.
  struct Outcome {
    var report: ConversionReport
    var seconds: Double
  }

  let conversion: StoreConversion
  let source: OpenedSource
  let target: ConversionTarget
  let showsProgress: Bool
  let hasColors: Bool

  /// Runs the conversion; errors have their exit codes.
  func perform() async throws(Ending) -> Outcome {
    let interruption = Interruption()
    SignalWatch.stop(interruption)
    let last = Mutex<ConversionProgress?>(nil)
    let line = ProgressLine(isShown: showsProgress)
    let clock = ContinuousClock()
    let start = clock.now
    do throws(FormatError) {
      let report = try await conversion.run(
        readOptions: source.options, interruption: interruption
      ) { progress in
        last.withLock { $0 = progress }
        line.show(progress)
      }
      line.erase()
      return Outcome(report: report, seconds: (clock.now - start) / .seconds(1))
    } catch {
      line.erase()
      throw ending(error, last.withLock { $0 })
    }
  }

  private func ending(_ error: FormatError, _ progress: ConversionProgress?) -> Ending {
    if error.code == .interrupted {
      return Ending(SignalWatch.code, stopped(progress))
    }
    if error.code == .severalSessions {
      return Ending(.usage, "\(target.name): \(error.message); \(error.advice ?? "")")
    }
    guard error.isAboutTarget || error.code == .notWritable else {
      return Ending(.source, source.shown(error.description))
    }
    let published = progress?.published ?? 0
    let rest =
      published == 0
      ? "\(target.name) is as it was before"
      : "\(Wording.count(published, "session")) of \(progress?.sessions.total ?? 0) "
        + (published == 1 ? "is" : "are") + " complete in \(target.name), the rest is as before"
    return Ending(.target, "\(source.shown(error.description)) (\(rest))")
  }

  /// What an interrupted conversion leaves behind, and how to go on.
  private func stopped(_ progress: ConversionProgress?) -> String {
    let published = progress?.published ?? 0
    let total = progress?.sessions.total ?? 0
    let state =
      published == 0 || conversion.options.isDryRun
      ? "nothing was written, \(target.name) is as it was before"
      : "\(published) of \(Wording.count(total, "session")) "
        + (published == 1 ? "was" : "were")
        + " written and complete, the rest of \(target.name) is as it was before"
    return "stopped on request: \(state); run the same command again to go on"
  }
}
