#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Streams the lines of a file, split at line feeds only, through one bounded buffer.
///
/// Three ways to read, which may be mixed: `next()` copies each line, `forEachLine` visits lines in
/// place, `advance()` with `withLine` does the same under the caller's control:
///
///     while try reader.advance() {
///       try reader.withLine { span throws(MyError) in … }
///     }
///
/// The buffer grows only for a line larger than itself, and memory goes back afterwards.
public struct LineReader: ~Copyable, Sendable {
  /// What lines are read for, which decides how much is read at a time.
  public enum Purpose: Sendable {
    /// To look at the first few.
    case beginning
    /// To go through all.
    case once
    /// To go through all more than once, with `rewind()` where the file is not large.
    case again
  }

  static let chunkSize = 512 << 10
  /// What a look at the beginning takes.
  private static let beginning = 32 << 10
  /// The largest file that is kept whole.
  private static let largestWholeFile: UInt64 = 2 << 20
  /// A buffer above this size shrinks again when the long line that needed it is done.
  private static let largestKeptBuffer = 16 << 20

  private let file: FileDescriptor
  private let maximumLineLength: Int
  private let chunk: Int
  private var buffer = ByteBuffer()
  /// The file offset of the buffer's first byte.
  private var bufferOffset: UInt64
  /// The bytes read but not yet handed out are `cursor..<filled`.
  private var cursor = 0
  private var filled: Int
  private var isAtEnd: Bool
  private var isSkipping = false
  private var current = 0..<0
  /// All bytes of the file, instead of the buffer.
  let whole: [UInt8]?
  private var nextNumber: Int

  /// The number of the current line, from 1; meaningful after `advance()` returned true.
  public private(set) var lineNumber: Int
  /// The file offset of the current line's first byte.
  public private(set) var lineOffset: UInt64
  /// Whether a line feed ended the current line.
  public private(set) var lineIsTerminated = false

  /// Opens a file for reading by lines.
  ///
  /// - Parameters:
  ///   - maximumLineLength: The longest line accepted, in bytes without the line feed.
  ///   - offset: Where the first line starts; only files that can be positioned accept other than 0.
  ///   - lineNumber: The number given to the first line read.
  ///   - purpose: What the lines are read for.
  /// - Throws: `.notFound`, `.notReadable`, `.isDirectory`, `.notRegularFile` and what else the system reports.
  public init(
    path: String, maximumLineLength: Int = .max, startingAt offset: UInt64 = 0,
    lineNumber: Int = 1, for purpose: Purpose = .once
  ) throws(FileError) {
    try self.init(
      path: path, maximumLineLength: maximumLineLength, startingAt: offset, lineNumber: lineNumber,
      chunkSize: purpose == .beginning ? Self.beginning : Self.chunkSize,
      keepsWhole: purpose == .again && offset == 0)
  }

  /// All of a file that is not large, unless it just grows.
  private static func whole(
    _ file: borrowing FileDescriptor, _ status: FileStatus
  ) throws(FileError) -> [UInt8]? {
    guard status.kind == .file, status.size <= largestWholeFile else { return nil }
    let bytes = try file.read(at: 0, count: Int(status.size) + 1)
    return bytes.count > status.size ? nil : bytes
  }

  init(
    path: String, maximumLineLength: Int, startingAt offset: UInt64, lineNumber: Int,
    chunkSize: Int, keepsWhole: Bool = false
  ) throws(FileError) {
    let file = try FileDescriptor(opening: path, flags: O_RDONLY, access: .reading)
    let status = try file.status()
    if offset > 0 { try file.seek(to: offset) }
    let whole = keepsWhole ? try Self.whole(file, status) : nil
    self.init(
      file: file, maximumLineLength: maximumLineLength, startingAt: offset, lineNumber: lineNumber,
      chunkSize: chunkSize, whole: whole)
  }

  /// Reads the lines of standard input, which stays open.
  public init(standardInputWithMaximumLineLength maximumLineLength: Int = .max) {
    self.init(
      file: FileDescriptor(borrowing: 0, path: "standard input"),
      maximumLineLength: maximumLineLength, startingAt: 0, lineNumber: 1,
      chunkSize: Self.chunkSize)
  }

