internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// Entries that a task of its own reads while those before them are handled.
///
/// A few batches wait at a time, so that memory stays bounded.
final class ReadAhead: Sendable {
  private static let waiting = 2
  private static let batch = (entries: 64, bytes: 128 << 10)

  private struct State {
    /// What was read.
    var batches: [[Entry]] = []
    /// What was handled and is let go by the task that made it, whose memory it is.
    var handled: [[Entry]] = []
    var findings: [Finding] = []
    var failure: FormatError?
    var isAtEnd = false
    /// Whether nobody wants more.
    var isStopped = false
    var taker: CheckedContinuation<Void, Never>?
    var giver: CheckedContinuation<Void, Never>?
  }

  private let reader: Mutex<(any SessionReader)?>
  private let state = Mutex(State())

  init(_ reader: sending any SessionReader) {
    self.reader = Mutex(reader)
  }

  /// What the reader found to be damaged; known at the end.
  var findings: [Finding] { state.withLock { $0.findings } }

  /// Reads to the end, or until ``stop()`` is called.
  func run() async {
    guard let reader = reader.withLock({ $0.take() }) else { return }
    var failure: FormatError?
    do throws(FormatError) {
      while try await give(batch(of: reader)) {}
    } catch {
      failure = error
    }
    let (reason, findings) = (failure, reader.findings)
    state.withLock { state in
      state.isAtEnd = true
      state.failure = reason
      state.findings = findings
      state.taker?.resume()
      state.taker = nil
    }
  }

  /// The next entries; none at the end.
  private func batch(of reader: any SessionReader) throws(FormatError) -> [Entry] {
    var batch: [Entry] = []
    var bytes = 0
    while batch.count < Self.batch.entries, bytes < Self.batch.bytes, let entry = try reader.next()
    {
      bytes += entry.origin?.bytes.count ?? 0
      batch.append(entry)
    }
    return batch
  }

  /// Hands a batch over and waits until another may be read; false at the end or when nobody wants it.
  private func give(_ batch: [Entry]) async -> Bool {
    guard !batch.isEmpty else { return false }
    let handled = state.withLock { state in
      state.batches.append(batch)
      state.taker?.resume()
      state.taker = nil
      let handled = state.handled
      state.handled = []
      return handled
    }
    _ = consume handled
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if state.isStopped || state.batches.count < Self.waiting {
          continuation.resume()
        } else {
          state.giver = continuation
        }
      }
    }
    return state.withLock { !$0.isStopped }
  }

  /// The next batch; nil at the end.
  ///
  /// - Parameter handled: The batch before it.
  func next(after handled: [Entry]) async throws(FormatError) -> [Entry]? {
    state.withLock { $0.handled.append(handled) }
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if state.isAtEnd || !state.batches.isEmpty {
          continuation.resume()
        } else {
          state.taker = continuation
        }
      }
    }
    let (batch, failure) = state.withLock { state in
      let batch = state.batches.isEmpty ? nil : state.batches.removeFirst()
      state.giver?.resume()
      state.giver = nil
      return (batch, batch == nil ? state.failure : nil)
    }
    if let failure { throw failure }
    return batch
  }

  /// Ends reading.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      state.giver?.resume()
      state.giver = nil
    }
  }
}
