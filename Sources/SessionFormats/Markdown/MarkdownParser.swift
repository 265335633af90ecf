internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A piece of a file that says one thing.
struct MarkdownRecord {
  enum Content {
    /// The front matter and the title.
    case opening
    case message(Message)
    case checkpoint(Checkpoint)
  }

  var content: Content
  /// Whether the tool that the session comes from still uses it.
  var isEffective: Bool
  var bytes: ArraySlice<UInt8>
  var place: Place
  /// How long it is, when that is more than what is read; then it says nothing.
  var tooLong: Int?
}

/// Reads a transcript line by line, one record at a time.
///
/// What a line is depends on its own form and on the last block alone, never on what follows it.
struct MarkdownParser: ~Copyable {
  private struct Line {
    var bytes: [UInt8]
    var place: Place
    /// The length of a line that is too long; only its beginning is there.
    var tooLong: Int?
    var kind: MarkdownLine

    /// The line without its end.
    var text: ArraySlice<UInt8> {
      var text = bytes[...]
      if text.last == 0x0A { text.removeLast() }
      if text.last == 0x0D { text.removeLast() }
      return text
    }
  }

  private let path: String
  private let folder: String
  private let front: FrontMatter
  private let layout: MarkdownLayout
  private let zone: Int64
  private let options: ReadOptions
  private let carry: MarkdownCarry?
  private let end: UInt64
  private var lines: LineReader
  /// Where the last line that was read ends.
  private(set) var offset: UInt64 = 0
  private var long: ArraySlice<LongLine> = []
  private var isLineWaiting = false
  private(set) var log = FindingLog(Markdown.id)

  /// The line that comes next; nil at the end.
  private var line: Line?
  /// The record at hand.
  private var record: [UInt8] = []
  private var length = 0
  private var isTooLong = false
  private var hasOpened = false

  private var hasSpoken = false
  private var isEarlier = false
  private var time: Timestamp?
  private var day = ""
  /// The call in whose fold a result may follow.
  private var openCall: JSONString?
  private var calls: [(id: JSONString, name: JSONString)] = []
  private var callCount = 0

