internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Reads the lines of a session file as they are, without decoding them.
final class GGCodeLineReader: SessionReader {
  let head: SessionHead
  let findings: [Finding] = []
  private let path: String
  private var lines: LineReader

  init(path: String, head: SessionHead) throws(FormatError) {
    self.path = path
    self.head = head
    do throws(FileError) {
      lines = try LineReader(path: path)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func next() throws(FormatError) -> Entry? {
    do throws(FileError) {
      while let line = try lines.next(keepingLineFeed: true) {
        if GGCodeCarry.isOurs(line.bytes.span) { continue }
        let bytes = line.bytes[...]
        return Entry(
          .opaque(OpaqueRecord(format: GGCode.id, bytes: bytes)),
          origin: Origin(format: GGCode.id, bytes: bytes),
          place: .line(path: path, line: line.number, byte: line.offset))
      }
      return nil
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carry() throws(FormatError) -> CarryCursor? { nil }
}
