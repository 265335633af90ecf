internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// Entries that a task of its own reads while those before them are handled.
///
/// A few batches wait at a time, so that memory stays bounded.
final class ReadAhead: Sendable {
  private static let waiting = 2
  private static let batch = (entries: 64, bytes: 256 << 10)

  private struct State {
    /// What was read, each batch with its last entry first.
    var batches: [[Entry]] = []
    var failure: FormatError?
    var isAtEnd = false
    /// Whether nobody wants more.
    var isStopped = false
    var taker: CheckedContinuation<Void, Never>?
    var giver: CheckedContinuation<Void, Never>?
  }

  private let reader: Mutex<any SessionReader>
  private let state = Mutex(State())

  init(_ reader: sending any SessionReader) {
    self.reader = Mutex(reader)
  }

  /// What the reader found to be damaged.
  var findings: [Finding] { reader.withLock { $0.findings } }

  /// Reads to the end, or until ``stop()`` is called.
  func run() async {
    var isMore = true
    while isMore {
      var batch: [Entry] = []
      var failure: FormatError?
      do throws(FormatError) {
        batch = try read()
      } catch {
        failure = error
      }
      isMore = !batch.isEmpty
      let (done, reason) = (batch, failure)
      state.withLock { state in
        if done.isEmpty {
          state.isAtEnd = true
          state.failure = reason
        } else {
          state.batches.append(done)
        }
        state.taker?.resume()
        state.taker = nil
      }
      if isMore { isMore = await hasRoom() }
    }
  }

  private func read() throws(FormatError) -> [Entry] {
    try reader.withLock { (reader) throws(FormatError) in
      var batch: [Entry] = []
      var bytes = 0
      while batch.count < Self.batch.entries, bytes < Self.batch.bytes,
        let entry = try reader.next()
      {
        bytes += entry.origin?.bytes.count ?? 0
        batch.append(entry)
      }
      batch.reverse()
      return batch
    }
  }

  /// Waits until another batch may be read; false when nobody wants it.
  private func hasRoom() async -> Bool {
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

  /// The next batch, its last entry first; nil at the end.
  func next() async throws(FormatError) -> [Entry]? {
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

/// The entries of a session in order, from its reader or from a task that reads ahead.
struct EntryStream {
  private let reader: any SessionReader
  private let ahead: ReadAhead?
  private var batch: [Entry] = []

  private init(_ reader: any SessionReader, _ ahead: ReadAhead?) {
    self.reader = reader
    self.ahead = ahead
  }

  /// What was found to be damaged; complete at the end.
  var findings: [Finding] { ahead?.findings ?? reader.findings }

  /// The next entry; nil at the end.
  mutating func next() async throws(FormatError) -> Entry? {
    guard let ahead else { return try reader.next() }
    if let entry = batch.popLast() { return entry }
    batch = try await ahead.next() ?? []
    return batch.popLast()
  }

  /// Hands out the entries of a reader; another task reads ahead where asked for and possible.
  static func with<Value>(
    _ reader: any SessionReader, readsAhead: Bool,
    _ body: (inout EntryStream) async throws(FormatError) -> Value
  ) async throws(FormatError) -> Value {
    guard readsAhead, let other = try reader.independent() else {
      var stream = EntryStream(reader, nil)
      return try await body(&stream)
    }
    let ahead = ReadAhead(other)
    let result = await withTaskGroup(of: Void.self) { group in
      group.addTask { @concurrent in await ahead.run() }
      let result: Result<Value, FormatError>
      do throws(FormatError) {
        var stream = EntryStream(reader, ahead)
        result = .success(try await body(&stream))
      } catch {
        result = .failure(error)
      }
      ahead.stop()
      return result
    }
    return try result.get()
  }
}
