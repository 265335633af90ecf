internal import CWriteback

#if canImport(Glibc)
  import Glibc
#endif

/// Has the system begin to write a file to the disk, so that making it durable later takes less time.
///
/// It promises nothing, so failures are left to ``synchronize(_:)``; where the system has no such call
/// it does nothing.
public func beginSynchronizing(_ path: String) {
  #if canImport(Glibc)
    try? FileDescriptor(opening: path, flags: O_RDONLY, access: .reading).beginSynchronizing()
  #endif
}

extension FileDescriptor {
  /// Has the system begin to write a part of the content to the disk; without a count, up to the end.
  func beginSynchronizing(from offset: UInt64 = 0, count: UInt64 = 0) {
    #if canImport(Glibc)
      // SYNC_FILE_RANGE_WRITE, a macro that is not there without GNU extensions.
      _ = sync_file_range(
        number, __off64_t(clamping: offset), __off64_t(clamping: count), 2)
    #endif
  }
}
