internal import FileIO
internal import JSONText
internal import SessionCoding

/// The records of one session file, told apart: one for each line, or two where more follows the first.
///
/// Our own records are left out, as are lines that are too long.
final class ClaudeRecords {
  /// A record.
  struct Record {
    var line: SharedLine
    /// The part of the line that it is.
    var bytes: ArraySlice<UInt8>
    /// Where in the line that begins.
    var start = 0
    /// What it is; nil for what follows the first record of a line.
    var content: ClaudeLine?
  }

  private var lines: SharedLineReader
  private let maximumDepth: Int
  private var isAtEnd = false
  /// What follows the first record of a line.
  private var rest: Record?

  init(path: String, options: ReadOptions) throws(FormatError) {
    maximumDepth = options.maximumDepth
    do throws(FileError) {
      lines = try SharedLineReader(
        path: path, maximumLineLength: options.maximumRecordLength)
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// The next record; nil at the end, and ever after.
  func next() throws(FormatError) -> Record? {
    if let rest {
      self.rest = nil
      return rest
    }
    while !isAtEnd {
      let next: SharedLine?
      do throws(FileError) {
        next = try lines.next(keepingLineFeed: true, passingOver: { _ in })
      } catch {
        throw FormatError(reading: error)
      }
      guard let line = next else {
        isAtEnd = true
        return nil
      }
      let (content, end) = ClaudeLine.decode(
        line.storage, in: line.range, maximumDepth: maximumDepth)
      if let end {
        rest = Record(line: line, bytes: line.bytes.dropFirst(end), start: end, content: nil)
      }
      if case .carryover = content, line.bytes.starts(with: ClaudeLine.carryStart) { continue }
      return Record(
        line: line, bytes: end.map { line.bytes.prefix($0) } ?? line.bytes, content: content)
    }
    return nil
  }
}
