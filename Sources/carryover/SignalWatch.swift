internal import Conversion
internal import FileIO
internal import Synchronization

/// What an interrupt does: the first one asks a running conversion to stop, the second ends at once.
enum SignalWatch {
  private struct State {
    var interruption: Interruption?
    var signal: Int32?
  }

  private static let state = Mutex(State())

  /// The code to exit with after stopping on request.
  static var code: Ending.Code {
    Ending.Code(rawValue: 128 + (state.withLock { $0.signal } ?? 2)) ?? .interrupted
  }

  /// Takes a signal.
  static func take(_ signal: Int32) {
    let interruption: Interruption? = state.withLock { state in
      let isFirst = state.signal == nil
      state.signal = signal
      return isFirst ? state.interruption : nil
    }
    if let interruption {
      interruption.request()
    } else {
      TemporaryFiles.removeAll()
      endProcess(128 + signal)
    }
  }

  /// From now on the first signal stops this instead of the program.
  static func stop(_ interruption: Interruption) {
    let isLate = state.withLock { state in
      state.interruption = interruption
      return state.signal != nil
    }
    if isLate { interruption.request() }
  }
}
