#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file as it was looked at, to be changed only while it is still that.
///
/// Every change is a compare and swap. Bytes that another program appends at the last moment are kept:
/// they follow what is published here.
struct ExpectedFile {
  let path: String
  /// What was seen, links not followed.
  let status: FileStatus

  /// How often, a millisecond apart, is looked whether a writer has closed the file.
  private static let patience = 500

  /// - Throws: `.changed` when something else stands at the path by now.
  func check() throws(FileError) {
    guard try FileStatus(path: path, followingLinks: false) == status else { throw changed }
  }

  private var changed: FileError { FileError(.changed, path: path, operation: "publishing") }

  // MARK: Appending

  /// Appends what a staged file has beyond the expected one.
  ///
  /// What is there already is not touched, so a program that has the file open keeps it. Each write ends
  /// with a line, so that a process that dies leaves whole lines.
  ///
  /// - Returns: False when the staged file does not begin with the bytes of the expected one.
  /// - Throws: `.changed`, and what writing reports; the file is then as it was.
  func append(restOf staged: String, durable: Bool) throws(FileError) -> Bool {
    let source = try RandomAccessFile(path: staged)
    guard source.size >= status.size else { return false }
    var file = try FileDescriptor(
      opening: path, flags: O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK, access: .writing,
      operation: "publishing")
    guard try file.status() == status else { throw changed }
    guard try Self.begins(source, with: file, size: status.size) else { return false }
    // Comparing took its time. Reserving sets the modification time, so this is the last whole look.
    guard try file.status() == status else { throw changed }
    try file.reserve(from: status.size, count: source.size - status.size)
    guard try file.status().size == status.size else { throw changed }
    var offset = status.size
    var isAlone = true
    while offset < source.size {
      let piece = try Self.piece(of: source, at: offset)
      do throws(FileError) {
        try file.write(piece.span)
      } catch {
        // The reason to report is the failed write, not that it cannot be undone.
        if isAlone { try? undoAppending(piece.count, after: offset, to: file) }
        throw error
      }
      offset += UInt64(piece.count)
      if try file.position() != offset { isAlone = false }
    }
    if durable { try file.synchronize() }
    try file.close()
    return true
  }

  /// Takes back what was appended when a write failed, unless somebody else has appended meanwhile.
  private func undoAppending(
    _ count: Int, after offset: UInt64, to file: borrowing FileDescriptor
  ) throws(FileError) {
    let end = try file.position()
    guard end <= offset + UInt64(count), try file.status().size == end else { return }
    try file.truncate(to: status.size)
  }

  /// Whether a staged file begins with all bytes of the expected one.
  ///
  /// - Throws: `.changed`.
  func isBeginning(of staged: String) throws(FileError) -> Bool {
    let source = try RandomAccessFile(path: staged)
    guard source.size >= status.size else { return false }
    let file = try FileDescriptor(
      opening: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, access: .reading,
      operation: "publishing")
    guard try file.status() == status else { throw changed }
    return try Self.begins(source, with: file, size: status.size)
  }

  private static let pieceSize = 1 << 20

  /// Whether a file begins with all bytes of another one; the end is looked at first.
  private static func begins(
    _ source: RandomAccessFile, with file: borrowing FileDescriptor, size: UInt64
  ) throws(FileError) -> Bool {
    var end = size
    while end > 0 {
      let count = Int(min(UInt64(pieceSize), end))
      let start = end - UInt64(count)
      guard try source.read(at: start, count: count) == file.read(at: start, count: count) else {
        return false
      }
      end = start
    }
    return true
  }

  /// The next bytes to write: whole lines, at least one.
  private static func piece(
    of source: RandomAccessFile, at offset: UInt64
  ) throws(FileError) -> ArraySlice<UInt8> {
    var count = pieceSize
    while true {
      let bytes = try source.read(at: offset, count: count)
      if bytes.count < count { return bytes[...] }
      if let end = bytes.lastIndex(of: UInt8(ascii: "\n")) { return bytes[...end] }
      count *= 2
    }
  }

  // MARK: Replacing

  /// Puts a staged file in the place of the expected one, which goes.
  ///
  /// Waits for programs that are just writing to the file. What they append while the two are exchanged
  /// is moved over; when the file turns out to be another one, the exchange is undone.
  ///
  /// - Throws: `.changed`, `.inUse` when a program keeps the file open for writing, and what the system
  ///   reports; the file is then as it was.
  func replace(by staged: String) throws(FileError) {
    try waitForWriters()
    try setPermissions(staged, status.permissions)
    try check()
    let size = try FileStatus(path: staged, followingLinks: false)?.size ?? 0
    guard try exchangeFiles(staged, path) else {
      // The file system cannot exchange names: between the look and the renaming is a moment.
      try check()
      try renameFile(staged, to: path)
      return
    }
    let failure: FileError
    do throws(FileError) {
      try settle(staged)
      return
    } catch {
      failure = error
    }
    guard try exchangeFiles(staged, path) else { throw failure }
    // What was appended to the staged file while it stood at the path belongs to the other one.
    let file = try RandomAccessFile(path: staged)
    if file.size > size { try moveTail(of: file, from: size) }
    throw failure
  }

  private func waitForWriters() throws(FileError) {
    let file = try FileDescriptor(
      opening: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, access: .reading,
      operation: "publishing")
    for _ in 0..<Self.patience {
      if file.isOpenForWriting != true { return }
      usleep(1_000)
    }
    throw FileError(.inUse, path: path, operation: "publishing")
  }

  /// Looks once more at the file that was exchanged, moves what was appended, and removes it.
  private func settle(_ replaced: String) throws(FileError) {
    let file = try RandomAccessFile(path: replaced)
    var moved = status.size
    for attempt in 0..<Self.patience {
      let isFree = try file.withWritersHeldOff { (isHeldOff) throws(FileError) in
        let now = try file.status()
        guard now.inode == status.inode, now.device == status.device, now.size >= moved,
          now.size > status.size || now.modified == status.modified
        else { throw changed }
        moved = try moveTail(of: file, from: moved)
        // Where the system does not tell, a second look is the last one.
        return isHeldOff ?? (attempt > 0)
      }
      if isFree {
        try removeFile(replaced)
        return
      }
      usleep(1_000)
    }
    throw FileError(.inUse, path: path, operation: "publishing")
  }

  /// Appends what a file has from an offset on to what stands at the path now; gives the new offset.
  @discardableResult
  private func moveTail(of file: RandomAccessFile, from offset: UInt64) throws(FileError) -> UInt64
  {
    let end = try file.status().size
    guard end > offset else { return offset }
    let tail = try file.read(at: offset, count: Int(end - offset))
    try appendToFile(path, tail, permissions: status.permissions)
    return offset + UInt64(tail.count)
  }
}
