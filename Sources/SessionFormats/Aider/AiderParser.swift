internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads one chat carefully: markers inside code fences, or without the empty line that aider puts
/// before them, are the model's text.
final class AiderParser: CarryingTranscriptParser {
  private enum Kind {
    case none, header, user, assistant, tool
  }

  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  private(set) var findings: [Finding] = []
  private var buffer: TranscriptBuffer
  private var kind = Kind.none
  private var lines: [[UInt8]] = []
  private var fence: CodeFence?
  private var followsBlank = true
  private var hasHeader = false

  init(key: String, path: String) {
    buffer = TranscriptBuffer(format: Aider.id, path: path)
    head = SessionHead(id: AiderName.identifier(key))
    if let time = SpelledTime.read(key) {
      head.created = time
      findings.append(
        Finding(
          rule: "aider.time-zone", severity: .info, place: .file(path: path),
          message: "aider writes local times without their zone; \(key) is read as UTC",
          isSalvaged: true))
    }
  }

  func take(_ line: TranscriptLine) -> [Entry] {
    let text = line.text
    if AiderCarry.isCarry(text) {
      followsBlank = true
      return flush()
    }
    var done: [Entry] = []
    func begin(_ next: Kind) {
      done += flush()
      kind = next
    }
    if !hasHeader, AiderDialect.time(in: text) != nil {
      hasHeader = true
      begin(.header)
    } else if let id = AiderCarry.identifier(text), kind == .header {
      head.id = id
    } else if fence != nil, followsBlank, Self.endsBlock(text) {
      guess(line, "the code block before this line has no end; the line is aider's own")
      fence = nil
      return take(line)
    } else if line.isBlank, fence == nil {
      if kind == .assistant { lines.append(Array(text)) }
    } else if let open = fence {
      if open.closes(with: text) { fence = nil }
      lines.append(Array(text))
    } else if text.elementsEqual("# ".utf8) {
      begin(.none)
    } else if text.starts(with: "#### ".utf8), followsBlank || kind == .user || kind == .header {
      if kind != .user || followsBlank { begin(.user) }
      lines.append(Self.unpadded(text.dropFirst(5)))
    } else if text.starts(with: "> ".utf8), text.suffix(2).elementsEqual("  ".utf8),
      followsBlank || kind != .assistant
    {
      if kind != .tool { begin(.tool) }
      lines.append(Self.unpadded(text.dropFirst(2)))
      noteModel(lines[lines.count - 1])
    } else {
      if kind != .assistant { begin(.assistant) }
      if text.starts(with: "#### ".utf8) || text.starts(with: "> ".utf8)
        || text.starts(with: "# ".utf8)
      {
        guess(
          line,
          "this line is read as the model's text, where aider would take its marker for its own")
      }
      fence = CodeFence(opening: text)
      lines.append(Array(text))
    }
    followsBlank = line.isBlank
    buffer.append(line)
    return done
  }

  func finish() -> [Entry] {
    let done = flush()
    return done + (buffer.isEmpty ? [] : buffer.flush([], isEffective: false))
  }

  private func guess(_ line: TranscriptLine, _ message: String) {
    findings.append(
      Finding(
        rule: "aider.guess", severity: .info, place: buffer.place(of: line), message: message,
        isSalvaged: true))
  }

  /// Whether a line after an empty one is aider's own, so that a code block before it was cut off.
  ///
  /// Aider ends the lines that it marks with two spaces, which models hardly do.
  private static func endsBlock(_ text: ArraySlice<UInt8>) -> Bool {
    (text.starts(with: "#### ".utf8) || text.starts(with: "> ".utf8))
      && text.suffix(2).elementsEqual("  ".utf8)
  }

  /// Whether a prompt is a command to aider itself, such as `/add shed.py`.
  private static func isCommand(_ text: String) -> Bool {
    guard text.hasPrefix("/") else { return text.hasPrefix("!") }
    let name = text.dropFirst().prefix { !$0.isWhitespace }
    return !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "-") }
  }

  /// A line without the two spaces that make Markdown break it.
  private static func unpadded(_ line: ArraySlice<UInt8>) -> [UInt8] {
    line.suffix(2).elementsEqual("  ".utf8) ? Array(line.dropLast(2)) : Array(line)
  }

  private func noteModel(_ line: [UInt8]) {
    guard head.model == nil else { return }
    let text = String(decoding: line, as: UTF8.self)
    for lead in ["Main model: ", "Model: "] where text.hasPrefix(lead) {
      let rest = text.dropFirst(lead.count)
      head.model = String(rest.firstRange(of: " with ").map { rest[..<$0.lowerBound] } ?? rest)
    }
  }

  private func flush() -> [Entry] {
    defer {
      lines = []
      fence = nil
      kind = .none
    }
    let text = lines.joined(separator: [UInt8(ascii: "\n")]).map { $0 }
    switch kind {
    case .none:
      // Empty lines and boundaries stay with what follows.
      return buffer.isEmpty ? [] : flushLoose()
    case .header: return buffer.flush([.headChange(head)])
    case .user:
      var text = String(decoding: text, as: UTF8.self)
      if text == "<blank>" { text = "" }
      if !Self.isCommand(text) { firstPrompt = firstPrompt ?? Self.prompt(text) }
      return buffer.flush([
        .message(Message(role: .user, blocks: [.text(Block.Text(JSONString(text)))]))
      ])
    case .assistant:
      var content = text[...]
      while content.last == 0x0A || content.last == 0x20 { content.removeLast() }
      return buffer.flush([
        .message(
          Message(
            role: .assistant,
            blocks: [.text(Block.Text(JSONString(decodedUTF8: Array(content))))]))
      ])
    case .tool:
      var json = JSONWriter()
      json.string(JSONString(decodedUTF8: text))
      return buffer.flush(
        [.event(EventRecord(format: Aider.id, kind: "output", data: RawJSON(json.bytes[...])))],
        isEffective: false)
    }
  }

  private func flushLoose() -> [Entry] {
    let isEnd = !buffer.bytes.allSatisfy { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x23 }
    return isEnd ? buffer.flush([]) : []
  }
}

/// Identifiers of chats.
enum AiderName {
  /// What text before the first chat is called.
  static let ofPreamble = "chat"

  /// The identifier of a start time: its digits, `YYYYMMDD-HHMMSS`.
  static func identifier(_ key: String) -> String {
    let digits = key.utf8.filter { (48...57).contains($0) }
    guard digits.count == 14 else { return ofPreamble }
    return String(decoding: digits.prefix(8), as: UTF8.self) + "-"
      + String(decoding: digits.suffix(6), as: UTF8.self)
  }
}
