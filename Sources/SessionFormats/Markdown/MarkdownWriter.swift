internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Writes one transcript aside.
final class MarkdownWriter: SessionWriter {
  private let target: MarkdownTarget
  private let head: SessionHead
  private let id: String
  private let options: WriteOptions
  private let media: MarkdownMediaKeeper?
  private let temporaryPath: String
  private var output: AtomicOutput?
  private var encoder: ChatEncoder
  private var hash = ContentDigest()
  private var written: UInt64 = 0
  private var hasOpened = false
  private var endsLine = true
  private var isAllNative = true
  private var hasNative = false
  private var messageCount = 0
  private var lastMessage: String?
  private var carryOffset: UInt64?

  init(
    target: MarkdownTarget, head: SessionHead, id: String, output: consuming AtomicOutput,
    media: MarkdownMediaKeeper?, options: WriteOptions
  ) {
    self.target = target
    self.head = head
    self.id = id
    self.options = options
    self.media = media
    temporaryPath = output.temporaryPath
    self.output = consume output
    encoder = ChatEncoder(
      isCompact: options.isCompact, media: media, isSelfContained: options.isSelfContained,
      mediaFolder: options.mediaFolder, showsTimes: options.profile == Markdown.times)
  }

  var files: [String] { [target.file(of: id)] }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    var branch: String?
    if entry.content.isMessage { messageCount += 1 }
    if case .message(let message) = entry.content {
      if let parent = message.parent, let last = lastMessage, parent != last { branch = parent }
      lastMessage = message.id
    }
    if let origin = entry.origin, origin.format == Markdown.id, !options.isCompact {
      hasOpened = true
      hasNative = true
      guard !origin.bytes.isEmpty else { return 0 }
      try keepMedia(of: entry)
      try append(origin.bytes)
      return 1
    }
    var count = 0
    if !hasOpened {
      try writeOpening(tool: entry.origin?.format)
      count = 1
      if case .headChange(let first) = entry.content, entry.isEffective, isHead(first) { return 1 }
    }
    encoder.out.removeAll(keepingCapacity: true)
    guard try encoder.append(entry, number: messageCount, branch: branch) else { return count }
    isAllNative = false
    try append(encoder.out[...])
    return count + 1
  }

  /// Whether a head is the one that the front matter states.
  private func isHead(_ first: SessionHead) -> Bool {
    var first = first
    first.messageCount = head.messageCount
    return first == head
  }

  /// Media that a record refers to, kept beside the new file too.
  private func keepMedia(of entry: Entry) throws(FormatError) {
    guard let media else { return }
    var copy = ChatEncoder(media: media)
    for block in entry.content.allBlocks where block.isMedium {
      try copy.append(block, depth: 0, fold: nil)
      copy.out.removeAll(keepingCapacity: true)
    }
  }

  private func writeOpening(tool: String?) throws(FormatError) {
    hasOpened = true
    isAllNative = false
    var head = head
    head.id = id
    let isForeign = tool != Markdown.id && tool != CanonicalJSON.format
    let bytes = FrontMatter.bytes(
      head, tool: isForeign ? tool : nil, isCompact: options.isCompact)
    try append(bytes[...])
  }

  private func append(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
    do throws(FileError) {
      if !endsLine {
        let lineFeed: [UInt8] = [UInt8(ascii: "\n")]
        hash.update(lineFeed[...])
        written += 1
        try output?.write(lineFeed)
      }
      hash.update(bytes)
      written += UInt64(bytes.count)
      try output?.write(bytes)
      endsLine = bytes.last == UInt8(ascii: "\n")
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func flush() throws(FormatError) {
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
  }

  func finishEntries() throws(FormatError) {
    if !hasOpened { try writeOpening(tool: nil) }
    try flush()
  }

  func readBack() throws(FormatError) -> any SessionReader {
    let scan = try MarkdownScan(path: temporaryPath, isStaged: true, options: .unlimited)
    return try MarkdownReader(scan: scan, options: .unlimited)
  }

  func continuesExisting() throws(FormatError) -> Bool {
    do throws(FileError) {
      return try output?.continuesExpectedFile() ?? false
    } catch {
      throw FormatError(writing: error)
    }
  }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries, !options.isCompact else { return }
    try appendCarry(line: MarkdownCarry.line(chunk: chunk))
  }

  private func appendCarry(line: [UInt8]) throws(FormatError) {
    if carryOffset == nil { carryOffset = written + (endsLine ? 0 : 1) }
    isAllNative = false
    try append(line[...])
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header, options.carries, !options.isCompact {
      try appendCarry(line: MarkdownCarry.line(header: header))
    }
    try writeEnd()
    do throws(FileError) {
      guard let output = output.take() else { return }
      try target.take(output)
      media?.publish()
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// The end marker: a new one, or, for an unchanged copy, the one of the original.
  private func writeEnd() throws(FormatError) {
    if isAllNative, let original = head.extras.value("end", of: Markdown.id) {
      let text = ChatArguments.text(of: original)
      if !text.elementsEqual("null".utf8) { try append(text[...]) }
      return
    }
    if !endsLine { try append([UInt8(ascii: "\n")]) }
    let end = ChatEnd(messages: try countMessages(), carry: carryOffset, hash: hash.hex)
    try append(end.line[...])
  }

  /// How many messages the reader finds: what another tool holds of a record that comes back need not
  /// be what the record says.
  private func countMessages() throws(FormatError) -> Int {
    guard hasNative else { return messageCount }
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
    let reader = try readBack()
    var count = 0
    while let entry = try reader.next() { count += entry.content.isMessage ? 1 : 0 }
    return count
  }

  func discard() {
    output = nil
    media?.discard()
  }
}

extension Entry.Content {
  fileprivate var isMessage: Bool { if case .message = self { true } else { false } }

  /// The blocks of all messages in an entry.
  fileprivate var allBlocks: [Block] {
    switch self {
    case .message(let message): message.blocks.flatMap(\.flattened)
    case .checkpoint(let checkpoint):
      (checkpoint.messages ?? []).flatMap { $0.blocks.flatMap(\.flattened) }
    default: []
    }
  }
}

extension Block {
  /// A block and, for a tool's answer, what it holds.
  fileprivate var flattened: [Block] {
    if case .toolResult(let result) = self { return result.content.flatMap(\.flattened) }
    return [self]
  }

  fileprivate var isMedium: Bool {
    switch self {
    case .image, .file: true
    default: false
    }
  }
}
