/// A line that was passed over because it is longer than what is read.
public struct LongLine: Hashable, Sendable {
  /// The line's number in the file, from 1.
  public var number: Int
  /// The offset in the file of the line's first byte.
  public var offset: UInt64
  /// The line's length in bytes without the line feed.
  public var count: Int
  /// Whether a line feed ended the line; false for a last line without one.
  public var isTerminated: Bool
  /// The first bytes, at most ``longestBeginning``.
  public var beginning: [UInt8]

  /// How much of the line is kept, enough to tell what it is.
  public static let longestBeginning = 256

  /// The offset of what follows the line.
  public var end: UInt64 { offset + UInt64(count) + (isTerminated ? 1 : 0) }
}

/// How far a line goes of which a part is in memory.
enum LineExtent {
  /// A line feed or the end of the file comes after so many bytes.
  case bytes(Int)
  /// It is longer than what is read.
  case tooLong
  /// The file cannot be looked at ahead.
  case unknown

  /// Lines of which so much is in memory are looked at ahead, so that the memory for them is taken at
  /// once and not at all for those that are too long.
  static let threshold = 16 << 20
  private static let pieceSize = 256 << 10

  /// Looks ahead in a file.
  ///
  /// - Parameters:
  ///   - offset: What of the line is not in memory begins here.
  ///   - limit: How many bytes may follow.
  init(_ file: borrowing FileDescriptor, from offset: UInt64, limit: Int) throws(FileError) {
    var count = 0
    do throws(FileError) {
      while count <= limit {
        let piece = try file.read(at: offset + UInt64(count), count: Self.pieceSize)
        if let lineFeed = piece.span.firstLineFeed(in: piece.indices) {
          self = count + lineFeed <= limit ? .bytes(count + lineFeed) : .tooLong
          return
        }
        count += piece.count
        if piece.count < Self.pieceSize {
          self = count <= limit ? .bytes(count) : .tooLong
          return
        }
      }
      self = .tooLong
    } catch  where error.isUnseekable {
      self = .unknown
    }
  }
}
