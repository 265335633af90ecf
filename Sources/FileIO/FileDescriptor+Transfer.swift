#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FileDescriptor {
  /// Reads at the file position; returns 0 at the end only.
  func read(into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var count: Int
    repeat {
      #if canImport(Glibc)
        count = unsafe Glibc.read(number, target.baseAddress, target.count)
      #else
        count = unsafe Darwin.read(number, target.baseAddress, target.count)
      #endif
    } while count < 0 && lastErrno() == EINTR
    guard count >= 0 else {
      throw .last(path: path, operation: "reading", access: .reading)
    }
    return count
  }

  /// Some bytes and after them what follows at the file position; nothing follows at the end only.
  ///
  /// - Parameter capacity: How many bytes there may be in all, more than there are.
  func read(after bytes: ArraySlice<UInt8>, capacity: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let joined = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { target, filled in
      filled = unsafe target.initialize(fromContentsOf: bytes)
      do throws(FileError) {
        filled += try unsafe read(
          into: UnsafeMutableRawBufferPointer(
            UnsafeMutableBufferPointer(rebasing: target[filled...])))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return joined
  }

  /// Reads up to `count` bytes at `offset`, fewer only where the file ends.
  ///
  /// - Precondition: `count` was checked against the file's size: it is allocated at once.
  func read(at offset: UInt64, count: Int) throws(FileError) -> [UInt8] {
    guard let start = off_t(exactly: offset), !start.addingReportingOverflow(off_t(count)).overflow
    else {
      throw FileError(.io, path: path, errno: EINVAL, operation: "reading", offset: offset)
    }
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      while filled < count {
        let part = unsafe pread(
          number, target.baseAddress.map { unsafe $0 + filled }, count - filled,
          start + off_t(filled))
        if part > 0 {
          filled += part
        } else if part == 0 {
          break
        } else if lastErrno() != EINTR {
          failure = lastErrno()
          break
        }
      }
    }
    guard failure == 0 else {
      var error = FileError(system: failure, path: path, operation: "reading", access: .reading)
      error.offset = offset
      throw error
    }
    return bytes
  }

  /// Writes all of `bytes` at the file position.
  func write(_ bytes: Span<UInt8>) throws(FileError) {
    try unsafe bytes.withUnsafeBytes { source throws(FileError) in
      var done = 0
      while done < source.count {
        #if canImport(Glibc)
          let part = unsafe Glibc.write(
            number, source.baseAddress.map { unsafe $0 + done }, source.count - done)
        #else
          let part = unsafe Darwin.write(
            number, source.baseAddress.map { unsafe $0 + done }, source.count - done)
        #endif
        if part >= 0 {
          done += part
        } else if lastErrno() != EINTR {
          throw .last(path: path, operation: "writing", access: .writing)
        }
      }
    }
  }
}
