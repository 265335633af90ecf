#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An open file that is closed when its owner goes.
///
/// Every call repeats after a signal (`EINTR`) and turns failures into `FileError`.
struct FileDescriptor: ~Copyable, Sendable {
  private(set) var number: Int32
  let path: String
  private let isOwned: Bool

  /// Opens `path`, without ever waiting for another process.
  ///
  /// - Parameters:
  ///   - flags: What `open` gets beside `O_CLOEXEC`, `O_NONBLOCK` and `O_NOCTTY`.
  ///   - kind: What must stand there; nil for anything.
  /// - Throws: `.notRegularFile`, `.isDirectory` or `.notDirectory` for something else, and what the
  ///   system reports.
  init(
    opening path: String, flags: Int32, permissions: UInt32 = 0, access: FileError.Access,
    operation: String = "opening", as kind: FileStatus.Kind? = .file
  ) throws(FileError) {
    try checkPath(path, operation: operation)
    // Before it is opened: opening a pipe would wake up who waits at its other end.
    if let kind, flags & O_EXCL == 0, let present = Self.kind(of: path, flags), present != kind {
      throw FileError(present, insteadOf: kind, path: path, operation: operation)
    }
    var number: Int32
    repeat {
      number = unsafe open(
        path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, mode_t(truncatingIfNeeded: permissions))
    } while number < 0 && lastErrno() == EINTR
    guard number >= 0 else {
      throw .last(path: path, operation: operation, access: access)
    }
    // And after: another process may have put something else there in between.
    if let kind, let opened = Self.kind(of: number), opened != kind {
      _ = Self.closeNumber(number)
      throw FileError(opened, insteadOf: kind, path: path, operation: operation)
    }
    self.number = number
    self.path = path
    isOwned = true
  }

  /// What stands at a path; nil where opening it tells what is wrong.
  private static func kind(of path: String, _ flags: Int32) -> FileStatus.Kind? {
    var raw = stat()
    let isLinkRefused = flags & O_NOFOLLOW != 0
    guard unsafe isLinkRefused ? lstat(path, &raw) == 0 : stat(path, &raw) == 0 else { return nil }
    let kind = FileStatus.Kind(mode: raw.st_mode)
    return kind == .symbolicLink ? nil : kind
  }

  private static func kind(of number: Int32) -> FileStatus.Kind? {
    var raw = stat()
    return unsafe fstat(number, &raw) == 0 ? FileStatus.Kind(mode: raw.st_mode) : nil
  }

  /// Borrows a descriptor that stays open afterwards, as standard input.
  init(borrowing number: Int32, path: String) {
    self.number = number
    self.path = path
    isOwned = false
  }

  deinit {
    if isOwned && number >= 0 { _ = Self.closeNumber(number) }
  }

  /// Closes now, so that a late failure (a network disk, a quota) is seen.
  mutating func close() throws(FileError) {
    guard isOwned, number >= 0 else { return }
    let result = Self.closeNumber(number)
    number = -1
    if result != 0 && lastErrno() != EINTR {
      throw .last(path: path, operation: "closing", access: .writing)
    }
  }

  func status(operation: String = "inspecting") throws(FileError) -> FileStatus {
    var raw = stat()
    guard unsafe fstat(number, &raw) == 0 else {
      throw .last(path: path, operation: operation, access: .reading)
    }
    return FileStatus(raw)
  }

  func seek(to offset: UInt64) throws(FileError) {
    guard let offset = off_t(exactly: offset) else {
      throw FileError(.io, path: path, errno: EINVAL, operation: "seeking", offset: offset)
    }
    guard lseek(number, offset, SEEK_SET) >= 0 else {
      throw .last(path: path, operation: "seeking", access: .reading)
    }
  }

  /// Makes the content durable (`fsync`).
  func synchronize() throws(FileError) {
    var result: Int32
    repeat { result = fsync(number) } while result != 0 && lastErrno() == EINTR
    guard result == 0 else {
      throw .last(path: path, operation: "flushing to disk", access: .writing)
    }
  }

  private static func closeNumber(_ number: Int32) -> Int32 {
    #if canImport(Glibc)
      Glibc.close(number)
    #else
      Darwin.close(number)
    #endif
  }
}
