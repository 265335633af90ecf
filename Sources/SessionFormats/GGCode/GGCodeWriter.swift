internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Writes one session file, staged: lines of the format itself as they are, all else by the encoder.
final class GGCodeWriter: SessionWriter {
  private let target: GGCodeTarget
  private let file: LocatedSession
  private let lockPath: String?
  private let options: WriteOptions
  private let lines: StagedLines
  private var encoder: GGCodeEncoder
  private var stripped = StrippedSettings()
  /// Whether a message of another format was written.
  private var hasForeignMessages = false
  /// The head that reading the file gives, once it was read.
  private var written: SessionHead?

  /// - Parameter lockPath: The file by which releases from v1.3.76 on lock the session; nil for none.
  init(
    target: GGCodeTarget, head: SessionHead, file: LocatedSession, output: consuming AtomicOutput,
    lockPath: String?, layout: GGCodeLayout, options: WriteOptions
  ) {
    self.target = target
    self.file = file
    self.lockPath = lockPath
    self.options = options
    lines = StagedLines(output)
    encoder = GGCodeEncoder(
      head, id: file.id, layout: layout, isLayoutStated: options.profile != nil)
  }

  var findings: [Finding] { stripped.findings(rule: "ggcode.grants", path: file.path) }

  var files: [String] { [file.path] }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == GGCode.id {
      guard !origin.bytes.isEmpty else { return 0 }
      encoder.follow(entry)
      if options.stripsSettings, let bare = GGCodeSettings.stripped(origin.bytes) {
        stripped.add("permission_mode")
        try lines.append(bare[...])
      } else {
        try lines.append(origin.bytes)
      }
      return 1
    }
    if case .message = entry.content { hasForeignMessages = true }
    let entry = ModelAPI(format: GGCode.id).accepted(entry)
    return try append(encoder.lines(for: entry))
  }

  private func append(_ new: [[UInt8]]) throws(FormatError) -> Int {
    for line in new { try lines.append(line[...]) }
    return new.count
  }

  func finishEntries() throws(FormatError) { try lines.flush() }

  private var staged: GGCodeSource {
    var staged = file
    staged.path = lines.path
    // What comes from elsewhere is held against what the tool goes on with.
    return GGCodeSource(file: staged, appliesWindow: hasForeignMessages)
  }

  func readBack() throws(FormatError) -> any SessionReader {
    let reader = try staged.reader(for: file.id)
    written = reader.head
    return reader
  }

  func continuesExisting() throws(FormatError) -> Bool { try lines.continuesExisting() }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    _ = try append(GGCodeCarry.lines(chunk: chunk, sessionID: file.id))
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header, options.carries {
      _ = try append([GGCodeCarry.headerLine(header, sessionID: file.id)])
    }
    try lines.flush()
    let head = if let written { written } else { try staged.scanned(file.id).head }
    do throws(FileError) {
      if let lockPath {
        let lock = try FileLock(path: lockPath, blocking: false, permissions: 0o600)
        try lines.commit(durable: options.isDurable)
        _ = try removeFile(lockPath)
        _ = consume lock
      } else {
        try lines.commit(durable: options.isDurable)
      }
    } catch {
      throw FormatError(writing: error)
    }
    target.noteSession(head, layout: encoder.layout)
  }

  func discard() { lines.discard() }
}
