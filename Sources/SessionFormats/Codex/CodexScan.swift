internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The cheap first pass over a rollout: the head, what is replayed, the carry's place.
///
/// Most lines are told apart by their first bytes; decoded are the few that decide something.
struct CodexScan {
  /// Where a line stands.
  struct LinePlace {
    var line: Int
    var offset: UInt64
    var count: Int
  }

  private(set) var head: SessionHead
  /// The payload identifier of the first `session_meta`.
  private(set) var threadID: String?
  /// Whether the file is of the program's paginated mode.
  private(set) var isPaginated = false
  /// The earlier part that lies in another file: thread and number of bytes.
  private(set) var base: (thread: String, end: UInt64)?
  private(set) var messageCount = 0
  /// Our own records.
  private(set) var carryLines: [LinePlace] = []
  /// What decides the view that is sent on resume.
  private(set) var marks = CodexMarks()
  /// Lines of reasoning shown on the screen that no item of the other log repeats, in order.
  private(set) var unrepeatedReasoning: [Int] = []
  /// The line up to which turns stand in the log of the screen alone; 0 when none do.
  private(set) var eventsOnlyEnd = 0
  /// The first prompt, as lists show it.
  private(set) var preview: String?

  /// The lines that are not read.
  private var longLines: [LinePlace] = []
  /// The fingerprint of the file without our own records and what is left out, when all was read.
  private(set) var fingerprint = Fingerprint()
  /// For each line that may be ours, the fingerprints of what stands before it, and of the line.
  private var fingerprints: [(before: Fingerprint, line: Fingerprint)] = []

  private let options: ReadOptions
  private var firstMeta = 0
  private var lineCount = 0
  /// Where the next line starts.
  private var offset: UInt64 = 0
  private var hasConversationItem = false
  private var eventMessages = 0
  /// The last turn that ended before any item of the conversation: its last line, and the messages
  /// that the screen showed until then.
  private var eventTurns: (end: Int, messages: Int) = (0, 0)
  private var pendingReasoning: [Int] = []
  private var lastContext: LinePlace?
  private var lastTokens: LinePlace?
  private var lastTime: [UInt8] = []

  /// - Parameters:
  ///   - path: The file to read, not compressed.
  ///   - id: The identifier that the session is opened with.
  init(path: String, id: String, options: ReadOptions) throws(FormatError) {
    head = SessionHead(id: id)
    self.options = options
    do throws(FileError) {
      var lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
      while try lines.advance(passingOver: { note($0) }) { note(&lines) }
      try finish(path)
    } catch {
      throw FormatError(reading: error)
    }
  }

  private mutating func note(_ line: LongLine) {
    lineCount = line.number
    offset = line.end
    endReasoning()
    let place = LinePlace(line: line.number, offset: line.offset, count: line.count)
    longLines.append(place)
    if CodexPeek(line.beginning.span)?.type == "carryover" { carryLines.append(place) }
  }

  /// What is left out of a file with this scan.
  func leftOut(of path: String) -> LeftOutRecords {
    var list = LeftOutRecords()
    for line in longLines {
      list.add(.line(path: path, line: line.line, byte: line.offset), count: line.count)
    }
    return list
  }

  private mutating func note(_ lines: inout LineReader) {
    let depth = options.maximumDepth
    let count = carryLines.count
    lines.withLine { line in
      note(line, lines.lineNumber, at: lines.lineOffset, isTerminated: lines.lineIsTerminated) {
        CodexLine.decode(lines.copyLine(), maximumDepth: depth)
      }
    }
    guard carryLines.count > count else {
      lines.withLine(keepingLineFeed: true) { fingerprint.update($0) }
      return
    }
    var line = Fingerprint()
    lines.withLine(keepingLineFeed: true) { line.update($0) }
    fingerprints.append((fingerprint, line))
    fingerprint = Fingerprint()
  }

