#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file read at any place, from any number of tasks at once.
public final class RandomAccessFile: Sendable {
  let file: FileDescriptor
  /// The size in bytes when the file was opened.
  public let size: UInt64

  /// The path given when opening.
  public var path: String { file.path }

  /// Opens a file for reading.
  ///
  /// - Throws: `.notFound`, `.notReadable`, `.isDirectory`, `.notRegularFile` and what else the system reports.
  public init(path: String) throws(FileError) {
    let file = try FileDescriptor(opening: path, flags: O_RDONLY, access: .reading)
    size = try file.status().size
    self.file = file
  }

  /// Reads up to `count` bytes at `offset`; fewer, or none, only where the file ends.
  ///
  /// A count beyond the end costs no memory, so it may come from untrusted data.
  public func read(at offset: UInt64, count: Int) throws(FileError) -> [UInt8] {
    guard count > 0 else { return [] }
    var end = size
    if offset > end || end - offset < UInt64(count) { end = try file.status().size }
    guard offset < end else { return [] }
    return try file.read(at: offset, count: Int(min(UInt64(count), end - offset)))
  }

  /// The status of the open file as it is now.
  public func status() throws(FileError) -> FileStatus {
    try file.status()
  }
}
