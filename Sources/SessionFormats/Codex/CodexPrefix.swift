internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The beginning of a thread that lies in another file, as paginated forks and reverts leave it.
///
/// Its entries have origins without bytes: they are part of the conversation, not of the file.
final class CodexPrefix {
  private let reader: any SessionReader
  private let end: UInt64
  private(set) var findings: [Finding] = []

  /// - Parameters:
  ///   - reader: Reads the earlier file.
  ///   - end: The number of its bytes that belong to this thread.
  init(reader: any SessionReader, end: UInt64) {
    self.reader = reader
    self.end = end
  }

  func next() throws(FormatError) -> Entry? {
    while var entry = try reader.next() {
      if case .line(_, _, let byte)? = entry.place, byte >= end,
        entry.origin?.bytes.isEmpty == false
      {
        return nil
      }
      switch entry.content {
      case .message, .checkpoint:
        entry.origin = Origin(format: Codex.id, bytes: [])
        return entry
      default: continue
      }
    }
    return nil
  }
}
