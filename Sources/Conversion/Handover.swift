internal import Synchronization

/// Values that one task hands to another in order; few of them wait at a time.
final class Handover<Value: Sendable>: Sendable {
  private struct State {
    var values: [Value] = []
    var isAtEnd = false
    /// Whether nobody takes or gives more.
    var isStopped = false
    var taker: CheckedContinuation<Void, Never>?
    var giver: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Hands a value over and waits until it is taken; false when none is wanted any more.
  func give(_ value: Value) async -> Bool {
    state.withLock { state in
      guard !state.isStopped else { return }
      state.values.append(value)
      state.taker?.resume()
      state.taker = nil
    }
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if state.isStopped || state.values.isEmpty {
          continuation.resume()
        } else {
          state.giver = continuation
        }
      }
    }
    return state.withLock { !$0.isStopped }
  }

  /// The next value; nil at the end.
  func take() async -> Value? {
    await withCheckedContinuation { continuation in
      state.withLock { state in
        if state.isAtEnd || state.isStopped || !state.values.isEmpty {
          continuation.resume()
        } else {
          state.taker = continuation
        }
      }
    }
    return state.withLock { state in
      state.giver?.resume()
      state.giver = nil
      return state.values.isEmpty ? nil : state.values.removeFirst()
    }
  }

  /// Says that no value follows.
  func end() {
    state.withLock { state in
      state.isAtEnd = true
      state.taker?.resume()
      state.taker = nil
    }
  }

  /// Lets go of what waits, on both sides.
  func stop() {
    let values = state.withLock { state in
      defer { state.values = [] }
      state.isStopped = true
      state.giver?.resume()
      state.giver = nil
      state.taker?.resume()
      state.taker = nil
      return state.values
    }
    _ = consume values
  }
}
