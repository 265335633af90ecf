#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Streams the lines of a file, split at line feeds only, as parts of the blocks that were read.
///
/// It suits those who keep lines for a while and soon let go of all of them: nothing is copied but the
/// beginning of a line that goes on in the next block, and a line keeps alive all of its block.
public struct SharedLineReader: ~Copyable, Sendable {
  private static let blockSize = 256 << 10

  private let file: FileDescriptor
  private let maximumLineLength: Int
  private let blockSize: Int
  private var block: [UInt8] = []
  /// The file offset of the block's first byte.
  private var blockOffset: UInt64
  /// Where in the block the next line starts.
  private var cursor = 0
  private var nextNumber: Int
  private var isAtEnd = false
  private var isSkipping = false

  /// Opens a file for reading by lines.
  ///
  /// - Parameters:
  ///   - maximumLineLength: The longest line accepted, in bytes without the line feed.
  ///   - offset: Where the first line starts; only files that can be positioned accept other than 0.
  ///   - lineNumber: The number given to the first line read.
  /// - Throws: `.notFound`, `.notReadable`, `.isDirectory`, `.notRegularFile` and what else the system reports.
  public init(
    path: String, maximumLineLength: Int = 1 << 30, startingAt offset: UInt64 = 0,
    lineNumber: Int = 1
  ) throws(FileError) {
    try self.init(
      path: path, maximumLineLength: maximumLineLength, startingAt: offset, lineNumber: lineNumber,
      blockSize: Self.blockSize)
  }

  init(
    path: String, maximumLineLength: Int, startingAt offset: UInt64, lineNumber: Int,
    blockSize: Int
  ) throws(FileError) {
    let file = try FileDescriptor(opening: path, flags: O_RDONLY, access: .reading)
    if offset > 0 { try file.seek(to: offset) }
    self.file = file
    self.maximumLineLength = max(0, maximumLineLength)
    self.blockSize = max(1, blockSize)
    blockOffset = offset
    nextNumber = lineNumber
  }

  /// The next line, or nil at the end of the file, and ever after.
  ///
  /// - Parameter keepingLineFeed: Whether the line's bytes end with the line feed it has.
  /// - Throws: `.lineTooLong` with the line's number and offset; the next call goes on with the line
  ///   after it. Otherwise what reading reports.
  public mutating func next(keepingLineFeed: Bool = false) throws(FileError) -> SharedLine? {
    if isSkipping { try skipRestOfLine() }
    var searched = 0
    while true {
      let lineFeed = block.span.firstLineFeed(in: (cursor + searched)..<block.count)
      let end = lineFeed ?? block.count
      if lineFeed == nil, end - cursor <= maximumLineLength, !isAtEnd {
        searched = end - cursor
        try readMore()
        continue
      }
      guard end - cursor <= maximumLineLength else {
        let error = FileError(
          .lineTooLong, path: file.path, operation: "reading", line: nextNumber,
          offset: blockOffset + UInt64(cursor))
        isSkipping = true
        throw error
      }
      if lineFeed == nil, end == cursor { return nil }
      let start = cursor
      cursor = lineFeed.map { $0 + 1 } ?? end
      defer { nextNumber += 1 }
      return SharedLine(
        number: nextNumber, offset: blockOffset + UInt64(start), storage: block,
        range: start..<(keepingLineFeed ? cursor : end), isTerminated: lineFeed != nil)
    }
  }

  private mutating func skipRestOfLine() throws(FileError) {
    while true {
      if let lineFeed = block.span.firstLineFeed(in: cursor..<block.count) {
        cursor = lineFeed + 1
        break
      }
      cursor = block.count
      if isAtEnd { break }
      try readMore()
    }
    nextNumber += 1
    isSkipping = false
  }

  /// Begins a new block with what is left of this one, or notes the end of the file.
  private mutating func readMore() throws(FileError) {
    let rest = block.count - cursor
    let next = try file.read(behind: block[cursor...], capacity: max(blockSize, 2 * rest))
    isAtEnd = next.count == rest
    blockOffset += UInt64(cursor)
    cursor = 0
    block = next
  }
}
