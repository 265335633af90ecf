internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes messages as people read them; a marker stands where the form alone does not say what it is.
struct MarkdownEncoder {
  /// What has been written.
  var out: [UInt8] = []
  let layout: MarkdownLayout
  private let media: Media
  /// The zone of the times that headings show, in seconds east of UTC.
  private let zone: Int32

  /// Whose heading stood last; nil where the next message needs one.
  private var speaker: Role?
  private var isEarlier = false
  private var day = ""
  private var isInCheckpoint = false
  private var isAfterCheckpoint = false
  /// The last block; nil where it is not known.
  private var last: MarkdownLayout.Kind?
  /// The call in whose fold a result may follow.
  private var openCall: JSONString?
  /// Calls that were not answered yet, with their numbers in the file.
  private var calls: [(id: JSONString, name: JSONString, number: Int)] = []
  private var callCount = 0

  /// Where media go.
  struct Media {
    /// Keeps them beside the file; nil where nothing may stand beside it.
    var keeper: MarkdownMediaKeeper?
    /// Where links to them lead.
    var folder: String

    /// Media up to this size are data links even where there is a place for files, in bytes.
    static let small = 4_096
  }

  init(_ layout: MarkdownLayout, media: Media, zone: Int32) {
    self.layout = layout
    self.media = media
    self.zone = zone
  }

  // MARK: Messages

  /// The blocks of a message that say something to people.
  static func shown(_ message: Message) -> [Block] {
    message.blocks.filter { MarkdownLayout.Kind($0) != nil }
  }

  mutating func append(_ message: Message, isEffective: Bool) throws(FormatError) {
    let blocks = Self.shown(message)
    guard let first = blocks.first, let kind = MarkdownLayout.Kind(first) else { return }
    let answers = openCall != nil && openCall == Self.answered(first)
    if !answers { closeFold() }
    var isOpen = false
    if needsHeading(message, kind, isEffective) {
      closeFold()
      appendHeading(message, level: 2, isEffective)
      isOpen = true
    } else {
      let isUsual = message.role == layout.role(kind)
      if !isUsual || needsNumber(first) || last.map({ layout.begins(kind, after: $0) }) != true {
        let name = message.role.name
        appendMarker("m", isUsual ? nil : MarkdownLine.isWord(name) ? name : "other")
        isOpen = true
      }
    }
    try append(blocks, isOpen: isOpen, isFolded: message.role.isProgram)
    isAfterCheckpoint = false
  }

  private func needsHeading(
    _ message: Message, _ kind: MarkdownLayout.Kind, _ isEffective: Bool
  ) -> Bool {
    if isAfterCheckpoint || isEarlier == isEffective { return true }
    if kind == .result { return false }
    if message.role != .assistant || speaker != .assistant { return true }
    guard let last, layout.begins(kind, after: last) else { return true }
    guard let time = message.time.flatMap(shown) else { return false }
    return !time.hasPrefix(day)
  }

  private mutating func appendHeading(_ message: Message, level: Int, _ isEffective: Bool) {
    var time = message.time.flatMap(shown)
    if let whole = time {
      let date = String(whole.prefix(10))
      if date == day { time = String(whole.suffix(5)) }
      day = date
    }
    line(
      MarkdownHeading(
        MarkdownHeading.word(message.role), time: time, isEarlier: level == 2 && !isEffective
      ).line(level: level))
    out.append(UInt8(ascii: "\n"))
    isEarlier = !isEffective
    if level == 2 { speaker = message.role }
  }

  /// A time to the minute; nil when it cannot be read back.
  private func shown(_ time: Timestamp) -> String? {
    var bytes: [UInt8] = []
    Timestamp(seconds: time.seconds, offset: zone)
      .appendDateAndTime(separator: UInt8(ascii: " "), to: &bytes)
    let text = String(decoding: bytes.prefix(16), as: UTF8.self)
    return SpelledTime.read(text) == nil ? nil : text
  }

  private mutating func appendMarker(_ words: String?...) {
    line("<!-- " + words.compactMap { $0 }.joined(separator: " ") + " -->")
  }

  mutating func append(_ checkpoint: Checkpoint, isEffective: Bool) throws(FormatError) {
    closeFold()
    line(
      MarkdownHeading(
        MarkdownHeading.compaction, time: checkpoint.time.flatMap(shown), isEarlier: !isEffective
      ).line(level: 2))
    line("\n---\n")
    let messages = (checkpoint.messages ?? []).filter { !Self.shown($0).isEmpty }
    if !messages.isEmpty { line("<details><summary>What the model goes on with</summary>\n") }
    isInCheckpoint = true
    defer { isInCheckpoint = false }
    for message in messages {
      closeFold()
      appendHeading(message, level: 3, isEffective)
      try append(Self.shown(message), isOpen: true, isFolded: false)
    }
    closeFold()
    if !messages.isEmpty { line("</details>\n") }
    speaker = nil
    isAfterCheckpoint = true
    last = nil
  }

