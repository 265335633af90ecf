internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Says entries of other formats in lines of this one.
///
/// What is written reads alike in every release: messages have identifiers that are unique in the file,
/// as current releases drop one that they take for another, and a compaction has its summary in the
/// checkpoint, without which they ignore it, and what it keeps after it.
struct GGCodeEncoder {
  private let head: SessionHead
  private let id: String
  private let isLayoutStated: Bool
  /// The layout of the lines; that of the lines of the format itself where there are any.
  private(set) var layout: GGCodeLayout
  private var hasOpened = false
  private var view = WrittenView()
  private var taken: Set<String> = []
  private var number = 0
  private var time: Timestamp?
  /// A compaction whose summary is the next message.
  private var announced: Checkpoint?
  /// The last thing in the file that the person said.
  private var prompt: Message?

  /// - Parameter isLayoutStated: Whether the layout was asked for, and not just the usual one.
  init(_ head: SessionHead, id: String, layout: GGCodeLayout, isLayoutStated: Bool) {
    self.head = head
    self.id = id
    self.layout = layout
    self.isLayoutStated = isLayoutStated
    time = head.created ?? head.updated
  }

  /// Takes note of a line of the format itself, which is written as it is.
  mutating func follow(_ entry: Entry) {
    hasOpened = true
    view.noteOwn(entry)
    // Of what comes back only the line itself may be known.
    guard let line = entry.origin?.bytes,
      let root = JSONDocument(ifValid: Array(line), limits: .go)?.root,
      // A line that does not decode says nothing to the tool either.
      let record = try? GGCodeRecord(root), let kind = try? record.kind(),
      let content = try? GGCodeEntry.content(of: record, kind: kind, id: id)
    else { return }
    switch content {
    case .headChange: if !isLayoutStated { layout = record.isCurrent ? .current : .portable }
    case .message(let message):
      if let id = message.id { taken.insert(id) }
      time = message.time ?? time
      notePrompt(message)
    case .checkpoint, .usage, .metric, .event, .opaque: break
    }
  }

  /// The lines that say an entry; none for what the format has no place for.
  mutating func lines(for entry: Entry) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    if !hasOpened {
      hasOpened = true
      // The tool demands a meta, and at the start.
      if case .headChange = entry.content {} else { lines += line(Entry(.headChange(head))) }
    }
    switch entry.content {
    case .checkpoint(let checkpoint): return lines + write(checkpoint, entry)
    case .message(let message): return lines + write(message, entry)
    case .headChange, .usage, .metric, .event, .opaque: return lines + line(entry)
    }
  }

  private func line(_ entry: Entry) -> [[UInt8]] {
    var json = JSONWriter(reserving: 1_024)
    // A longer line would make the whole session unreadable for classic releases.
    guard json.ggcodeRecord(entry, sessionID: id, layout: layout),
      json.bytes.count < GGCodeLineRules.toolLineLimit
    else { return [] }
    json.newline()
    return [json.bytes]
  }

  // MARK: Messages

  private mutating func write(_ message: Message, _ entry: Entry) -> [[UInt8]] {
    guard GGCodeMessage.isExpressible(message) else { return [] }
    var lines: [[UInt8]]
    switch view.place(of: entry) {
    case .nowhere: return []
    case .asIs: lines = line(message)
    case .behindHistory:
      let isSummary = message.flags.contains(.compactionSummary)
      lines = compaction(announced ?? Checkpoint(), isSummary ? [message] : [])
      if !isSummary { lines += line(message) }
    }
    if !lines.isEmpty { view.note(entry) }
    return lines
  }

  /// A message under an identifier that no other has, at a time: without one, current releases take
  /// the time at which they read it.
  private mutating func line(_ message: Message) -> [[UInt8]] {
    var message = message
    message.blocks.removeAll { if case .file(let file) = $0 { file.inWords == nil } else { false } }
    if message.blocks.isEmpty { return [] }
    message.id = identifier(message.id)
    message.time = message.time.flatMap { $0.isWritable && !$0.isGoZero ? $0 : nil } ?? time
    time = message.time
    notePrompt(message)
    return line(Entry(.message(message)))
  }

  private mutating func identifier(_ wanted: String?) -> String {
    if let wanted, !wanted.isEmpty, taken.insert(wanted).inserted { return wanted }
    while true {
      number += 1
      let made = "msg_" + NamedUUID.text("ggcode message \(id) \(number)")
      if taken.insert(made).inserted { return made }
    }
  }

  private mutating func notePrompt(_ message: Message) {
    guard message.role == .user else { return }
    let texts = message.blocks.filter {
      $0.plainText?.string.contains { !$0.isWhitespace } ?? false
    }
    if !texts.isEmpty { prompt = Message(role: .user, blocks: texts) }
  }

  // MARK: Compaction

  private mutating func write(_ checkpoint: Checkpoint, _ entry: Entry) -> [[UInt8]] {
    guard let messages = checkpoint.messages else {
      if layout == .current {
        view.note(entry)
        return line(entry)
      }
      // By identifiers, it would make classic releases drop everything before it.
      if case .behindHistory = view.place(of: entry) { announced = checkpoint }
      return []
    }
    if case .nowhere = view.place(of: entry) { return [] }
    view.note(entry)
    return compaction(checkpoint, messages)
  }

  private mutating func compaction(_ checkpoint: Checkpoint, _ messages: [Message]) -> [[UInt8]] {
    announced = nil
    var kept = messages
    let index =
      messages.firstIndex(where: GGCodeEntry.isSummary)
      ?? messages.firstIndex { $0.flags.contains(.compactionSummary) }
    let summary = GGCodeEntry.summary(index.map { kept.remove(at: $0) })
    var checkpoint = checkpoint
    (checkpoint.summaryMessage, checkpoint.lastMessage) = (nil, nil)
    checkpoint.messages = [summary]
    // As the tool itself does: it deletes sessions in which nothing of the person is left.
    if let prompt {
      // What was kept of it may be its text alone.
      let isKept =
        kept.first?.role == .user
        && kept.first?.blocks.first?.plainText == prompt.blocks.first?.plainText
      var said = isKept ? kept.removeFirst() : prompt
      said.id = nil
      checkpoint.messages?.append(said)
    }
    let lines = line(Entry(.checkpoint(checkpoint)))
    return kept.filter(GGCodeMessage.isExpressible).reduce(lines) { $0 + line($1) }
  }
}
