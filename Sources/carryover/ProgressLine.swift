internal import Conversion
internal import FileIO
internal import Synchronization

/// One line on a terminal that says how far a conversion is, at most ten times a second.
final class ProgressLine: Sendable {
  private struct State {
    var lastShown: ContinuousClock.Instant?
    var isVisible = false
  }

  private let isShown: Bool
  private let start = ContinuousClock().now
  private let state = Mutex(State())

  init(isShown: Bool) { self.isShown = isShown }

  /// Shows the progress unless the last one was shown a moment ago.
  func show(_ progress: ConversionProgress) {
    guard isShown else { return }
    state.withLock { state in
      let now = ContinuousClock().now
      if let last = state.lastShown, now - last < .milliseconds(100) { return }
      state.lastShown = now
      state.isVisible = true
      Self.write("\r\u{1B}[K" + text(progress, after: (now - start) / .seconds(1)))
    }
  }

  /// Removes the line.
  func erase() {
    state.withLock { state in
      if state.isVisible { Self.write("\r\u{1B}[K") }
      state.isVisible = false
    }
  }

  private func text(_ progress: ConversionProgress, after seconds: Double) -> String {
    var text =
      "\(progress.sessions.done)/\(progress.sessions.total) sessions, "
      + "\(Wording.bytes(progress.bytes.done))/\(Wording.bytes(progress.bytes.total))"
    let rate = seconds > 0 ? Double(progress.bytes.done) / seconds : 0
    if rate >= 1, rate < 1e15 {
      text += ", \(Wording.bytes(UInt64(rate)))/s"
      let left = progress.bytes.total - min(progress.bytes.done, progress.bytes.total)
      text += ", \(Wording.seconds(Double(left) / rate)) left"
    }
    return text
  }

  private static func write(_ text: String) {
    var errors = StandardOutput(errors: true)
    // A terminal that went away shows no progress; the conversion goes on.
    try? errors.write(text)
    try? errors.flush()
  }
}
