internal import SessionCoding
internal import Synchronization

/// Adds up progress and passes it on, within a session each time another mebibyte was read.
final class ProgressMeter: Sendable {
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
