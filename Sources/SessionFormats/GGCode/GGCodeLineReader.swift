internal import FileIO
internal import SessionCoding

/// Reads the lines of a session file as they are, without decoding them.
final class GGCodeLineReader: RecordReader {
  private var lines: LineReader

  init(path: String) throws(FormatError) {
    do throws(FileError) {
      lines = try LineReader(path: path)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func nextRecord() throws(FormatError) -> ArraySlice<UInt8>? {
    do throws(FileError) {
      while let line = try lines.next(keepingLineFeed: true) {
        if !GGCodeCarry.isOurs(line.bytes.span) { return line.bytes[...] }
      }
      return nil
    } catch {
      throw FormatError(reading: error)
    }
  }
}