  private init(
    file: consuming FileDescriptor, maximumLineLength: Int, startingAt offset: UInt64,
    lineNumber: Int, chunkSize: Int, whole: [UInt8]? = nil
  ) {
    self.whole = whole
    filled = whole?.count ?? 0
    isAtEnd = whole != nil
    self.file = file
    self.maximumLineLength = max(0, maximumLineLength)
    chunk = max(1, chunkSize)
    bufferOffset = offset
    lineOffset = offset
    self.lineNumber = lineNumber
    nextNumber = lineNumber
  }

  /// Moves to the next line; false at the end of the file, and ever after.
  ///
  /// A line over the limit is never held whole.
  ///
  /// - Throws: `.lineTooLong` with the line's number and offset; the next call goes on with the line
  ///   after it. Otherwise what reading reports.
  public mutating func advance() throws(FileError) -> Bool {
    if isSkipping { _ = try skipRestOfLine() }
    var searched = cursor
    var expected: Int?
    while true {
      let lineFeed = firstLineFeed(in: searched..<filled)
      if (lineFeed ?? filled) - cursor > maximumLineLength { throw refuseLine() }
      if let lineFeed {
        finishLine(at: lineFeed, isTerminated: true)
        return true
      }
      if isAtEnd {
        guard cursor < filled else { return false }
        finishLine(at: filled, isTerminated: false)
        return true
      }
      searched = filled - cursor
      if expected == nil, searched >= LineExtent.threshold {
        switch try LineExtent(
          file, from: bufferOffset + UInt64(filled), limit: maximumLineLength - searched)
        {
        case .bytes(let more): expected = searched + more
        case .tooLong: throw refuseLine()
        case .unknown: break
        }
      }
      try readMore(expecting: expected)
      searched += cursor
    }
  }

  /// Moves to the next line that is not too long; false at the end of the file, and ever after.
  ///
  /// - Parameter note: Gets each line that is passed over.
  public mutating func advance(
    passingOver note: (LongLine) -> Void
  ) throws(FileError) -> Bool {
    while true {
      do throws(FileError) {
        return try advance()
      } catch  where error.code == .lineTooLong {
        note(try passOver())
      }
    }
  }

  /// Passes over the line that was just refused.
  private mutating func passOver() throws(FileError) -> LongLine {
    let start = bufferOffset + UInt64(cursor)
    let beginning = cursor..<min(filled, cursor + LongLine.longestBeginning)
    var line = LongLine(
      number: nextNumber, offset: start, count: 0, isTerminated: false,
      beginning: whole.map { Array($0[beginning]) } ?? buffer.copy(beginning))
    line.isTerminated = try skipRestOfLine()
    let end = bufferOffset + UInt64(cursor) - (line.isTerminated ? 1 : 0)
    line.count = Int(clamping: end - start)
    // What comes after the line may be in memory too.
    line.beginning.removeLast(max(0, line.beginning.count - line.count))
    return line
  }

  /// Goes back to the first line of a file that is held whole; of another nothing happens.
  ///
  /// What the file has become since it was opened does not count.
  ///
  /// - Returns: Whether the lines can be gone through once more.
  public mutating func rewind() -> Bool {
    guard whole != nil else { return false }
    isSkipping = false
    cursor = 0
    current = 0..<0
    nextNumber = 1
    lineNumber = 1
    lineOffset = 0
    return true
  }