  /// - Parameters:
  ///   - front: The beginning of the file.
  ///   - carry: What stands in the file and is no part of the session.
  ///   - end: Where to stop, as more may be appended meanwhile; nil for the file's end.
  init(
    path: String, front: FrontMatter, carry: MarkdownCarry?, end: UInt64? = nil,
    options: ReadOptions
  ) throws(FormatError) {
    self.end = end ?? .max
    self.path = path
    self.front = front
    self.carry = carry
    self.options = options
    folder = MarkdownMedia.folder(of: path)
    layout = MarkdownLayout(front)
    zone = Int64(front.head(fallbackID: "").created?.offset ?? 0)
    do throws(FileError) {
      lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// The next record; nil at the end.
  mutating func next() throws(FormatError) -> MarkdownRecord? {
    if !hasOpened {
      hasOpened = true
      try advance()
      let place = line?.place
      begin()
      try readOpening()
      if let place, length > 0 { return finish(.opening, at: place) }
    }
    guard let first = line else { return nil }
    begin()
    if case .compaction(let heading) = first.kind {
      return finish(.checkpoint(try readCheckpoint(heading)), at: first.place)
    }
    return finish(.message(try readMessage(isPart: false)), at: first.place)
  }

  // MARK: Lines

  private mutating func begin() {
    record = []
    length = 0
    isTooLong = false
  }

  private mutating func finish(_ content: MarkdownRecord.Content, at place: Place) -> MarkdownRecord
  {
    MarkdownRecord(
      content: content, isEffective: !isEarlier, bytes: record[...], place: place,
      tooLong: isTooLong ? length : nil)
  }

  /// Adds the next line to the record.
  private mutating func take() throws(FormatError) {
    guard let line else { return }
    length += line.tooLong ?? line.bytes.count
    isTooLong = isTooLong || line.tooLong != nil || length > options.maximumRecordLength
    if isTooLong { record = [] } else { record += line.bytes }
    try advance()
  }

  private mutating func advance() throws(FormatError) {
    line = nil
    do throws(FileError) {
      while line == nil, try readLine() {}
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// Reads a line, or passes over the carry; false at the end.
  private mutating func readLine() throws(FileError) -> Bool {
    if long.isEmpty, !isLineWaiting {
      var passed: [LongLine] = []
      isLineWaiting = try lines.advance(passingOver: { passed.append($0) })
      long = passed[...]
    }
    if let next = long.popFirst(), next.offset < end {
      if try skipsCarry(at: next.offset) { return true }
      offset = next.offset + UInt64(next.count) + (next.isTerminated ? 1 : 0)
      line = Line(
        bytes: next.beginning, place: .line(path: path, line: next.number, byte: next.offset),
        tooLong: next.count, kind: .text)
      return true
    }
    guard isLineWaiting, lines.lineOffset < end else { return false }
    isLineWaiting = false
    if try skipsCarry(at: lines.lineOffset) { return true }
    var next = Line(
      bytes: lines.copyLine(keepingLineFeed: true),
      place: .line(path: path, line: lines.lineNumber, byte: lines.lineOffset), kind: .text)
    next.kind = MarkdownLine(next.text)
    offset = lines.lineOffset + UInt64(next.bytes.count)
    line = next
    return true
  }

  /// Whether a line is the carry's first one; then the next one is the line after the carry.
  private mutating func skipsCarry(at offset: UInt64) throws(FileError) -> Bool {
    guard let carry, offset == carry.range.lowerBound else { return false }
    long = []
    isLineWaiting = false
    lines = try LineReader(
      path: path, maximumLineLength: options.maximumRecordLength,
      startingAt: carry.range.upperBound, lineNumber: carry.nextLine)
    return true
  }

  private mutating func note(_ rule: String, _ message: String) {
    log.add(rule, .warning, line?.place ?? .file(path: path), message)
  }

  private mutating func skipBlank() throws(FormatError) {
    while let kind = line?.kind, kind.isBlank { try take() }
  }

  // MARK: Records

  private mutating func readOpening() throws(FormatError) {
    if front.lineCount == 0 {
      note(
        "front-matter",
        front.isOpen
          ? "the front matter is not closed; put a line --- after it"
          : "the front matter is missing; it begins with the lines --- and chat-md: 2")
    }
    for _ in 0..<front.lineCount { try take() }
    try skipBlank()
    guard let title = line, title.text.starts(with: "# ".utf8) else { return }
    try take()
    try skipBlank()
    guard let link = line, link.text.starts(with: FrontMatter.partOf.utf8),
      link.text.dropFirst(FrontMatter.partOf.utf8.count).first == UInt8(ascii: "[")
    else { return }
    try take()
    try skipBlank()
  }

  private mutating func take(_ heading: MarkdownHeading) throws(FormatError) {
    time = nil
    if let text = heading.time {
      if text.utf8.count > 5 { day = String(text.prefix(10)) }
      time = SpelledTime.read(text.utf8.count > 5 ? text : "\(day) \(text)")
      if var shown = time {
        let (seconds, overflow) = shown.seconds.subtractingReportingOverflow(zone)
        shown = Timestamp(seconds: seconds, offset: Int32(truncatingIfNeeded: zone))
        time = overflow ? nil : shown
      }
    }
    try take()
  }

  private mutating func readCheckpoint(
    _ heading: MarkdownHeading
  ) throws(FormatError) -> Checkpoint {
    try take(heading)
    isEarlier = heading.isEarlier
    var checkpoint = Checkpoint(time: time)
    try skipBlank()
    if let rule = line, rule.text.elementsEqual("---".utf8) { try take() }
    try skipBlank()
    if let fold = line, !fold.kind.isFold, MarkdownLine.summary(fold.text) != nil { try take() }
    var messages: [Message] = []
    while true {
      try skipBlank()
      guard let next = line else { break }
      switch next.kind {
      case .message, .heading, .compaction:
        checkpoint.messages = messages.isEmpty ? nil : messages
        return checkpoint
      case .foldEnd: try take()
      default: messages.append(try readMessage(isPart: true))
      }
    }
    checkpoint.messages = messages.isEmpty ? nil : messages
    return checkpoint
  }

  /// - Parameter isPart: Whether the message is part of a compaction.
  private mutating func readMessage(isPart: Bool) throws(FormatError) -> Message {
    var role: Role?
    var isOpen = false
    if case .message(let name)? = line?.kind {
      isOpen = true
      role = name.map { Role($0) }
      try take()
      try skipBlank()
    }
    if let next = line, let heading = heading(next, isPart) {
      isOpen = true
      role = role ?? heading.role
      if !isPart { isEarlier = heading.isEarlier }
      try take(heading)
    }
    if role == nil, !isOpen, !hasSpoken, !isPart {
      note(
        "heading", "this text has no heading; it is read as the user's. Put a line ## User above it"
      )
      role = .user
      time = nil
    }
    var message = Message(role: .assistant)
    var last: MarkdownLayout.Kind?
    var first: MarkdownLayout.Kind?
    while true {
      try skipBlank()
      guard let start = try start(after: last, isOpen: isOpen, isPart: isPart) else { break }
      let (kind, block) = try read(start, isPart)
      if !isTooLong { message.blocks.append(block) }
      first = first ?? kind
      last = kind
    }
    hasSpoken = true
    message.role = role ?? layout.role(first)
    message.time = time
    return message
  }

  private func heading(_ line: Line, _ isPart: Bool) -> MarkdownHeading? {
    switch line.kind {
    case .heading(let heading) where !isPart: heading
    case .part(let heading) where isPart: heading
    default: nil
    }
  }

  // MARK: Blocks

  private enum Start {
    case text
    case marked(kind: String, id: String?, isError: Bool)
    case fold(MarkdownLine.Fold)
    case label(isError: Bool)
    case link(MarkdownLink)

    var kind: MarkdownLayout.Kind {
      switch self {
      case .label, .fold(.result): .result
      case .fold(.thinking): .thinking
      case .fold(.call): .call
      case .text, .fold(.instructions), .marked: .text
      case .link: .medium
      }
    }
  }

  /// What begins at the next line; nil when it does not belong to the message at hand.
  private mutating func start(
    after last: MarkdownLayout.Kind?, isOpen: Bool, isPart: Bool
  ) throws(FormatError) -> Start? {
    while let line {
      let start: Start
      switch line.kind {
      case .message, .heading, .compaction: return nil
      case .part where isPart: return nil
      case .block(let kind, let id, let isError):
        return .marked(kind: kind, id: id, isError: isError)
      case .fold(let fold): start = .fold(fold)
      case .link(let link): start = .link(link)
      case .label(let isError) where openCall != nil || last == nil && isOpen:
        start = .label(isError: isError)
      case .foldEnd where last != nil && last != .text:
        openCall = nil
        try take()
        try skipBlank()
        continue
      // The end of the fold that the parts of a compaction stand in.
      case .foldEnd where isPart: return nil
      default: start = .text
      }
      if let last, layout.begins(start.kind, after: last) { return nil }
      return start
    }
    return nil
  }

  private mutating func read(
    _ start: Start, _ isPart: Bool
  ) throws(FormatError) -> (MarkdownLayout.Kind, Block) {
    switch start {
    case .text:
      openCall = nil
      return (.text, text(try readProse(isPart)))
    case .fold(.thinking):
      openCall = nil
      return (.thinking, .thinking(Block.Thinking(string(try readFold()))))
    case .fold(.instructions):
      openCall = nil
      return (.text, text(try readFold()))
    case .fold(.call(let name)):
      try take()
      return (.call, try readCall(string(CharacterReference.readInline(name)), id: nil))
    case .fold(.result(let name, let isError)):
      try take()
      return (
        .result,
        try readResult(
          name.map { string(CharacterReference.readInline($0)) }, id: nil, isError: isError)
      )
    case .link(let link):
      openCall = nil
      return (.medium, try readLink(link, isAlone: true))
    case .label(let isError):
      try take()
      return (.result, try readResult(nil, id: nil, isError: isError))
    case .marked(let kind, let id, let isError):
      return try readMarked(kind, id, isError, isPart)
    }
  }

  private mutating func readMarked(
    _ kind: String, _ id: String?, _ isError: Bool, _ isPart: Bool
  ) throws(FormatError) -> (MarkdownLayout.Kind, Block) {
    if !["text", "thinking", "call", "result", "image", "file"].contains(kind) {
      note("marker", "a marker of the kind \(kind) is not known; what follows is read as text")
    }
    try take()
    try skipBlank()
    let id = id.map { JSONString($0) }
    switch kind {
    case "thinking":
      openCall = nil
      return (.thinking, .thinking(Block.Thinking(string(try readFoldOrProse(isPart)))))
    case "call":
      return (.call, try readCall(try takeSummary() ?? "", id: id))
    case "result":
      var isError = isError
      var name: JSONString?
      if case .label(let isMarked)? = line?.kind {
        isError = isError || isMarked
        try take()
      } else if case .fold(.result(let shown, let isMarked))? = line?.kind {
        isError = isError || isMarked
        name = shown.map { string(CharacterReference.readInline($0)) }
        try take()
      } else {
        _ = try takeSummary()
      }
      return (.result, try readResult(name, id: id, isError: isError))
    case "image", "file":
      openCall = nil
      if let line, let link = MarkdownLink(line.text), link.isImage == (kind == "image") {
        return (.medium, try readLink(link, isAlone: true))
      }
      note("link", "a link to the \(kind) is missing here; what follows is read as text")
    default: openCall = nil
    }
    return (.text, text(try readFoldOrProse(isPart)))
  }

  private mutating func readFoldOrProse(_ isPart: Bool) throws(FormatError) -> [UInt8] {
    switch line?.kind {
    case .fold(.thinking), .fold(.instructions): try readFold()
    default: try readProse(isPart)
    }
  }

  /// Takes the line that opens a call's fold; gives the name of the tool.
  private mutating func takeSummary() throws(FormatError) -> JSONString? {
    guard let line, let summary = MarkdownLine.summary(line.text) else { return nil }
    var name = summary
    if case .fold(.call(let bold)) = line.kind {
      name = bold[...]
    } else if let dot = summary.firstRange(of: Array(" · ".utf8)) {
      name = summary[..<dot.lowerBound]
    }
    try take()
    return string(CharacterReference.readInline(name))
  }

  private mutating func readCall(
    _ name: JSONString, id: JSONString?
  ) throws(FormatError) -> Block {
    callCount += 1
    let id = id ?? JSONString("c\(callCount)")
    calls.append((id, name))
    openCall = id
    try skipBlank()
    let arguments = try readFence()
    return .toolCall(
      Block.ToolCall(id: id, name: name, arguments: arguments.map { ChatArguments.read($0) }))
  }

  private mutating func readResult(
    _ name: JSONString?, id: JSONString?, isError: Bool
  ) throws(FormatError) -> Block {
    // In a fold of its own it answers the first call of the tool that has no answer.
    let id = id ?? openCall ?? calls.first { $0.name == name }?.id ?? "c0"
    var name = name
    if let place = calls.firstIndex(where: { $0.id == id }) {
      name = name ?? calls[place].name
      calls.remove(at: place)
    }
    openCall = id
    var content: [Block] = []
    while true {
      try skipBlank()
      if let text = try readFence() {
        content.append(self.text(text))
      } else if let line, let link = MarkdownLink(line.text) {
        content.append(try readLink(link, isAlone: false))
      } else {
        break
      }
    }
    return .toolResult(
      Block.ToolResult(callID: id, name: name, content: content, isError: isError))
  }

  private func string(_ bytes: [UInt8]) -> JSONString { JSONString(decodedUTF8: bytes) }

  private func text(_ bytes: [UInt8]) -> Block { .text(Block.Text(string(bytes))) }

  // MARK: Texts

  /// A text up to what begins something else.
  private mutating func readProse(_ isPart: Bool) throws(FormatError) -> [UInt8] {
    var text: [ArraySlice<UInt8>] = []
    reading: while let line {
      switch line.kind {
      case .part where !isPart: break
      case .foldEnd where isPart: break reading
      case let kind where !kind.isProse: break reading
      default:
        if line.text.starts(with: "<!-- m".utf8) || line.text.starts(with: "<!-- b ".utf8) {
          note("marker", "this marker is not known; it is read as text")
        }
      }
      if !isTooLong { text.append(line.text) }
      try take()
    }
    return MarkdownText.read(prose: text)
  }

  /// A text in a fold, whose first line is next.
  private mutating func readFold() throws(FormatError) -> [UInt8] {
    try take()
    var text: [ArraySlice<UInt8>] = []
    while let line {
      if case .foldEnd = line.kind {
        try take()
        return MarkdownText.read(prose: text)
      }
      if !line.kind.isProse { break }
      if !isTooLong { text.append(line.text) }
      try take()
    }
    note("fold-closed", "a fold before this line is not closed; put a line </details> at its end")
    return MarkdownText.read(prose: text)
  }

  /// The text in a code fence; nil when none begins at the next line.
  private mutating func readFence() throws(FormatError) -> [UInt8]? {
    guard let opening = line, opening.text.first == UInt8(ascii: "`"),
      let fence = CodeFence(opening: opening.text)
    else { return nil }
    try take()
    var text: [ArraySlice<UInt8>] = []
    while let line {
      if fence.closes(with: line.text) {
        try take()
        return MarkdownText.read(fenced: text)
      }
      if line.kind.endsText { break }
      if !isTooLong { text.append(line.text) }
      try take()
    }
    note("fence-closed", "a code fence before this line is not closed; it ends here")
    return MarkdownText.read(fenced: text)
  }

  // MARK: Media

  /// - Parameter isAlone: Whether it is a block of its own, not a part of a result.
  private mutating func readLink(
    _ link: MarkdownLink, isAlone: Bool
  ) throws(FormatError) -> Block {
    var type = link.title.map { string($0) }
    var base64: JSONString?
    var path: JSONString?
    if let data = link.data {
      if !data.type.isEmpty { type = JSONString(data.type) }
      base64 = string(MarkdownLink.decoded(data.base64))
    } else if let hash = MarkdownMedia.hash(of: link.destination[...]) {
      if let bytes = MarkdownMedia.read(hash, besides: folder) {
        base64 = JSONString(Base64.encode(bytes))
      } else {
        note("blob-exists", "the medium \(hash) is not beside the file, or not what its name says")
      }
    } else if !link.destination.isEmpty {
      path = string(MarkdownLink.decoded(link.destination))
    }
    try take()
    if link.isImage {
      return .image(Block.Image(mediaType: type, base64: base64, path: path))
    }
    var file = Block.File(
      name: link.label.isEmpty ? nil : string(link.label), mediaType: type, base64: base64,
      path: path)
    if isAlone {
      try skipBlank()
      file.text = try readFence().map { string($0) }
    }
    return .file(file)
  }
}
