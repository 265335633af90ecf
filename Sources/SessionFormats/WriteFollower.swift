internal import Dispatch
internal import SessionCoding
internal import Synchronization

/// Reads a file behind its writer, on a thread of its own, so that little is left to be read at the end.
///
/// It sees what the writer has handed to the system, which may end within a line.
final class WriteFollower<Reading: Sendable>: Sendable {
  /// How many bytes are written between two looks at the file.
  private static var step: UInt64 { 2 << 20 }

  /// What was read so far; nil when reading failed.
  private let reading: Mutex<Reading?>
  private let next = Mutex(WriteFollower.step)
  private let queue = DispatchQueue(label: "carryover.following")
  private let read: @Sendable (inout Reading, _ isFinished: Bool) throws(FormatError) -> Void

  /// - Parameter read: Reads on from where it stopped before.
  init(
    _ reading: Reading,
    read: @escaping @Sendable (inout Reading, _ isFinished: Bool) throws(FormatError) -> Void
  ) {
    self.reading = Mutex(reading)
    self.read = read
  }

  /// Notes how many bytes were written in all.
  func note(written: UInt64) {
    let isDue = next.withLock { next in
      guard written >= next else { return false }
      next = written + Self.step
      return true
    }
    if isDue { queue.async { self.look(isFinished: false) } }
  }

  /// Reads the rest; nil when something could not be read, which reading anew will tell.
  func finish() -> Reading? {
    queue.sync { look(isFinished: true) }
    return reading.withLock { $0 }
  }

  private func look(isFinished: Bool) {
    reading.withLock { state in
      guard var reading = state.take() else { return }
      do throws(FormatError) {
        try read(&reading, isFinished)
        state = reading
      } catch {}
    }
  }
}
