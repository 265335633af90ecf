internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The cheap first pass over a session file: the head, the last checkpoint, the carry's place.
///
/// Lines that start as the tool writes them are told apart by their first bytes. Of the metas and
/// checkpoints only the last ones that decode matter, so these are decoded from the end.
struct GGCodeScan {
  /// Where a line stands.
  struct LinePlace {
    var line: Int
    var offset: UInt64
    var count: Int
  }

  private(set) var head: SessionHead
  /// Whether there was a meta that decodes.
  private(set) var hasMeta = false
  private(set) var messageCount = 0
  /// The line of the last checkpoint with a message list; what came before it is not loaded.
  private(set) var lastCheckpointLine = 0
  /// The last checkpoint by message ids, when it is the last checkpoint of all.
  private(set) var lastReference: Checkpoint?
  /// Our own records.
  private(set) var carryLines: [LinePlace] = []
  /// The lines that are not read.
  private(set) var leftOut = LeftOutRecords()
  /// The fingerprint of the file without our own records and what is left out.
  private(set) var fingerprint = Fingerprint()
  /// The session that the first record with a session identifier states.
  private(set) var statedID: String?
  private let options: ReadOptions
  private var decoder: GGCodeLineDecoder
  private var metas: [LinePlace] = []
  private var checkpoints: [LinePlace] = []

  private enum Start: Int, CaseIterable {
    case message, meta, checkpoint, carryover, usage, metric, tunnelEvent, cost

    static let beginning = Array("{\"type\":\"".utf8)
    static let names = FieldNames(
      allCases.map { $0 == .tunnelEvent ? "tunnel_event" : "\($0)" })
  }

  init(path: String, id: String, options: ReadOptions) throws(FormatError) {
    var lines = try Self.lines(of: path, options)
    try self.init(path: path, lines: &lines, id: id, options: options)
  }

  /// The lines of a file, to be scanned and then read.
  static func lines(of path: String, _ options: ReadOptions) throws(FormatError) -> LineReader {
    do throws(FileError) {
      return try LineReader(
        path: path, maximumLineLength: options.maximumRecordLength, for: .again)
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// - Parameter lines: All lines of the file, which are gone through.
  init(
    path: String, lines: inout LineReader, id: String, options: ReadOptions
  ) throws(FormatError) {
    self.init(id: id, options: options)
    do throws(FileError) {
      try readLines(&lines, of: path)
    } catch {
      throw FormatError(reading: error)
    }
    try finish(path: path)
  }

  /// A scan of lines that are given one by one; it has no fingerprint.
  init(id: String, options: ReadOptions) {
    head = SessionHead(id: id)
    self.options = options
    decoder = GGCodeLineDecoder(id: id, maximumDepth: options.maximumDepth)
  }

  /// Notes a line without its line feed.
  mutating func note(_ line: ArraySlice<UInt8>, _ place: LinePlace) {
    note(Self.start(of: line.span), place) { Array(line) }
  }

  /// Finds the head, when all lines are noted and stand in the file.
  mutating func finish(path: String) throws(FormatError) {
    do throws(FileError) {
      if !metas.isEmpty || !checkpoints.isEmpty {
        let file = try RandomAccessFile(path: path)
        try decodeLastCheckpoint(file)
        try decodeLastMeta(file)
      }
    } catch {
      throw FormatError(reading: error)
    }
    head.messageCount = messageCount
  }

  private mutating func readLines(_ lines: inout LineReader, of path: String) throws(FileError) {
    while try lines.advance(passingOver: { note($0, of: path) }) {
      let isTerminated = lines.lineIsTerminated
      let (start, count) = lines.withLine { line in
        let start = Self.start(of: line)
        if start != .carryover {
          fingerprint.update(line)
          if isTerminated { fingerprint.update(Self.lineFeed) }
        }
        return (start, line.count)
      }
      let place = LinePlace(line: lines.lineNumber, offset: lines.lineOffset, count: count)
      if statedID == nil, lines.lineNumber <= 50 {
        // A line that cannot be decoded states nothing; the reader reports it.
        statedID = (try? decoded(lines.copyLine()).record?.text(.sessionID)) ?? nil
      }
      note(start, place) { lines.copyLine() }
    }
  }

  private mutating func note(_ start: Start?, _ place: LinePlace, _ copyLine: () -> [UInt8]) {
    switch start {
    case .message: messageCount += 1
    case .meta: metas.append(place)
    case .checkpoint: checkpoints.append(place)
    case .carryover: carryLines.append(place)
    case .usage, .metric, .tunnelEvent, .cost: break
    case nil: note(decoded(copyLine()).line, place)
    }
  }

  private mutating func note(_ line: LongLine, of path: String) {
    if Self.start(of: line.beginning.span) == .carryover {
      carryLines.append(LinePlace(line: line.number, offset: line.offset, count: line.count))
    } else {
      leftOut.add(.line(path: path, line: line.number, byte: line.offset), count: line.count)
    }
  }

  private static let lineFeed: [UInt8] = [UInt8(ascii: "\n")]

  /// What a line starts as, when it starts as the tool writes it.
  private static func start(of line: Span<UInt8>) -> Start? {
    guard line.starts(with: Start.beginning.span) else { return nil }
    let first = Start.beginning.count
    // No type is longer.
    let last = min(line.count, first + 16)
    var end = first
    while end < last, line[end] != UInt8(ascii: "\"") { end += 1 }
    guard end < last else { return nil }
    return Start(rawValue: Start.names.index(of: line.extracting(first..<end)))
  }

  private mutating func decoded(_ bytes: [UInt8]) -> GGCodeDecodedLine {
    decoder.decode(bytes)
  }

  /// A line in another spelling.
  private mutating func note(_ line: GGCodeLine, _ place: LinePlace) {
    switch line {
    case .content(.meta, _): metas.append(place)
    case .content(.checkpoint, _): checkpoints.append(place)
    case .content(.message, _): messageCount += 1
    case .carryover: carryLines.append(place)
    default: break
    }
  }

  private mutating func decodeLastCheckpoint(_ file: RandomAccessFile) throws(FileError) {
    for place in checkpoints.reversed() {
      let bytes = try file.read(at: place.offset, count: place.count)
      guard case .content(_, .checkpoint(let checkpoint)) = decoded(bytes).line else { continue }
      if checkpoint.messages == nil {
        lastReference = checkpoint
      } else {
        lastCheckpointLine = place.line
      }
      return
    }
  }

  /// The last meta wins completely; current releases keep some settings when it omits them.
  private mutating func decodeLastMeta(_ file: RandomAccessFile) throws(FileError) {
    var isCurrent = lastReference != nil
    for place in metas.reversed() {
      let line = decoded(try file.read(at: place.offset, count: place.count))
      guard case .content(_, .headChange(let meta)) = line.line else { continue }
      if hasMeta {
        takeSettings(from: meta)
      } else {
        head = meta
        hasMeta = true
        if line.isCurrent { isCurrent = true }
      }
      let settings = head.extras.count { Self.sticky.contains($0.key) }
      if !isCurrent || head.workspace != nil && settings == Self.sticky.count { return }
    }
  }

  private mutating func takeSettings(from earlier: SessionHead) {
    if head.workspace == nil { head.workspace = earlier.workspace }
    for extra in earlier.extras
    where Self.sticky.contains(extra.key) && head.extras.value(extra.key, of: GGCode.id) == nil {
      head.extras.append(extra)
    }
  }

  private static let sticky: Set<String> = [
    "permission_mode", "sidebar_visible", "context_window", "max_tokens",
  ]
}
