internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes one session file aside.
final class GGCodeWriter: SessionWriter {
  private let target: GGCodeTarget
  private let id: String
  private let lockPath: String?
  private let options: WriteOptions
  private let temporaryPath: String
  private var output: AtomicOutput?
  private var json = JSONWriter(reserving: 64 * 1_024)
  private var endsLine = true
  private let head: SessionHead
  private var hasOpened = false
  private var view = WrittenView()
  /// What is known of the lines that were written, for the index; nil when one of them is several.
  private var scan: GGCodeScan?
  private var lineCount = 0
  private var stripped = StrippedSettings()
  private var offset: UInt64 = 0

  init(
    target: GGCodeTarget, head: SessionHead, id: String, output: consuming AtomicOutput,
    lockPath: String?, options: WriteOptions
  ) {
    self.target = target
    self.head = head
    self.id = id
    self.lockPath = lockPath
    self.options = options
    temporaryPath = output.temporaryPath
    scan = GGCodeScan(id: id, options: .unlimited)
    self.output = consume output
  }

  var findings: [Finding] {
    stripped.findings(rule: "ggcode.grants", path: target.file(of: id))
  }

  var files: [String] { [target.file(of: id)] }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == GGCode.id {
      guard !origin.bytes.isEmpty else { return 0 }
      hasOpened = true
      if options.stripsSettings, let bare = GGCodeSettings.stripped(origin.bytes) {
        stripped.add("permission_mode")
        try append(bare[...])
      } else {
        try append(origin.bytes)
      }
      view.noteOwn(entry)
      return 1
    }
    json.removeAll()
    let opening = try open(before: entry)
    return try opening + writeForeign(entry)
  }

  /// Writes a meta record first when the source has no record of its head, as the tool demands one.
  private func open(before entry: Entry) throws(FormatError) -> Int {
    guard !hasOpened else { return 0 }
    hasOpened = true
    if case .headChange = entry.content { return 0 }
    guard json.ggcodeRecord(Entry(.headChange(head)), sessionID: id, layout: target.layout) else {
      return 0
    }
    json.newline()
    try append(json.bytes[...])
    json.removeAll()
    return 1
  }

  private func writeForeign(_ entry: Entry) throws(FormatError) -> Int {
    guard target.layout != .current else { return try append(entry) }
    // What classic releases use begins behind the last checkpoint; nothing else leaves it.
    switch view.place(of: entry) {
    case .nowhere: return 0
    case .asIs:
      let count = try append(entry)
      if count > 0 { view.note(entry) }
      return count
    case .behindHistory:
      var hiding = Entry(.checkpoint(Checkpoint(messages: [])))
      if case .checkpoint(var checkpoint) = entry.content {
        checkpoint.messages = []
        hiding.content = .checkpoint(checkpoint)
        let count = try append(hiding)
        if count > 0 { view.note(hiding) }
        return count
      }
      guard case .message(let message) = entry.content, GGCodeMessage.isExpressible(message) else {
        return 0
      }
      let count = try append(hiding) + append(entry)
      view.note(entry)
      return count
    }
  }

  private func append(_ entry: Entry) throws(FormatError) -> Int {
    json.removeAll()
    guard json.ggcodeRecord(entry, sessionID: id, layout: target.layout) else { return 0 }
    // A longer line would make the whole session unreadable for classic releases.
    guard json.bytes.count < GGCodeReader.toolLineLimit else { return 0 }
    json.newline()
    try append(json.bytes[...])
    return 1
  }

  private func append(_ line: ArraySlice<UInt8>) throws(FormatError) {
    do throws(FileError) {
      // A line that had no end when it was the last one must not fuse with what follows.
      if !endsLine {
        try output?.write([UInt8(ascii: "\n")])
        offset += 1
      }
      try output?.write(line)
      endsLine = line.last == UInt8(ascii: "\n")
    } catch {
      throw FormatError(writing: error)
    }
    noteLine(endsLine ? line.dropLast() : line)
    offset += UInt64(line.count)
  }

  private func noteLine(_ line: ArraySlice<UInt8>) {
    lineCount += 1
    if line.span.contains(UInt8(ascii: "\n")) { scan = nil }
    scan?.note(line, GGCodeScan.LinePlace(line: lineCount, offset: offset, count: line.count))
  }

  /// The head that reading the file gives.
  private func writtenHead() throws(FormatError) -> SessionHead {
    guard var scan else {
      return try GGCodeScan(path: temporaryPath, id: id, options: .unlimited).head
    }
    try scan.finish(path: temporaryPath)
    return scan.head
  }

  func finishEntries() throws(FormatError) {
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
  }

  func readBack() throws(FormatError) -> any SessionReader {
    try GGCodeReader(path: temporaryPath, id: id, options: .unlimited)
  }

  func continuesExisting() throws(FormatError) -> Bool {
    do throws(FileError) {
      return try output?.continuesExpectedFile() ?? false
    } catch {
      throw FormatError(writing: error)
    }
  }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    for line in GGCodeCarry.lines(chunk: chunk, sessionID: id) { try append(line[...]) }
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header, options.carries {
      try append(GGCodeCarry.headerLine(header, sessionID: id)[...])
    }
    try finishEntries()
    let head = try writtenHead()
    do throws(FileError) {
      guard let output = output.take() else { return }
      if let lockPath {
        let lock = try FileLock(path: lockPath, blocking: false, permissions: 0o600)
        try output.commit(durable: options.isDurable, synchronizesFolder: false)
        _ = try removeFile(lockPath)
        _ = consume lock
      } else {
        try output.commit(durable: options.isDurable, synchronizesFolder: false)
      }
    } catch {
      throw FormatError(writing: error)
    }
    target.noteSession(head, messageCount: head.messageCount ?? 0)
  }

  func discard() { output = nil }
}
