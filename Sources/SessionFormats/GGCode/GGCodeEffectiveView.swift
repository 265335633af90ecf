internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Which entries the tool uses when it loads a session.
///
/// Classic releases throw away everything before the last checkpoint, current ones (v1.3.150 and
/// later) start at the summary message that the last checkpoint names.
struct GGCodeEffectiveView {
  private let lastCheckpointLine: Int
  /// The first line and the lines after it that a checkpoint by ids leaves in view.
  private var summaryLine: Int?
  private var resumesAfterLine = 0
  /// Messages that current releases drop because the same one came before.
  private var repeatedLines: Set<Int> = []

  init(scan: GGCodeScan, path: String, options: ReadOptions) throws(FormatError) {
    lastCheckpointLine = scan.lastReference == nil ? scan.lastCheckpointLine : 0
    guard let reference = scan.lastReference else { return }
    var seen: Set<ContentHash> = []
    var scratch = JSONWriter(reserving: 4_096)
    do throws(FileError) {
      var lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
      var decoder = GGCodeLineDecoder(id: "", maximumDepth: options.maximumDepth)
      while let line = try lines.next(passingOver: { _ in }) {
        let decoded = decoder.decode(line.bytes)
        guard case .content(_, let content) = decoded.line, case .message(let message) = content
        else { continue }
        let identity = message.id.map { ContentHash(Array($0.utf8)[...]) }
        if !seen.insert(identity ?? ContentHash(content, scratch: &scratch)).inserted {
          repeatedLines.insert(line.number)
        }
        guard let id = message.id else { continue }
        if summaryLine == nil {
          if id == reference.summaryMessage {
            summaryLine = line.number
            resumesAfterLine = line.number
          }
        } else if id == reference.lastMessage {
          resumesAfterLine = line.number
        }
      }
    } catch {
      throw FormatError(reading: error)
    }
  }

  func includes(_ content: Entry.Content, line: Int) -> Bool {
    switch content {
    case .headChange: return true
    case .opaque: return false
    case .checkpoint: return line >= lastCheckpointLine
    case .message where repeatedLines.contains(line): return false
    case .message:
      if let summaryLine { return line == summaryLine || line > resumesAfterLine }
      return line >= lastCheckpointLine
    case .usage, .metric, .event: return line >= lastCheckpointLine
    }
  }
}
