#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An exclusive advisory lock (`flock`) on a folder itself, which leaves no file behind.
public struct DirectoryLock: ~Copyable, Sendable {
  private let file: FileDescriptor

  /// Waits for the lock; it is held until the value goes out of scope.
  public init(path: String) throws(FileError) {
    let file = try FileDescriptor(
      opening: path, flags: O_RDONLY | O_DIRECTORY, access: .reading, operation: "locking")
    var result: Int32
    repeat { result = flock(file.number, LOCK_EX) } while result != 0 && lastErrno() == EINTR
    guard result == 0 else {
      throw .last(path: path, operation: "locking", access: .writing)
    }
    self.file = file
  }
}
