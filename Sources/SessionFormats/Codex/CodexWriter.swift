internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes one rollout aside.
final class CodexWriter: SessionWriter {
  private let target: CodexTarget
  private let head: SessionHead
  private let id: String
  private let relativePath: String
  private let options: WriteOptions
  private let path: String
  private let temporaryPath: String
  private var output: AtomicOutput?
  /// The compressed file that the session takes the place of, as it was looked at.
  private let compressed: FileStatus?
  private var rollout: CodexRollout
  private var endsLine = true
  private var hasOpened = false
  /// How many lines of the format itself were taken over.
  private var copiedCount = 0
  private var isDocument = false
  private var title: String?
  private var stripped = StrippedSettings()
  /// The last line that was copied, if no line was made after it.
  private var lastCopied: ArraySlice<UInt8>?
  private(set) var trailingEntryCount = 0
  /// What the file says of itself, from when it was read back.
  private var stated: (head: SessionHead, preview: String?)?

  init(
    target: CodexTarget, head: SessionHead, id: String, relativePath: String,
    output: consuming AtomicOutput, compressed: FileStatus?, options: WriteOptions
  ) {
    self.target = target
    self.head = head
    self.id = id
    self.relativePath = relativePath
    self.compressed = compressed
    self.options = options
    path = output.path
    temporaryPath = output.temporaryPath
    self.output = consume output
    let name = relativePath.split(separator: "/").last.flatMap { CodexFileName($0) }
    rollout = CodexRollout(
      thread: name?.id ?? CodexID.thread(id), time: head.created ?? head.updated)
    isDocument = relativePath.hasSuffix(".json")
    title = head.title
  }

  var findings: [Finding] { stripped.findings(rule: "codex.grants", path: path) }

