internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads one session file: a scan for the head, then entry after entry.
final class GGCodeReader: SessionReader {
  let head: SessionHead
  private var log = GGCodeFindingLog()
  private let path: String
  private let options: ReadOptions
  private let scan: GGCodeScan
  private var lines: LineReader
  private var decoder: GGCodeLineDecoder
  private var effective: GGCodeEffectiveView
  private var isAtEnd = false
  /// Whether somebody has spoken, beside the instructions at the start.
  private var hasConversation = false

  var findings: [Finding] { scan.leftOut.findings + log.findings }

  /// The longest line the tool can read, in bytes (observed with v1.3.75).
  static let toolLineLimit = 10_485_760

  convenience init(path: String, id: String, options: ReadOptions) throws(FormatError) {
    var lines = try GGCodeScan.lines(of: path, options)
    let scan = try GGCodeScan(path: path, lines: &lines, id: id, options: options)
    try self.init(path: path, scan: scan, lines: lines, options: options)
  }

  /// - Parameter lines: The lines that were scanned; taken if they can be gone through again.
  init(
    path: String, scan: GGCodeScan, lines: consuming LineReader?, options: ReadOptions
  ) throws(FormatError) {
    self.path = path
    self.options = options
    self.scan = scan
    head = scan.head
    decoder = GGCodeLineDecoder(id: scan.head.id, maximumDepth: options.maximumDepth)
    effective = try GGCodeEffectiveView(scan: scan, path: path, options: options)
    if var scanned = lines.take(), scanned.rewind() {
      self.lines = scanned
    } else {
      self.lines = try GGCodeScan.lines(of: path, options)
    }
  }

  func next() throws(FormatError) -> Entry? {
    while !isAtEnd {
      let next: SharedLine?
      do throws(FileError) {
        next = try lines.nextShared(keepingLineFeed: true) {
          GGCodeLineRules.check($0, path: path) { log.add($0) }
        }
      } catch {
        throw FormatError(reading: error)
      }
      guard let line = next else {
        isAtEnd = true
        break
      }
      guard let content = content(of: line).map(markingSummary) else { continue }
      return Entry(
        content, isEffective: effective.includes(content, line: line.number),
        origin: Origin(format: GGCode.id, bytes: line.bytes),
        place: .line(path: path, line: line.number, byte: line.offset))
    }
    return nil
  }

  /// What a line says; nil for lines of the carry.
  private func content(of line: SharedLine) -> Entry.Content? {
    let decoded = decoder.decode(line.storage, in: line.range)
    GGCodeLineRules.check(line, decoded, path: path) { log.add($0) }
    switch decoded.line {
    case .carryover: return nil
    case .content(_, let known): return known
    case .blank: return opaque(line, type: nil, damage: nil)
    case .ignored(let type): return opaque(line, type: type, damage: nil)
    case .damaged(let message, _): return opaque(line, type: nil, damage: message)
    }
  }

  /// Marks the summary that stands where a conversation begins.
  ///
  /// Classic releases save the context that a checkpoint left, without the checkpoint.
  private func markingSummary(_ content: Entry.Content) -> Entry.Content {
    guard !hasConversation, case .message(var message) = content else { return content }
    let isSummary = GGCodeEntry.isSummary(message)
    hasConversation = isSummary || message.role != .system
    guard isSummary else { return content }
    message.flags.insert(.compactionSummary)
    return .message(message)
  }

  private func opaque(_ line: SharedLine, type: String?, damage: String?) -> Entry.Content {
    .opaque(
      OpaqueRecord(format: GGCode.id, type: type, damage: damage, bytes: line.bytes))
  }

  func carry() throws(FormatError) -> CarryCursor? {
    try GGCodeCarry.cursor(
      path: path, lines: scan.carryLines, longest: options.maximumCarryLength)
  }
}
