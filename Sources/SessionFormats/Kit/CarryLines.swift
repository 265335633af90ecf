internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The lines of a file that holds a carry.
final class CarryLines {
  private let path: String
  private var lines: LineReader

  /// - Parameter longest: How long a line may be; one that is longer makes the carry unusable.
  init(path: String, longest: Int) throws(FormatError) {
    self.path = path
    do throws(FileError) {
      lines = try LineReader(path: path, maximumLineLength: longest)
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// The next line; nil at the end.
  func next() throws(FormatError) -> [UInt8]? {
    var long: LongLine?
    let next: Line?
    do throws(FileError) {
      next = try lines.next(passingOver: { long = long ?? $0 })
    } catch {
      throw FormatError(reading: error)
    }
    guard let long else { return next?.bytes }
    throw .tooLong(
      "what a conversion stored for the way back", long.count,
      at: .line(path: path, line: long.number, byte: long.offset))
  }
}
