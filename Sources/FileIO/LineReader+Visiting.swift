extension LineReader {
  /// Visits each remaining line without copying it.
  ///
  /// A body that fails with an error of its own uses `advance()` and `withLine` instead.
  ///
  /// - Parameter body: Gets the line without its line feed, valid during the call only, the file
  ///   offset of its first byte, its number, and whether a line feed ended it.
  /// - Throws: As `advance()`, or what `body` throws; reading can go on with the line after.
  public mutating func forEachLine(
    _ body: (
      _ line: Span<UInt8>, _ offset: UInt64, _ number: Int, _ isTerminated: Bool
    ) throws(FileError) -> Void
  ) throws(FileError) {
    while try advance() {
      let (offset, number, isTerminated) = (lineOffset, lineNumber, lineIsTerminated)
      try withLine { line throws(FileError) in
        try body(line, offset, number, isTerminated)
      }
    }
  }
}
