#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The signals that end a program, taken as messages instead.
public enum Signals {
  /// Makes writing into a closed pipe, and past the file size limit, an error instead of the end.
  public static func ignoreWriteSignals() {
    _ = signal(SIGPIPE, SIG_IGN)
    _ = signal(SIGXFSZ, SIG_IGN)
  }

  /// Runs `work` on other threads, and calls `handler` here with each interrupt, hang-up or request
  /// to terminate.
  ///
  /// The handler runs on an ordinary thread, so it may do anything. A signal that the process was
  /// started with ignored, as under `nohup`, stays ignored. To be called by the main thread before
  /// there are others: they inherit that these signals are blocked.
  public static func wait(
    while work: @escaping @Sendable () async -> Never,
    handler: (_ signal: Int32) -> Void
  ) -> Never {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] where !isIgnored(number) {
      unsafe sigaddset(&signals, number)
    }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    Task { await work() }
    while true {
      var number: Int32 = 0
      if unsafe sigwait(&signals, &number) == 0 { handler(number) }
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    #if canImport(Glibc)
      let handler = unsafe action.__sigaction_handler.sa_handler
    #else
      let handler = unsafe action.__sigaction_u.__sa_handler
    #endif
    return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

/// Ends the process at once, without waiting for other threads.
public func endProcess(_ code: Int32) -> Never {
  _exit(code)
}

/// Ends the process as one that returns from its main function.
public func exitProcess(_ code: Int32) -> Never {
  exit(code)
}

/// The number of processor cores in service, at least 1.
public func processorCount() -> Int {
  max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}
