#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An exclusive advisory lock (`flock`) on a folder itself, which leaves no file behind.
public struct DirectoryLock: ~Copyable, Sendable {
  private let file: FileDescriptor

  /// Takes the lock; it is held until the value goes out of scope.
  ///
  /// - Parameter blocking: Whether to wait for another holder, else to fail.
  /// - Throws: `.locked` if another holder has it and `blocking` is false, and what opening reports.
  public init(path: String, blocking: Bool = true) throws(FileError) {
    let file = try FileDescriptor(
      opening: path, flags: O_RDONLY | O_DIRECTORY, access: .reading, operation: "locking",
      as: .directory)
    var result: Int32
    repeat {
      result = flock(file.number, blocking ? LOCK_EX : LOCK_EX | LOCK_NB)
    } while result != 0 && lastErrno() == EINTR
    guard result == 0 else {
      var error = FileError.last(path: path, operation: "locking", access: .writing)
      if error.errno == EWOULDBLOCK { error.code = .locked }
      throw error
    }
    self.file = file
  }
}
