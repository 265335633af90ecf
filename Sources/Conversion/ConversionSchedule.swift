internal import SessionCoding
internal import Synchronization

/// Converts several sessions at a time and publishes them in the order of the source, so that what lists
/// them is the same each time.
final class ConversionSchedule: Sendable {
  private struct State {
    /// In the order of the sessions.
    var reports: [SessionReport] = []
    /// The first failure that concerns all sessions.
    var failure: FormatError?
  }

  /// How many proven sessions may wait for their turn to be published.
  private static let longestQueue = 8

  private let conversion: SessionConversion
  private let meter: ProgressMeter
  private let publishesEachSession: Bool
  private let state = Mutex(State())

  /// - Parameter publishesEachSession: Whether a session is visible as soon as it is published.
  init(_ conversion: SessionConversion, _ meter: ProgressMeter, publishesEachSession: Bool) {
    self.conversion = conversion
    self.meter = meter
    self.publishesEachSession = publishesEachSession
  }

  /// Converts all sessions; once for each schedule.
  ///
  /// - Parameter jobs: How many sessions are worked on at the same time; with one, each is published
  ///   before the next is begun.
  /// - Returns: The reports, in the order of the sessions.
  func run(_ sessions: [SessionSummary], jobs: Int) async throws(FormatError) -> [SessionReport] {
    let working = AsyncSemaphore(max(1, jobs))
    let open = AsyncSemaphore(jobs > 1 ? jobs + Self.longestQueue : 1)
    let publishing = OrderedGate()
    await withDiscardingTaskGroup { group in
      for (index, session) in sessions.enumerated() where goesOn {
        await open.wait()
        await working.wait()
        group.addTask { @concurrent in
          let outcome = self.prove(session)
          await working.signal()
          await publishing.enter(index)
          // After a failure nothing more is published.
          if let outcome, self.goesOn { self.finish(outcome) }
          await publishing.leave()
          await open.signal()
        }
      }
    }
    return try state.withLock { (state) throws(FormatError) in
      if let failure = state.failure { throw failure }
      return state.reports
    }
  }

  private var goesOn: Bool { state.withLock { $0.failure == nil } }

  private func prove(_ session: SessionSummary) -> SessionConversion.Outcome? {
    guard goesOn else { return nil }
    do throws(FormatError) {
      return try conversion.prove(session)
    } catch {
      fail(error)
      return nil
    }
  }

  private func finish(_ outcome: SessionConversion.Outcome) {
    do throws(FormatError) {
      switch outcome {
      case .done(let report): note(report)
      case .proven(let session): note(try conversion.publish(session))
      }
    } catch {
      fail(error)
    }
  }

  private func note(_ report: SessionReport) {
    state.withLock { $0.reports.append(report) }
    meter.add(report, isPublished: publishesEachSession)
  }

  private func fail(_ error: FormatError) {
    state.withLock { $0.failure = $0.failure ?? error }
  }
}
