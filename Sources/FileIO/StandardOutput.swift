#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A standard stream being written to, with a buffer that the caller empties.
///
/// Once the reader at the other end has gone, everything further is dropped without an error: for
/// pipes into `head` that is success.
public struct StandardOutput: ~Copyable {
  private static let bufferSize = 64 << 10

  private var file: FileDescriptor
  private var buffer: [UInt8] = []
  /// Whether nobody reads the stream any more.
  public private(set) var isBroken = false

  /// The standard output, or the standard errors.
  public init(errors: Bool = false) {
    file = FileDescriptor(
      borrowing: errors ? 2 : 1, path: errors ? "standard errors" : "standard output")
  }

  /// Appends bytes.
  ///
  /// - Throws: What the system reports, such as `.noSpace`.
  public mutating func write(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    guard !isBroken else { return }
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Appends the UTF-8 of a text; fails as `write(_:)` for bytes does.
  public mutating func write(_ text: String) throws(FileError) {
    guard !isBroken else { return }
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Appends all of a file; fails as `write(_:)` for bytes does, or when reading fails.
  public mutating func write(contentsOf path: String) throws(FileError) {
    let source = try RandomAccessFile(path: path)
    var offset: UInt64 = 0
    while !isBroken {
      let bytes = try source.read(at: offset, count: 1 << 20)
      if bytes.isEmpty { return }
      offset += UInt64(bytes.count)
      try write(bytes[...])
    }
  }

  /// Hands what was written so far to the system.
  public mutating func flush() throws(FileError) {
    guard !isBroken, !buffer.isEmpty else { return }
    do throws(FileError) {
      try file.write(buffer.span)
    } catch  where error.errno == EPIPE {
      isBroken = true
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