  /// Calls `body` with the current line, which is valid during the call only.
  ///
  /// - Parameter keepingLineFeed: Whether the line's bytes end with the line feed it has.
  public func withLine<Result, Failure: Error>(
    keepingLineFeed: Bool = false, _ body: (_ line: Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let range = current(keepingLineFeed)
    guard let whole else { return try buffer.withSpan(range, body) }
    return try body(whole.span.extracting(range))
  }

  func current(_ keepingLineFeed: Bool) -> Range<Int> {
    keepingLineFeed && lineIsTerminated ? current.lowerBound..<(current.upperBound + 1) : current
  }

  /// A copy of the current line.
  ///
  /// - Parameter keepingLineFeed: Whether the line's bytes end with the line feed it has.
  public func copyLine(keepingLineFeed: Bool = false) -> [UInt8] {
    let range = current(keepingLineFeed)
    return whole.map { Array($0[range]) } ?? buffer.copy(range)
  }

  private func firstLineFeed(in range: Range<Int>) -> Int? {
    guard let whole else { return buffer.firstLineFeed(in: range) }
    return whole.span.firstLineFeed(in: range)
  }

  /// The next line, or nil at the end of the file, and ever after.
  ///
  /// - Parameter keepingLineFeed: Whether the line's bytes end with the line feed it has.
  /// - Throws: As `advance()`.
  public mutating func next(keepingLineFeed: Bool = false) throws(FileError) -> Line? {
    try advance() ? line(keepingLineFeed) : nil
  }

  /// The next line that is not too long, or nil at the end of the file, and ever after.
  ///
  /// - Parameters:
  ///   - keepingLineFeed: Whether the line's bytes end with the line feed it has.
  ///   - note: Gets each line that is passed over.
  public mutating func next(
    keepingLineFeed: Bool = false, passingOver note: (LongLine) -> Void
  ) throws(FileError) -> Line? {
    try advance(passingOver: note) ? line(keepingLineFeed) : nil
  }

  private func line(_ keepsLineFeed: Bool) -> Line {
    Line(
      number: lineNumber, offset: lineOffset, bytes: copyLine(keepingLineFeed: keepsLineFeed),
      isTerminated: lineIsTerminated)
  }

  private mutating func finishLine(at end: Int, isTerminated: Bool) {
    let start = cursor
    lineNumber = nextNumber
    lineOffset = bufferOffset + UInt64(start)
    lineIsTerminated = isTerminated
    nextNumber += 1
    cursor = isTerminated ? end + 1 : end
    current = start..<end
  }

  /// Leaves the line at hand to be skipped.
  private mutating func refuseLine() -> FileError {
    isSkipping = true
    return FileError(
      .lineTooLong, path: file.path, operation: "reading", line: nextNumber,
      offset: bufferOffset + UInt64(cursor))
  }

  /// Goes past the line at hand, of which nothing is kept; gives whether a line feed ended it.
  private mutating func skipRestOfLine() throws(FileError) -> Bool {
    var isTerminated = false
    while true {
      if let lineFeed = firstLineFeed(in: cursor..<filled) {
        cursor = lineFeed + 1
        isTerminated = true
        break
      }
      cursor = filled
      if isAtEnd { break }
      try readMore()
    }
    nextNumber += 1
    isSkipping = false
    return isTerminated
  }

  /// Reads at least one more byte after `filled`, or notes the end of the file.
  ///
  /// - Parameter length: How long the line at hand is, where that is known.
  private mutating func readMore(expecting length: Int? = nil) throws(FileError) {
    current = 0..<0
    let pending = filled - cursor
    if filled == buffer.capacity {
      buffer.moveToFront(cursor..<filled)
      bufferOffset += UInt64(cursor)
      cursor = 0
      filled = pending
    }
    if let capacity = wantedCapacity(pending: pending, length), !buffer.resize(to: capacity) {
      throw FileError(
        .noResources, path: file.path, errno: ENOMEM, operation: "reading", line: nextNumber,
        offset: bufferOffset + UInt64(cursor))
    }
    let count = try buffer.fill(from: filled, reading: file)
    filled += count
    isAtEnd = count == 0
  }

  private func wantedCapacity(pending: Int, _ length: Int?) -> Int? {
    if buffer.capacity == 0 { return chunk }
    if cursor == 0 && pending > buffer.capacity / 2 {
      // The line feed, and the end of a file, must fit in too.
      if let length { return length < buffer.capacity ? nil : length + chunk }
      return buffer.capacity * 2
    }
    if cursor == 0 && pending < chunk / 2 && buffer.capacity > Self.largestKeptBuffer {
      return chunk
    }
    return nil
  }
}