  var files: [String] { [path] }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == Codex.id {
      guard !origin.bytes.isEmpty else { return 0 }
      return try copy(origin.bytes)
    }
    var count = 0
    if !hasOpened {
      rollout.open(head)
      count += try flush()
      if entry.content.isHead { return count }
    }
    switch entry.content {
    case .message(let message): rollout.write(message, isEffective: entry.isEffective)
    case .checkpoint(let checkpoint): rollout.write(checkpoint, isEffective: entry.isEffective)
    case .headChange(let head): title = head.title
    case .usage, .metric, .event, .opaque: break
    }
    return try count + flush()
  }

  /// A line of this format, as it is.
  private func copy(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> Int {
    var bytes = bytes
    if !hasOpened { noteMeta(bytes) }
    if options.stripsSettings {
      guard let bare = CodexGrants.stripped(bytes, &stripped) else {
        hasOpened = true
        return 0
      }
      bytes = bare
    }
    noteOrdinal(bytes)
    lastCopied = bytes
    // An earlier conversion may have named turns that are native now.
    copiedCount += 1
    rollout.turnSalt = "added after \(copiedCount)"
    try handOver()
    try append(bytes.span)
    return 1
  }

  private func noteMeta(_ bytes: ArraySlice<UInt8>) {
    guard case .meta(let meta) = CodexLine.decode(Array(bytes), maximumDepth: 512).kind else {
      return
    }
    rollout.isPaginated = meta["history_mode"]?.string?.equals("paginated") ?? false
    let start = meta["history_base"]?["end_ordinal_exclusive"]?.int64 ?? 0
    rollout.nextOrdinal = max(0, start)
  }

  private func noteOrdinal(_ bytes: ArraySlice<UInt8>) {
    guard rollout.isPaginated else { return }
    var ordinal = CodexPeek(bytes.span)?.ordinal
    if ordinal == nil, let document = JSONDocument(ifValid: Array(bytes)) {
      ordinal = document.root["ordinal"]?.int64
    }
    if let ordinal, ordinal >= rollout.nextOrdinal, ordinal < .max {
      rollout.nextOrdinal = ordinal + 1
    }
  }

  /// How many bytes of lines wait before they are handed over.
  private static let mostPending = 512 << 10

  /// Takes notice of the lines that were made, and gives their number.
  private func flush() throws(FormatError) -> Int {
    let count = rollout.countLines()
    guard count > 0 else { return 0 }
    if isDocument {
      throw FormatError(
        .notExpressible, "a session of Codex's first, 2025 program cannot be continued in its file",
        at: .file(path: relativePath), advice: "convert it without the stored original (--no-carry)"
      )
    }
    if hasOpened, copiedCount == 0 { rollout.turnSalt = "added" }
    hasOpened = true
    lastCopied = nil
    if rollout.pendingBytes > Self.mostPending { try handOver() }
    return count
  }

  private func handOver() throws(FormatError) {
    guard rollout.pendingBytes > 0 else { return }
    try rollout.takeLines { (lines) throws(FormatError) in try append(lines) }
  }

  private func append(_ lines: Span<UInt8>) throws(FormatError) {
    hasOpened = true
    guard !lines.isEmpty else { return }
    do throws(FileError) {
      if !endsLine { try output?.write([UInt8(ascii: "\n")]) }
      try output?.write(lines)
      endsLine = lines[lines.count - 1] == UInt8(ascii: "\n") || isDocument
    } catch {
      throw FormatError(writing: error)
    }
  }

  func finishEntries() throws(FormatError) {
    rollout.finish(updated: head.updated)
    trailingEntryCount = try flush()
    try handOver()
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
  }

  func readBack() throws(FormatError) -> any SessionReader {
    if isDocument {
      return try CodexDocumentReader(
        path: temporaryPath, id: id, relativePath: nil, options: .unlimited)
    }
    let content = try CodexContentFile.open(temporaryPath)
    return try CodexReader(
      path: temporaryPath, content: content, scan: try scan(), prefix: nil, options: .unlimited)
  }

  private func scan() throws(FormatError) -> CodexScan {
    var scan = try CodexScan(path: temporaryPath, id: id, options: .unlimited)
    // What the folder will say of the thread.
    scan.setNames(
      title: target.keepsNames ? title.flatMap { CodexNames.isName($0) ? $0 : nil } : nil,
      isArchived: relativePath.hasPrefix("archived_"),
      path: target.keepsNames ? relativePath : nil)
    stated = (scan.head, scan.preview)
    return scan
  }

  func continuesExisting() throws(FormatError) -> Bool {
    do throws(FileError) {
      return try output?.continuesExpectedFile() ?? false
    } catch {
      throw FormatError(writing: error)
    }
  }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) { try carry("chunk", chunk) }

  private func carry(_ name: StaticString, _ json: [UInt8]) throws(FormatError) {
    guard options.carries, !isDocument else { return }
    try append(CodexCarry.line(name, json, time: carryTime()).span)
  }

  /// The time that lines of the carry state: that of the line before them.
  private func carryTime() -> [UInt8] {
    guard let line = lastCopied, let peek = CodexPeek(line.span) else {
      return rollout.statedTime()
    }
    return Array(line.dropFirst(peek.timestamp.lowerBound).prefix(peek.timestamp.count))
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header { try carry("carry", header.json) }
    if !isDocument, stated == nil { _ = try scan() }
    do throws(FileError) {
      guard let output = output.take() else { return }
      let file = output.path + ".zst"
      if let compressed, try FileStatus(path: file, followingLinks: false) != compressed {
        throw FileError(.changed, path: file, operation: "publishing")
      }
      try output.commit(durable: options.isDurable)
      // What the program itself does when it unpacks a file.
      if compressed != nil { try removeFile(file) }
    } catch {
      throw FormatError(writing: error)
    }
    target.noteSession(
      id: id, relativePath: relativePath, title: title, preview: stated?.preview,
      head: stated?.head ?? head)
  }

  func discard() {
    output = nil
    target.noteUnused(relativePath)
  }
}

extension Entry.Content {
  fileprivate var isHead: Bool { if case .headChange = self { true } else { false } }
}