  // MARK: Blocks

  private mutating func append(
    _ blocks: [Block], isOpen: Bool, isFolded: Bool
  ) throws(FormatError) {
    for (index, block) in blocks.enumerated() {
      guard let kind = MarkdownLayout.Kind(block) else { continue }
      if openCall == nil || openCall != Self.answered(block) { closeFold() }
      if needsNumber(block) || index > 0 && needsMarker(block, kind) {
        appendMarker("b", Self.word(block), number(block), isError(block))
      }
      try append(block, isFolded: isFolded)
      last = kind
    }
  }

  /// Whether a block would not be one of its message's without a marker.
  private func needsMarker(_ block: Block, _ kind: MarkdownLayout.Kind) -> Bool {
    guard let last else { return false }
    if kind == .text, last == .text { return true }
    // A code fence below a file is what the file says.
    if kind == .text, last == .medium, block.plainText?.bytes.first == UInt8(ascii: "`") {
      return true
    }
    return layout.begins(kind, after: last)
  }

  private static func word(_ block: Block) -> String {
    switch block {
    case .text, .opaque: "text"
    case .thinking: "thinking"
    case .toolCall: "call"
    case .toolResult: "result"
    case .image: "image"
    case .file: "file"
    }
  }

  private static func answered(_ block: Block) -> JSONString? {
    if case .toolResult(let result) = block { result.callID } else { nil }
  }

  /// Whether a result answers another call than its place and the tool's name say.
  private func needsNumber(_ block: Block) -> Bool {
    guard case .toolResult(let result) = block, openCall != result.callID else { return false }
    let place = calls.firstIndex { $0.id == result.callID }
    guard let name = result.name ?? place.map({ calls[$0].name }) else { return false }
    return calls.firstIndex { $0.name == name } != place
  }

  private func number(_ block: Block) -> String? {
    guard needsNumber(block), let id = Self.answered(block) else { return nil }
    return "c\(calls.first { $0.id == id }?.number ?? 0)"
  }

  private func isError(_ block: Block) -> String? {
    if needsNumber(block), case .toolResult(let result) = block, result.isError {
      "error"
    } else {
      nil
    }
  }

  private mutating func append(_ block: Block, isFolded: Bool) throws(FormatError) {
    switch block {
    case .text(let text):
      if isFolded { line("<details><summary>Instructions</summary>\n") }
      appendProse(text.text, inFold: isFolded || isInCheckpoint)
      if isFolded { line("</details>\n") }
    case .thinking(let thinking):
      line("<details><summary>Thinking</summary>\n")
      appendProse(thinking.text, inFold: true)
      line("</details>\n")
    case .toolCall(let call): append(call)
    case .toolResult(let result): try append(result)
    case .image(let image):
      try appendLink(
        isImage: true, name: "", image.mediaType, image.base64, image.path)
      line("")
    case .file(let file):
      try appendLink(
        isImage: false, name: file.name ?? "", file.mediaType, file.base64, file.path)
      line("")
      if let text = file.text { MarkdownText.appendFenced(text.bytes, info: "text", to: &out) }
    case .opaque: break
    }
  }

  private mutating func appendProse(_ text: JSONString, inFold: Bool) {
    out += MarkdownText.prose(text.bytes, inFold: inFold)
    line("\n")
  }

  private mutating func append(_ call: Block.ToolCall) {
    callCount += 1
    calls.append((call.id, call.name, callCount))
    let hint = call.arguments.flatMap { ToolHint($0)?.text } ?? []
    out += "<details><summary><b>".utf8 + CharacterReference.inline(call.name.bytes) + "</b>".utf8
    if !hint.isEmpty { out += " · ".utf8 + CharacterReference.inline(hint) }
    line("</summary>\n")
    if let arguments = call.arguments {
      MarkdownText.appendFenced(ChatArguments.text(of: arguments), info: "json", to: &out)
      openCall = call.id
    } else {
      line("</details>\n")
    }
  }

  private mutating func append(_ result: Block.ToolResult) throws(FormatError) {
    let word = result.isError ? "Error" : "Result"
    let place = calls.firstIndex { $0.id == result.callID }
    if openCall != nil {
      line("**\(word)**\n")
    } else {
      let name = result.name ?? place.map { calls[$0].name }
      out += "<details><summary>\(word)".utf8
      if let name { out += " · ".utf8 + CharacterReference.inline(name.bytes) }
      line("</summary>\n")
    }
    if let place { calls.remove(at: place) }
    for part in result.content {
      switch part {
      case .text(let text): MarkdownText.appendFenced(text.text.bytes, info: "text", to: &out)
      case .image: try append(part, isFolded: false)
      case .file(var file):
        // A text below it would be another part.
        file.text = nil
        try append(.file(file), isFolded: false)
      case .thinking, .toolCall, .toolResult, .opaque: continue
      }
    }
    openCall = openCall ?? result.callID
    closeFold()
  }

