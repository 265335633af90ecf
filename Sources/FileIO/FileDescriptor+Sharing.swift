internal import CExchange

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FileDescriptor {
  /// Whether any process has the file open for writing; nil where the system does not tell.
  ///
  /// The descriptor must be open for reading only.
  var isOpenForWriting: Bool? {
    guard let isFree = takeLease() else { return nil }
    if isFree { releaseLease() }
    return !isFree
  }

  /// Holds off all who want to open the file for writing; nil where the system has no leases.
  ///
  /// - Returns: Whether nobody has it open for writing, so that the lease is held now.
  func takeLease() -> Bool? {
    #if canImport(Glibc)
      // Whoever waits for the lease sends a signal: one that is ignored, not SIGIO, which ends the process.
      guard fcntl(number, Self.setSignal, SIGURG) == 0 else { return nil }
      if fcntl(number, Self.setLease, Int32(F_RDLCK)) == 0 { return true }
      return lastErrno() == EAGAIN ? false : nil
    #else
      return nil
    #endif
  }

  func releaseLease() {
    #if canImport(Glibc)
      _ = fcntl(number, Self.setLease, Int32(F_UNLCK))
    #endif
  }

  #if canImport(Glibc)
    // F_SETSIG and F_SETLEASE, which Swift's module does not have.
    private static let setSignal: Int32 = 10
    private static let setLease: Int32 = 1_024
  #endif

  /// Sees to it that so many bytes can be written from an offset on, without making the file longer.
  ///
  /// - Throws: `.noSpace` and `.fileTooLarge`; a file system that cannot do so is not an error.
  func reserve(from offset: UInt64, count: UInt64) throws(FileError) {
    #if canImport(Glibc)
      // FALLOC_FL_KEEP_SIZE
      guard count > 0,
        fallocate64(number, 1, __off64_t(clamping: offset), __off64_t(clamping: count)) != 0
      else { return }
      let error = FileError.last(path: path, operation: "writing", access: .writing)
      if error.code == .noSpace || error.code == .fileTooLarge { throw error }
    #endif
  }

  /// Cuts the file.
  func truncate(to size: UInt64) throws(FileError) {
    guard ftruncate(number, off_t(clamping: size)) == 0 else {
      throw .last(path: path, operation: "writing", access: .writing)
    }
  }

  /// The place in the file: after a write, where that ended.
  func position() throws(FileError) -> UInt64 {
    let offset = lseek(number, 0, SEEK_CUR)
    guard offset >= 0 else { throw .last(path: path, operation: "writing", access: .writing) }
    return UInt64(offset)
  }
}

extension RandomAccessFile {
  /// Calls `body` while, if the system can do so, nobody can open the file for writing.
  ///
  /// - Parameter body: Is told whether nobody has the file open for writing; nil where the system does
  ///   not tell.
  func withWritersHeldOff<Result>(
    _ body: (_ isHeldOff: Bool?) throws(FileError) -> Result
  ) throws(FileError) -> Result {
    let isHeldOff = file.takeLease()
    defer { if isHeldOff == true { file.releaseLease() } }
    return try body(isHeldOff)
  }
}

/// Gives two files each other's name, in one step.
///
/// - Returns: False where the file system cannot do that.
func exchangeFiles(_ path: String, _ other: String) throws(FileError) -> Bool {
  try checkPath(path, operation: "publishing")
  try checkPath(other, operation: "publishing")
  #if canImport(Glibc)
    // RENAME_EXCHANGE
    let result = unsafe renameat2(AT_FDCWD, path, AT_FDCWD, other, 2)
  #else
    let result = unsafe renamex_np(path, other, UInt32(RENAME_SWAP))
  #endif
  if result == 0 { return true }
  switch lastErrno() {
  case EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP: return false
  default: throw .last(path: other, operation: "publishing", access: .writing)
  }
}

/// Sets the permission bits of a file.
func setPermissions(_ path: String, _ permissions: UInt32) throws(FileError) {
  guard unsafe chmod(path, mode_t(truncatingIfNeeded: permissions)) == 0 else {
    throw .last(path: path, operation: "publishing", access: .writing)
  }
}