  /// Puts the fingerprint together of what turned out not to be ours.
  private mutating func joinFingerprints(of lines: [LinePlace]) {
    guard !fingerprints.isEmpty else { return }
    let own = carryLines.first.map { $0.line...(carryLines.last ?? $0).line }
    var joined = Fingerprint()
    for (part, place) in zip(fingerprints, lines) {
      joined.append(part.before)
      if own?.contains(place.line) != true { joined.append(part.line) }
    }
    joined.append(fingerprint)
    fingerprint = joined
    fingerprints = []
  }

  /// Notes a line, without its line feed.
  private mutating func note(
    _ line: Span<UInt8>, _ number: Int, at start: UInt64, isTerminated: Bool,
    _ decoded: () -> CodexLine
  ) {
    lineCount = number
    offset = start + UInt64(line.count) + (isTerminated ? 1 : 0)
    let place = LinePlace(line: number, offset: start, count: line.count)
    guard let peek = CodexPeek(line) else {
      let line = decoded()
      if let time = line.root?["timestamp"]?.string, line.isWrapped, !line.hasOurType {
        lastTime = Array(time.string.utf8.prefix(64))
      }
      note(line, place)
      return
    }
    if peek.type != "carryover" {
      lastTime.removeAll(keepingCapacity: true)
      unsafe line.extracting(peek.timestamp).withUnsafeBufferPointer {
        unsafe lastTime.append(contentsOf: $0)
      }
    }
    if needsDecoding(peek) {
      note(decoded(), place)
    } else {
      note(type: peek.type, payloadType: peek.payloadType, place)
    }
  }

  /// Whether the first bytes do not tell all that this pass wants to know.
  private func needsDecoding(_ peek: CodexPeek) -> Bool {
    switch peek.type {
    case "session_meta": firstMeta == 0
    case "compacted": true
    case "response_item":
      CodexMarks.callTypes.contains(peek.payloadType)
        || peek.payloadType.isEmpty
    case "event_msg":
      switch peek.payloadType {
      case "thread_rolled_back", "": true
      case "user_message", "item_completed": preview == nil
      default: false
      }
    default: false
    }
  }

  private mutating func note(_ line: CodexLine, _ place: LinePlace) {
    switch line.kind {
    case .unknown("carryover"): carryLines.append(place)
    case .blank, .unknown, .damaged: endReasoning()
    case .meta(let meta): noteMeta(meta, line.time, place)
    case .item(let payload):
      let type = payload["type"]?.string?.string ?? ""
      if CodexMarks.callTypes.contains(type), let id = payload["call_id"]?.string,
        line.skipped == nil, CodexItem.problem(ofCall: payload, type: type) == nil
      {
        marks.addCall(id: id, type: type, line: place.line)
      }
      note(type: "response_item", payloadType: type.isEmpty ? "message" : type, place)
    case .event(let payload):
      let type = payload["type"]?.string?.string ?? ""
      if type == "thread_rolled_back" {
        let count = payload["num_turns"]?.int64.flatMap { Int(exactly: $0) } ?? 0
        marks.add(.rollback(min(max(0, count), 1 << 31)), line: place.line)
      }
      if preview == nil, type == "user_message" || type == "item_completed" {
        preview = CodexHead.preview(payload)
      }
      note(type: "event_msg", payloadType: type, place)
    case .compacted(let payload):
      endReasoning()
      marks.addCompaction(payload, place)
    case .other(let type, _): note(type: type, payloadType: "", place)
    }
  }

  private mutating func noteMeta(_ meta: JSONValue, _ time: Timestamp?, _ place: LinePlace) {
    endReasoning()
    guard firstMeta == 0 else { return }
    firstMeta = place.line
    threadID = meta["id"]?.string?.string
    isPaginated = meta["history_mode"]?.string?.equals("paginated") ?? false
    if let start = meta["history_base"], let thread = start["thread_id"]?.string {
      let end = start["end_byte_offset"]?.int64 ?? 0
      base = (thread.string, UInt64(max(0, end)))
    }
    head = CodexHead.head(meta, id: head.id, time: time)
  }