  /// Ends the fold of a call.
  private mutating func closeFold() {
    if openCall != nil { line("</details>\n") }
    openCall = nil
  }

  private mutating func line(_ text: String) {
    out += text.utf8
    out.append(UInt8(ascii: "\n"))
  }

  // MARK: Media

  private mutating func appendLink(
    isImage: Bool, name: JSONString, _ type: JSONString?, _ base64: JSONString?, _ path: JSONString?
  ) throws(FormatError) {
    var destination = path.map { MarkdownLink.destination($0.bytes) } ?? ""
    var title = type?.bytes
    if let base64 {
      let text = base64.string
      let bytes = Base64.decode(text)
      if let bytes, Base64.encode(bytes) == text, bytes.count > Media.small,
        let keeper = media.keeper
      {
        let hash = ContentDigest.hex(of: bytes)
        try keeper.keep(bytes, hash: hash)
        destination = MarkdownMedia.relativePath(hash, in: media.folder)
      } else {
        let isClean =
          type?.bytes.allSatisfy { byte in
            switch byte {
            case 0x2B, 0x2D...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: false
            }
          } ?? false
        destination =
          "data:" + (isClean ? type?.string ?? "" : "") + ";base64,"
          + MarkdownLink.destination(base64.bytes)
        if isClean { title = nil }
      }
    }
    out += MarkdownLink.line(
      isImage: isImage, name: name.bytes, destination: destination, title: title)
  }

  /// Keeps the media of a record that is written as it is.
  func keepMedia(of message: Message) throws(FormatError) {
    guard media.keeper != nil else { return }
    var copy = self
    for block in message.blocks {
      switch block {
      case .image, .file, .toolResult: try copy.append(block, isFolded: false)
      default: continue
      }
      copy.out = []
    }
  }

  // MARK: Records of the format itself

  /// Writes what has to stand before a record of the format itself, and notes what comes after it.
  ///
  /// - Parameter isMoved: Whether something else stands before it than where it comes from, so that it needs
  ///   a marker to begin a message of its own unless its first line says so.
  mutating func follow(_ entry: Entry, _ bytes: ArraySlice<UInt8>, isMoved: Bool) {
    let start = MarkdownLine(bytes.prefix { $0 != 0x0A && $0 != 0x0D })
    let folds = Self.folds(of: bytes)
    switch start {
    case .message where folds.endsOpen: speaker = nil
    case .heading, .compaction, .message:
      closeFold()
      speaker = nil
    default:
      if isMoved {
        closeFold()
        appendMarker("m")
      }
    }
    isAfterCheckpoint = MarkdownLine.beginsCompaction(bytes)
    isEarlier = !entry.isEffective
    last = nil
    openCall = folds.leavesOpen ? "" : nil
    guard case .message(let message) = entry.content else { return }
    for block in message.blocks {
      if case .toolCall(let call) = block {
        callCount += 1
        calls.append((call.id, call.name, callCount))
        if openCall != nil { openCall = call.id }
      } else if let id = Self.answered(block), let place = calls.firstIndex(where: { $0.id == id })
      {
        calls.remove(at: place)
      }
    }
  }

  /// Whether a record ends a fold that stood open before it, and whether it leaves one open: a result
  /// stands in the fold of its call.
  private static func folds(of bytes: ArraySlice<UInt8>) -> (endsOpen: Bool, leavesOpen: Bool) {
    var depth = 0
    var endsOpen = false
    var isCall = false
    var fence: CodeFence?
    for line in MarkdownText.lines(of: bytes) {
      if let open = fence {
        if open.closes(with: line) { fence = nil }
        continue
      }
      switch MarkdownLine(line) {
      case .fold(let kind):
        depth += 1
        if case .call = kind { isCall = true } else { isCall = false }
      case .foldEnd where depth == 0: endsOpen = true
      case .foldEnd: depth -= 1
      default: fence = CodeFence(opening: line)
      }
    }
    return (endsOpen, depth > 0 && isCall)
  }

  /// Ends what is still open.
  mutating func finish() { closeFold() }
}

extension Role {
  /// Whether messages of the role are instructions of a program, which few people want to read.
  fileprivate var isProgram: Bool { self == .system || self == .developer }
}

extension JSONString {
  /// The text as bytes, exactly.
  fileprivate var bytes: [UInt8] {
    var bytes: [UInt8] = []
    appendUnrepaired(to: &bytes)
    return bytes
  }
}
