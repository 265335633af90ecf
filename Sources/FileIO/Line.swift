/// One line of a file, with its place.
public struct Line: Hashable, Sendable {
  /// The line's number in the file, from 1.
  public var number: Int
  /// The offset in the file of the line's first byte.
  public var offset: UInt64
  /// The content without the line feed; a carriage return before it stays.
  public var bytes: [UInt8]
  /// Whether a line feed ended the line; false for a last line without one.
  public var isTerminated: Bool

  /// Makes a line from its parts.
  public init(number: Int, offset: UInt64, bytes: [UInt8], isTerminated: Bool) {
    self.number = number
    self.offset = offset
    self.bytes = bytes
    self.isTerminated = isTerminated
  }
}