  /// A line whose types are known.
  private mutating func note(type: String, payloadType: String, _ place: LinePlace) {
    switch type {
    case "response_item":
      if payloadType == "reasoning" {
        pendingReasoning = []
      } else {
        endReasoning()
      }
      if CodexMarks.conversationTypes.contains(payloadType) {
        hasConversationItem = true
        messageCount += 1
      } else if CodexMarks.messageTypes.contains(payloadType) {
        messageCount += 1
      }
      marks.add(payloadType == "message" ? .message(place) : .item, line: place.line)
    case "event_msg":
      if payloadType == "agent_reasoning" || payloadType == "agent_reasoning_raw_content" {
        pendingReasoning.append(place.line)
        return
      }
      endReasoning()
      switch payloadType {
      case "user_message", "agent_message":
        if !hasConversationItem { eventMessages += 1 }
        if payloadType == "user_message" { marks.add(.userEvent, line: place.line) }
      case "task_started", "turn_started":
        marks.add(.turnStart, line: place.line)
      case "task_complete", "turn_complete", "turn_aborted":
        if !hasConversationItem { eventTurns = (place.line, eventMessages) }
      case "token_count": lastTokens = place
      default: break
      }
    case "turn_context":
      endReasoning()
      lastContext = place
    case "carryover": carryLines.append(place)
    default: endReasoning()
    }
  }

  private mutating func endReasoning() {
    guard !pendingReasoning.isEmpty else { return }
    unrepeatedReasoning += pendingReasoning
    pendingReasoning = []
  }

  /// Settles what only the whole file tells.
  mutating func finish(_ path: String) throws(FileError) {
    endReasoning()
    // An event in the turn of the first item, or before any turn, may be what the item repeats.
    if hasConversationItem {
      if eventTurns.messages > 0 { eventsOnlyEnd = eventTurns.end }
      messageCount += eventTurns.messages
    } else if eventMessages > 0 {
      eventsOnlyEnd = .max
      messageCount += eventMessages
    }
    messageCount += unrepeatedReasoning.count
    head.messageCount = messageCount
    head.updated = Timestamp(rfc3339: lastTime)
    head.summary = preview
    let file = try RandomAccessFile(path: path)
    let candidates = carryLines
    carryLines = try CodexCarry.own(
      among: candidates, in: file, longest: options.maximumCarryLength)
    if let first = carryLines.first, let last = carryLines.last {
      longLines.removeAll { (first.line...last.line).contains($0.line) }
    }
    joinFingerprints(of: candidates)
    if let lastContext {
      let line = try decoded(file, lastContext)
      if case .other(_, let context) = line.kind, let model = context["model"]?.string {
        head.model = model.string
      }
    }
    if let lastTokens {
      if case .event(let payload) = try decoded(file, lastTokens).kind {
        head.usage = CodexTokens.usage(payload["info"]?["total_token_usage"])
      }
    }
    let depth = options.maximumDepth
    try marks.replay { (place) throws(FileError) in
      CodexLine.decode(
        try file.read(at: place.offset, count: place.count), maximumDepth: depth)
    }
  }

  private func decoded(_ file: RandomAccessFile, _ place: LinePlace) throws(FileError) -> CodexLine
  {
    CodexLine.decode(
      try file.read(at: place.offset, count: place.count), maximumDepth: options.maximumDepth)
  }

  /// Whether a line is one of our own.
  ///
  /// Behind what this pass saw, the carry is only being written, and its header comes last.
  func isCarry(_ line: Int, _ bytes: Span<UInt8>) -> Bool {
    if line > lineCount { return CodexPeek(bytes)?.type == "carryover" }
    guard let first = carryLines.first, let last = carryLines.last else { return false }
    return (first.line...last.line).contains(line)
  }

  /// Whether a line is the thread's own `session_meta`.
  func isFirstMeta(_ line: Int) -> Bool { line == firstMeta }

  mutating func setNames(title: String?, isArchived: Bool, path: String?) {
    head.title = title ?? preview.map { CodexHead.title(from: $0) }
    head.archived = isArchived ? true : nil
    if let path { head.extras.addCodex(CodexExtra.path, text: path) }
  }
}
