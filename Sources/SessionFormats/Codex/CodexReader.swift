internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Reads one rollout: a scan for the head, then entry after entry.
final class CodexReader: SessionReader {
  let head: SessionHead
  private(set) var findings: [Finding]
  private let path: String
  private let content: CodexContentFile
  private let options: ReadOptions
  private let scan: CodexScan
  private let leftOut: LeftOutRecords
  private var lines: SharedLineReader
  private var entries: CodexEntryReader
  private var grants = CodexGrants()
  private var reasoning = 0
  private var isAtEnd = false
  /// What came before in another file.
  private var prefix: CodexPrefix?

  /// - Parameters:
  ///   - content: The file that is read, unpacked when it was compressed.
  ///   - path: The file as the person knows it.
  ///   - leftOut: What is left out of it and of what came before in another file.
  init(
    path: String, content: CodexContentFile, scan: CodexScan, prefix: CodexPrefix?,
    leftOut: LeftOutRecords = LeftOutRecords(), options: ReadOptions
  ) throws(FormatError) {
    findings = leftOut.findings
    self.leftOut = leftOut
    self.path = path
    self.content = content
    self.options = options
    self.scan = scan
    self.prefix = prefix
    head = scan.head
    entries = CodexEntryReader()
    do throws(FileError) {
      lines = try SharedLineReader(
        path: content.path, maximumLineLength: options.maximumRecordLength)
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// Whether an earlier part in another file is read too.
  var hasPrefix: Bool { prefix != nil }

  /// Notes that the earlier part of the thread is not here.
  func noteMissing(_ thread: String) {
    findings.append(
      Finding(
        rule: "codex.history-base", severity: .warning, place: .file(path: path),
        message: "the thread goes on from one in another file (\(thread)), which is not here; "
          + "Codex cannot resume it",
        isSalvaged: true))
  }

  func next() throws(FormatError) -> Entry? {
    while !isAtEnd {
      if pending == nil {
        do throws(FileError) {
          pending = try lines.next(keepingLineFeed: true, passingOver: { _ in })
        } catch {
          throw FormatError(reading: error)
        }
      }
      // The earlier part comes behind the thread's own first record.
      if let prefix, pending.map({ !scan.isFirstMeta($0.number) && $0.number > 1 }) ?? true {
        if let entry = try prefix.next() { return entry }
        findings += prefix.findings
        self.prefix = nil
      }
      guard let line = pending else {
        isAtEnd = true
        findings += grants.findings(path: path)
        break
      }
      pending = nil
      if let entry = try entry(for: line) { return entry }
    }
    return nil
  }

  /// The line read and not yet handed out.
  private var pending: SharedLine?

  private func entry(for line: SharedLine) throws(FormatError) -> Entry? {
    if scan.isCarry(line.number, line.bytes.span) { return nil }
    let decoded = CodexLine.decode(
      line.storage, in: line.range, maximumDepth: options.maximumDepth)
    grants.note(decoded)
    noteProblems(of: line, decoded)
    let isReasoning = isUnrepeatedReasoning(line.number)
    entries.showsEvents = line.number < scan.eventsOnlyEnd
    var (content, isItem, type, skipped) = entries.content(
      of: decoded, bytes: line.bytes, isFirstMeta: scan.isFirstMeta(line.number),
      isUnrepeatedReasoning: isReasoning, isUndone: scan.marks.isUndone(line.number), head: head)
    if case .checkpoint(var checkpoint) = content, let list = checkpoint.messages {
      checkpoint.messages = try prompts(before: line.number) + list
      content = .checkpoint(checkpoint)
    }
    if let skipped {
      findings.append(
        Finding(
          rule: "codex.line-schema", severity: .warning, place: place(line, 0),
          message: "\(skipped); Codex skips such a line", isSalvaged: true))
    }
    return Entry(
      content, isEffective: isEffective(content, isItem, type, line.number),
      origin: Origin(format: Codex.id, bytes: line.bytes), place: place(line, 0))
  }

  /// The messages that the program itself puts before the summary of a compaction.
  private func prompts(before line: Int) throws(FormatError) -> [Message] {
    let places = scan.marks.prompts(before: line)
    guard !places.isEmpty else { return [] }
    do throws(FileError) {
      let file = try RandomAccessFile(path: content.path)
      var messages: [Message] = []
      for place in places {
        let decoded = CodexLine.decode(
          try file.read(at: place.offset, count: place.count), maximumDepth: options.maximumDepth)
        if let message = CodexCompaction.prompt(decoded) { messages.append(message) }
      }
      return messages
    } catch {
      throw FormatError(reading: error)
    }
  }

  private func isUnrepeatedReasoning(_ line: Int) -> Bool {
    let lines = scan.unrepeatedReasoning
    while reasoning < lines.count, lines[reasoning] < line { reasoning += 1 }
    return reasoning < lines.count && lines[reasoning] == line
  }

  private func isEffective(
    _ content: Entry.Content, _ isItem: Bool, _ type: String, _ line: Int
  ) -> Bool {
    switch content {
    case .headChange: return true
    case .message(let message):
      // What only the screen shows is not sent, unless there is nothing else.
      guard isItem else {
        return line < scan.eventsOnlyEnd && scan.marks.isAfterBase(line)
          && message.extras.codex(CodexExtra.event) != nil
          && message.blocks.contains { if case .thinking = $0 { false } else { true } }
      }
      // The program leaves system messages out of what it sends (seen with codex-cli 0.163.0).
      guard scan.marks.includes(line), message.role != .system else { return false }
      if case .toolResult(let result)? = message.blocks.first, !result.callID.isEmpty {
        return scan.marks.hasCall(id: result.callID, resultType: type)
      }
      return true
    case .checkpoint: return isItem && scan.marks.isInForce(line)
    case .usage, .metric, .event: return true
    case .opaque: return false
    }
  }

  private func place(_ line: SharedLine, _ offset: Int) -> Place {
    .line(path: path, line: line.number, byte: line.offset + UInt64(offset))
  }

  private func noteProblems(of line: SharedLine, _ decoded: CodexLine) {
    if let invalid = decoded.invalidUTF8 {
      findings.append(
        Finding(
          rule: "codex.utf8", severity: .error, place: place(line, invalid),
          message: "invalid UTF-8; Codex cannot resume a file with it", isSalvaged: true))
    }
    if case .damaged(let message, let offset) = decoded.kind {
      findings.append(
        Finding(
          rule: "codex.line-decodes", severity: .warning, place: place(line, offset),
          message: "\(message); Codex skips such a line", isSalvaged: true))
    }
    if !line.isTerminated {
      findings.append(
        Finding(
          rule: "codex.final-newline", severity: .info, place: place(line, line.bytes.count),
          message: "the last line has no line end", isSalvaged: true))
    }
  }

  func carry() throws(FormatError) -> CarryCursor? {
    try CodexCarry.cursor(
      path: content.path, named: path, lines: scan.carryLines,
      longest: options.maximumCarryLength)
  }
}
