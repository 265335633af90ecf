internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads the turns of one conversation.
final class LLMMarkdownParser: TranscriptParser {
  private(set) var head: SessionHead
  private(set) var firstPrompt: String?
  private(set) var findings: [Finding] = []
  private let path: String
  private var buffer: TranscriptBuffer
  private var heading: LLMTurnHeading?
  private var lines: [String] = []
  /// Whether the head, which no record of its own states, was given with the first turn.
  private var hasHead = false

  init(key: String, path: String) {
    self.path = path
    buffer = TranscriptBuffer(format: LLMMarkdown.id, path: path)
    head = SessionHead(id: key.isEmpty ? MarkdownName.identifier(ofFile: path) : key)
  }

  func take(_ line: TranscriptLine) -> [Entry] {
    var done: [Entry] = []
    if let next = LLMTurnHeading(line.text) {
      done = flush()
      heading = next
      if head.created == nil { head.created = next.time }
      head.updated = next.time
    } else if heading != nil {
      lines.append(String(decoding: line.text, as: UTF8.self))
    }
    buffer.append(line)
    return done
  }

  func finish() -> [Entry] { flush() }

  private func flush() -> [Entry] {
    defer {
      lines = []
      heading = nil
    }
    guard let heading else { return buffer.flush([]) }
    let turn = LLMTurn(lines)
    let place = buffer.place
    for guess in turn.guesses {
      findings.append(
        Finding(
          rule: "llm-markdown.guess", severity: .info, place: place, message: guess,
          isSalvaged: true))
    }
    if let model = turn.model { head.model = model }
    var contents: [Entry.Content] = turn.messages.enumerated().map { index, message in
      var message = message
      message.time = heading.time
      if message.role == .assistant {
        message.id = heading.id
        message.model = turn.resolved ?? turn.model
        message.usage = turn.usage
      }
      return .message(message)
    }
    if contents.isEmpty {
      contents = [
        .opaque(
          OpaqueRecord(
            format: LLMMarkdown.id, damage: "the turn has neither prompt nor response",
            bytes: buffer.bytes[...]))
      ]
    }
    firstPrompt = firstPrompt ?? turn.prompt.flatMap { Self.prompt($0) }
    if !hasHead { contents.insert(.headChange(head), at: 0) }
    hasHead = true
    return buffer.flush(contents)
  }
}
