/// One line of a file as a part of bytes that other lines may stand in too.
public struct SharedLine: Sendable {
  /// The line's number in the file, from 1.
  public let number: Int
  /// The offset in the file of the line's first byte.
  public let offset: UInt64
  /// What holds the line.
  public let storage: [UInt8]
  /// Where the line is in that.
  public let range: Range<Int>
  /// Whether a line feed ended the line; false for a last line without one.
  public let isTerminated: Bool

  /// The content; a carriage return before the line feed stays.
  public var bytes: ArraySlice<UInt8> { storage[range] }
}

extension LineReader {
  /// The next line, or nil at the end of the file, and ever after.
  ///
  /// The lines of a file that is held whole share its bytes, others have their own. A line keeps alive
  /// all the bytes that hold it. ``SharedLineReader`` has lines share the bytes of any file.
  ///
  /// - Parameter keepingLineFeed: Whether the line's bytes end with the line feed it has.
  /// - Throws: As `advance()`.
  public mutating func nextShared(keepingLineFeed: Bool = false) throws(FileError) -> SharedLine? {
    try advance() ? shared(keepingLineFeed) : nil
  }

  /// The next line that is not too long, or nil at the end of the file, and ever after.
  ///
  /// - Parameters:
  ///   - keepingLineFeed: Whether the line's bytes end with the line feed it has.
  ///   - note: Gets each line that is passed over.
  public mutating func nextShared(
    keepingLineFeed: Bool = false, passingOver note: (LongLine) -> Void
  ) throws(FileError) -> SharedLine? {
    try advance(passingOver: note) ? shared(keepingLineFeed) : nil
  }

  private func shared(_ keepingLineFeed: Bool) -> SharedLine {
    if let whole {
      return SharedLine(
        number: lineNumber, offset: lineOffset, storage: whole, range: current(keepingLineFeed),
        isTerminated: lineIsTerminated)
    }
    let copy = copyLine(keepingLineFeed: keepingLineFeed)
    return SharedLine(
      number: lineNumber, offset: lineOffset, storage: copy, range: copy.indices,
      isTerminated: lineIsTerminated)
  }
}
