internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Writes one transcript, staged.
final class MarkdownWriter: SessionWriter {
  private let target: MarkdownTarget
  private let head: SessionHead
  private let id: String
  private let options: WriteOptions
  private let media: MarkdownMediaKeeper?
  private let lines: StagedLines
  private var encoder: MarkdownEncoder?
  /// Entries until it is known how blocks make messages, and how many bytes they have.
  private var held: [Entry] = []
  private var heldCount = 0
  private var hasOpened = false
  private var hasShownEffective = false
  /// Whether the next record of the format itself comes after another one than where it was.
  private var isMoved = false
  private var tool: String?
  /// What is known of the messages that were written; nil for those of the format itself.
  private var messages: [Message?] = []
  private var scan: MarkdownScan?
  private var hasCarry = false

  private static let mostHeld = 40
  private static let mostHeldBytes = 4 << 20

  init(
    target: MarkdownTarget, head: SessionHead, id: String, output: consuming AtomicOutput,
    media: MarkdownMediaKeeper?, options: WriteOptions
  ) {
    self.target = target
    var head = head
    head.id = id
    self.head = head
    self.id = id
    self.options = options
    self.media = media
    lines = StagedLines(output)
  }

  var files: [String] { [target.file(of: id)] }

  // MARK: Entries

  func write(_ entry: Entry) throws(FormatError) -> Int {
    var count = 0
    if !hasOpened {
      hasOpened = true
      if let origin = entry.origin, Self.isOpening(entry) {
        let bytes = FrontMatter.restated(origin.bytes, head)
        try lines.append(bytes[...])
        begin(MarkdownLayout(FrontMatter(bytes)))
        return 1
      }
      tool = entry.origin?.format
      count = 1
    }
    guard isShown(entry) else { return count }
    if encoder != nil {
      try append(entry)
    } else {
      held.append(entry)
      heldCount += entry.origin?.bytes.count ?? 0
      if held.count >= Self.mostHeld || heldCount > Self.mostHeldBytes { try settle() }
    }
    return count + 1
  }

  /// Whether an entry is the front matter of a transcript; another tool may have no place for it.
  private static func isOpening(_ entry: Entry) -> Bool {
    guard let origin = entry.origin, origin.format == Markdown.id else { return false }
    switch entry.content {
    case .headChange, .opaque:
      let front = FrontMatter(Array(origin.bytes))
      return front.lineCount > 0 || front.heading != nil
    default: return false
    }
  }

  /// Whether an entry has a record of its own in the file.
  ///
  /// What a tool does not use any more was said before a compaction as long as nothing stands here that it
  /// uses; afterwards it is a branch that was left.
  private func isShown(_ entry: Entry) -> Bool {
    if entry.origin?.format == Markdown.id {
      return entry.origin?.bytes.isEmpty == false && !Self.isOpening(entry)
    }
    guard entry.isEffective || !hasShownEffective else { return false }
    switch entry.content {
    case .message(let message):
      guard !message.flags.contains(.hidden), !MarkdownEncoder.shown(message).isEmpty else {
        return false
      }
      hasShownEffective = entry.isEffective
      return true
    case .checkpoint: return true
    case .usage, .metric, .event, .headChange, .opaque: return false
    }
  }

  private func begin(_ layout: MarkdownLayout) {
    encoder = MarkdownEncoder(
      layout,
      media: MarkdownEncoder.Media(
        keeper: media, folder: options.mediaFolder ?? MarkdownMedia.folder),
      zone: head.created?.offset ?? 0)
  }

  /// Writes what was held until now, after the front matter.
  private func settle() throws(FormatError) {
    guard encoder == nil else { return }
    let layout = MarkdownLayout(
      fitting: held.compactMap {
        if case .message(let message) = $0.content { message } else { nil }
      })
    let isForeign = tool != Markdown.id && tool != CanonicalJSON.format
    try lines.append(FrontMatter.bytes(head, tool: isForeign ? tool : nil, layout)[...])
    begin(layout)
    for entry in held { try append(entry) }
    held = []
  }

  private func append(_ entry: Entry) throws(FormatError) {
    guard var encoder else { return }
    self.encoder = nil
    defer { self.encoder = encoder }
    encoder.out.removeAll(keepingCapacity: true)
    if let origin = entry.origin, origin.format == Markdown.id {
      encoder.follow(entry, origin.bytes, isMoved: isMoved)
      isMoved = false
      try lines.append(encoder.out[...])
      // Another tool may have had no place for it, so that the entry does not say what it is.
      if !MarkdownLine.beginsCompaction(origin.bytes) { messages.append(nil) }
      if case .message(let message) = entry.content { try encoder.keepMedia(of: message) }
      try lines.append(origin.bytes)
      return
    }
    isMoved = true
    switch entry.content {
    case .message(let message):
      messages.append(MarkdownFacts.shell(of: message))
      try encoder.append(message, isEffective: entry.isEffective)
    case .checkpoint(let checkpoint):
      try encoder.append(checkpoint, isEffective: entry.isEffective)
    case .usage, .metric, .event, .headChange, .opaque: return
    }
    try lines.append(encoder.out[...])
  }

  func leaveOut(_ record: ArraySlice<UInt8>) { isMoved = true }

  func finishEntries() throws(FormatError) {
    hasOpened = true
    try settle()
    encoder?.out = []
    encoder?.finish()
    try lines.append((encoder?.out ?? [])[...])
    try lines.flush()
  }

  // MARK: Reading back

  /// Whether no message came from another format, so that what was stored of them is stored again.
  private var isOwn: Bool { messages.allSatisfy { $0 == nil } }

  /// The staged file with what it does not show of its messages.
  private func scanned() throws(FormatError) -> MarkdownScan {
    if let scan { return scan }
    let stored = options.carries ? head.markdownFacts : nil
    var scan = try MarkdownScan(
      path: lines.path, facts: stored.flatMap { MarkdownFacts(stored: $0) } ?? MarkdownFacts(),
      options: .unlimited)
    if options.carries, !isOwn { scan.add(messages) }
    self.scan = scan
    return scan
  }

  func readBack() throws(FormatError) -> any SessionReader {
    try MarkdownReader(scan: try scanned(), options: .unlimited)
  }

  func continuesExisting() throws(FormatError) -> Bool { try lines.continuesExisting() }

  // MARK: Carry

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    try appendCarry(part: MarkdownCarry.part(chunk: chunk))
  }

  private func appendCarry(part: [UInt8]) throws(FormatError) {
    if !hasCarry {
      hasCarry = true
      let known = isOwn ? head.markdownFacts : try scanned().facts.stored
      try lines.append((MarkdownCarry.current + [UInt8(ascii: "\n")])[...])
      if let known { try lines.append(MarkdownCarry.part(facts: known)[...]) }
    }
    try lines.append(part[...])
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header, options.carries { try appendCarry(part: MarkdownCarry.part(header: header)) }
    if hasCarry { try lines.append((MarkdownCarry.lastLine + [UInt8(ascii: "\n")])[...]) }
    do throws(FileError) {
      try target.take(lines)
      media?.publish()
    } catch {
      throw FormatError(writing: error)
    }
  }

  func discard() {
    lines.discard()
    media?.discard()
  }
}
