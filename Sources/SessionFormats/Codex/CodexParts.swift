internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// Reads a rollout back part by part while more of it is written.
///
/// What a line is to the program may be decided by lines that come later. The writer foresees what
/// its own will lead to; ``finish(_:)`` tells whether it came so.
final class CodexParts: Sendable {
  private let path: String
  private let state: Mutex<State>

  /// What the folder says of a thread.
  struct Names {
    var title: String?
    var isArchived: Bool
    var path: String?
  }

  init(path: String, id: String) {
    self.path = path
    let scan = CodexScan(id: id, options: .unlimited, isFingerprinted: false)
    state = Mutex(State(scan: scan))
  }

  /// The entries of the next lines, up to a place where one ends.
  ///
  /// - Parameter viewStart: The line that the view will start with.
  func read(until end: UInt64, viewStart: Int) throws(FormatError) -> [Entry] {
    try state.withLock { (state) throws(FormatError) in
      do throws(FileError) {
        return try state.read(path, until: end, viewStart: viewStart)
      } catch {
        throw FormatError(reading: error)
      }
    }
  }

  /// The head that reading the whole file gives.
  ///
  /// - Returns: Nil when reading the whole file gives other entries than those that were given.
  func finish(_ names: Names) throws(FormatError) -> SessionHead? {
    try state.withLock { (state) throws(FormatError) in
      do throws(FileError) {
        try state.scan.finish(path)
      } catch {
        throw FormatError(reading: error)
      }
      state.isFinished = true
      guard state.isForeseen,
        state.scan.isPlain(from: state.viewStart, reasoning: state.reasoning)
      else { return nil }
      var named = state.scan
      named.setNames(names)
      return named.head
    }
  }

  /// The scan of the whole file; nil unless all of it was read.
  var scan: CodexScan? { state.withLock { $0.isFinished ? $0.scan : nil } }

  private struct State {
    var scan: CodexScan
    var entries = CodexEntryReader()
    /// The file, once something was read.
    private var file: RandomAccessFile?
    /// The line that the view starts with, as foreseen last.
    var viewStart = 0
    /// How many lines of reasoning the screen shows.
    var reasoning = 0
    /// Whether nothing turned up that was not foreseen.
    var isForeseen = true
    var isFinished = false

    init(scan: CodexScan) { self.scan = scan }

    mutating func read(
      _ path: String, until end: UInt64, viewStart: Int
    ) throws(FileError) -> [Entry] {
      self.viewStart = viewStart
      let count = Int(clamping: end - min(end, scan.end))
      if file == nil { file = try RandomAccessFile(path: path) }
      let part = try file?.read(at: scan.end, count: count) ?? []
      var read: [Entry] = []
      var start = 0
      while start < part.count {
        let (place, bytes, decoded) = scan.note(lineOf: part, at: &start)
        read.append(entry(place, bytes, decoded, path))
      }
      return read
    }

    private mutating func entry(
      _ place: CodexScan.LinePlace, _ bytes: ArraySlice<UInt8>, _ decoded: CodexLine,
      _ path: String
    ) -> Entry {
      let isReasoning = decoded.isShownReasoning
      if isReasoning { reasoning += 1 }
      let (content, isItem, type, _) = entries.content(
        of: decoded, bytes: bytes, isFirstMeta: scan.isFirstMeta(place.line),
        isUnrepeatedReasoning: isReasoning, isUndone: false, head: scan.head)
      return Entry(
        content, isEffective: isEffective(content, isItem, type, place.line),
        origin: Origin(format: Codex.id, bytes: bytes),
        place: .line(path: path, line: place.line, byte: place.offset))
    }

    /// As ``CodexReader`` tells it of a file whose view is what stands behind a line.
    private mutating func isEffective(
      _ content: Entry.Content, _ isItem: Bool, _ type: String, _ line: Int
    ) -> Bool {
      switch content {
      case .headChange, .usage, .metric, .event: return true
      case .opaque: return false
      case .checkpoint: return isItem && line == viewStart
      case .message(let message):
        guard isItem, line >= viewStart, message.role != .system else { return false }
        if case .toolResult(let result)? = message.blocks.first, !result.callID.isEmpty,
          !scan.marks.hasCall(id: result.callID, resultType: type, behind: viewStart)
        {
          // A call that comes later would count.
          isForeseen = false
        }
        return true
      }
    }
  }
}

extension CodexLine {
  /// Whether the line shows reasoning on the screen, which an item of the other log may repeat.
  fileprivate var isShownReasoning: Bool {
    guard case .event(let payload) = kind, let type = payload["type"]?.string else { return false }
    return type.equals("agent_reasoning") || type.equals("agent_reasoning_raw_content")
  }
}
