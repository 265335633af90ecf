#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An exclusive advisory lock (`flock`) on a file, held until it goes out of scope.
public struct FileLock: ~Copyable, Sendable {
  private let file: FileDescriptor
  private let removesFile: Bool

  /// The path of the lock file.
  public var path: String { file.path }

  /// Takes the lock, creating the lock file if it is missing.
  ///
  /// - Parameters:
  ///   - blocking: Whether to wait for another holder, else to fail.
  ///   - permissions: Of a new lock file, before the process's mask.
  ///   - removingFile: Whether the lock file is removed on release.
  /// - Throws: `.locked` if another holder has it and `blocking` is false, and what opening reports.
  public init(
    path: String, blocking: Bool, permissions: UInt32 = 0o600, removingFile: Bool = false
  ) throws(FileError) {
    removesFile = removingFile
    while true {
      let file = try FileDescriptor(
        opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW, permissions: permissions,
        access: .writing, operation: "locking")
      try Self.lock(file, blocking: blocking)
      // A holder that removed the file while we waited left us a lock on nothing: try again.
      let status = try file.status(operation: "locking")
      let present = try FileStatus(path: path, followingLinks: false)
      if let present, present.inode == status.inode, present.device == status.device {
        self.file = file
        return
      }
    }
  }

  deinit {
    // Before the lock goes with the descriptor, so nobody can hold the file that is removed.
    if removesFile { discardFile(file.path) }
  }

  /// Replaces the lock file's content, for example by the process number as text.
  public func write(_ text: String) throws(FileError) {
    try file.seek(to: 0)
    guard ftruncate(file.number, 0) == 0 else {
      throw .last(path: path, operation: "writing", access: .writing)
    }
    try file.write(text.utf8.span)
  }

  /// Writes this process's number as decimal text into the lock file.
  public func writeProcessID() throws(FileError) {
    try write(String(getpid()))
  }

  private static func lock(_ file: borrowing FileDescriptor, blocking: Bool) throws(FileError) {
    var result: Int32
    repeat {
      result = flock(file.number, blocking ? LOCK_EX : LOCK_EX | LOCK_NB)
    } while result != 0 && lastErrno() == EINTR
    guard result != 0 else { return }
    var error = FileError.last(path: file.path, operation: "locking", access: .writing)
    if error.errno == EWOULDBLOCK { error.code = .locked }
    throw error
  }
}
