import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The temporary files and directories this process has not yet published or removed.
public enum TemporaryFiles {
  /// The end of every temporary name made here.
  public static let suffix = ".carryover-tmp"

  private struct State {
    var paths: Set<String> = []
    var counter = 0
    var isClosed = false
  }

  private static let state = Mutex(State())

  /// Whether `name` is one that an interrupted run may have left behind.
  public static func isTemporaryName(_ name: String) -> Bool {
    name.hasPrefix(".") && name.hasSuffix(suffix)
  }

  /// Removes everything left, and makes later attempts to stage anything fail as `.interrupted`.
  ///
  /// It is meant for a program that ends early. It takes a lock, so it must run on an ordinary
  /// thread (one that waits for signals), not inside a signal handler.
  public static func removeAll() {
    let paths = state.withLock { state in
      state.isClosed = true
      return state.paths
    }
    for path in paths {
      // The program is ending: what cannot be removed is left, under a recognisable name.
      try? removeTree(path)
    }
  }

  /// The paths registered now, in order.
  static var registered: [String] {
    state.withLock { $0.paths.sorted() }
  }

  /// A name beside `name` that no other file of this process and no other process uses.
  static func makeName(for name: String) -> String {
    let counter = state.withLock { state in
      state.counter += 1
      return state.counter
    }
    // File systems allow 255 bytes; the part that tells the files apart is the end.
    let start = name.utf8.count <= 180 ? name : "long-name"
    return ".\(start).\(getpid())-\(counter)\(suffix)"
  }

  /// Notes something just created; removes it again if the program is already ending.
  static func register(_ path: String) throws(FileError) {
    let isClosed = state.withLock { state in
      if !state.isClosed { state.paths.insert(path) }
      return state.isClosed
    }
    guard isClosed else { return }
    try removeTree(path)
    throw FileError(.interrupted, path: path, operation: "creating")
  }

  static func unregister(_ path: String) {
    state.withLock { _ = $0.paths.remove(path) }
  }
}
