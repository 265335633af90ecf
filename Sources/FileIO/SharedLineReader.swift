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
    path: String, maximumLineLength: Int = .max, startingAt offset: UInt64 = 0,
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
    if isSkipping { _ = try skipRestOfLine() }
    var searched = 0
    var expected: Int?
    while true {
      let lineFeed = block.span.firstLineFeed(in: (cursor + searched)..<block.count)
      let end = lineFeed ?? block.count
      if lineFeed == nil, end - cursor <= maximumLineLength, !isAtEnd {
        searched = end - cursor
        if expected == nil, searched >= LineExtent.threshold {
          switch try LineExtent(
            file, from: blockOffset + UInt64(end), limit: maximumLineLength - searched)
          {
          case .bytes(let more): expected = searched + more
          case .tooLong: throw refuseLine()
          case .unknown: break
          }
        }
        try readMore(expecting: expected)
        continue
      }
      guard end - cursor <= maximumLineLength else { throw refuseLine() }
      if lineFeed == nil, end == cursor { return nil }
      let start = cursor
      cursor = lineFeed.map { $0 + 1 } ?? end
      defer { nextNumber += 1 }
      return SharedLine(
        number: nextNumber, offset: blockOffset + UInt64(start), storage: block,
        range: start..<(keepingLineFeed ? cursor : end), isTerminated: lineFeed != nil)
    }
  }

  /// The next line that is not too long, or nil at the end of the file, and ever after.
  ///
  /// - Parameters:
  ///   - keepingLineFeed: Whether the line's bytes end with the line feed it has.
  ///   - note: Gets each line that is passed over.
  public mutating func next(
    keepingLineFeed: Bool = false, passingOver note: (LongLine) -> Void
  ) throws(FileError) -> SharedLine? {
    while true {
      do throws(FileError) {
        return try next(keepingLineFeed: keepingLineFeed)
      } catch  where error.code == .lineTooLong {
        note(try passOver())
      }
    }
  }

  /// Leaves the line at hand to be skipped.
  private mutating func refuseLine() -> FileError {
    isSkipping = true
    return FileError(
      .lineTooLong, path: file.path, operation: "reading", line: nextNumber,
      offset: blockOffset + UInt64(cursor))
  }

  /// Passes over the line that was just refused.
  private mutating func passOver() throws(FileError) -> LongLine {
    let start = blockOffset + UInt64(cursor)
    var line = LongLine(
      number: nextNumber, offset: start, count: 0, isTerminated: false,
      beginning: Array(block[cursor...].prefix(LongLine.longestBeginning)))
    line.isTerminated = try skipRestOfLine()
    let end = blockOffset + UInt64(cursor) - (line.isTerminated ? 1 : 0)
    line.count = Int(clamping: end - start)
    // What comes after the line may be in memory too.
    line.beginning.removeLast(max(0, line.beginning.count - line.count))
    return line
  }

  /// Goes past the line at hand, of which nothing is kept; gives whether a line feed ended it.
  private mutating func skipRestOfLine() throws(FileError) -> Bool {
    var isTerminated = false
    while true {
      if let lineFeed = block.span.firstLineFeed(in: cursor..<block.count) {
        cursor = lineFeed + 1
        isTerminated = true
        break
      }
      cursor = block.count
      if isAtEnd { break }
      try readMore()
    }
    nextNumber += 1
    isSkipping = false
    return isTerminated
  }

  /// Begins a new block with what is left of this one, or notes the end of the file.
  ///
  /// - Parameter length: How long the line at hand is, where that is known.
  private mutating func readMore(expecting length: Int? = nil) throws(FileError) {
    let rest = block.count - cursor
    let next = try file.read(
      after: block[cursor...], capacity: max(blockSize, length.map { $0 + blockSize } ?? 2 * rest))
    isAtEnd = next.count == rest
    blockOffset += UInt64(cursor)
    cursor = 0
    block = next
  }
}
