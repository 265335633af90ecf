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
    /// The directories that were cleared of what dead processes left.
    var cleared: Set<String> = []
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
      discardTree(path)
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

  /// Removes what dead processes left in a directory, the first time that this process uses it.
  ///
  /// A name tells the process that made it. Only what no process of that number runs for, and what
  /// nobody holds locked (a process elsewhere, whose numbers mean nothing here), is removed.
  static func clear(_ directory: String) {
    let isNew = state.withLock { $0.cleared.insert(directory).inserted }
    guard isNew, let entries = try? listDirectory(directory) else { return }
    for entry in entries where entry.kind == .file || entry.kind == .directory {
      guard entry.isNameExact, let owner = owner(of: entry.name), !isRunning(owner) else {
        continue
      }
      let path = joinPath(directory, entry.name)
      // Locked or gone: in use, or nothing to clear.
      guard let lock = try? StrayLock(path) else { continue }
      discardTree(path)
      _ = consume lock
    }
  }

  /// The number of the process that made a temporary name; nil for other names.
  static func owner(of name: String) -> Int32? {
    guard isTemporaryName(name) else { return nil }
    let stem = name.dropLast(suffix.count).split(separator: ".").last ?? ""
    let parts = stem.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, Int(parts[1]) != nil, let number = Int32(parts[0]), number > 0 else {
      return nil
    }
    return number
  }

  private static func isRunning(_ process: Int32) -> Bool {
    kill(process, 0) == 0 || lastErrno() != ESRCH
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

/// The lock (`flock`) that whoever writes a temporary file or directory holds on it.
struct StrayLock: ~Copyable, Sendable {
  private let file: FileDescriptor

  /// Takes the lock.
  ///
  /// - Throws: `.locked` if its writer lives, and what opening reports.
  init(_ path: String) throws(FileError) {
    let file = try FileDescriptor(
      opening: path, flags: O_RDONLY | O_NOFOLLOW, access: .reading, operation: "locking", as: nil)
    guard file.lockAtOnce() else { throw FileError(.locked, path: path, operation: "locking") }
    self.file = file
  }
}

extension FileDescriptor {
  /// Takes the lock of the open file if nobody else has it; file systems without locks say no.
  func lockAtOnce() -> Bool {
    var result: Int32
    repeat { result = flock(number, LOCK_EX | LOCK_NB) } while result != 0 && lastErrno() == EINTR
    return result == 0
  }
}
