internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes one session file, staged: lines of the format itself as they are, all else by the encoder.
final class ClaudeWriter: SessionWriter {
  private let target: ClaudeTarget
  private var file: ClaudeFile
  private let head: SessionHead
  private let options: WriteOptions
  private let lines: StagedLines
  private var encoder: ClaudeEncoder
  private var hasNative = false
  private var isLastNative = false
  /// Whether the last line is one that the encoder wrote.
  private var isLastOwn = false
  private var grants = ClaudeGrants()
  private var links = ClaudeEncoder.links
  private(set) var trailingEntryCount = 0
  /// The file with the carry, and its name.
  private var side: AtomicOutput?
  private var sideName = ""
  /// Whether no file of that name was there before.
  private var isSideNew = false
  private var isSidePublished = false

  init(
    target: ClaudeTarget, file: ClaudeFile, head: SessionHead, output: consuming AtomicOutput,
    options: WriteOptions
  ) {
    self.target = target
    self.file = file
    self.head = head
    self.options = options
    encoder = ClaudeEncoder(head, id: file.id)
    lines = StagedLines(output)
  }

  var findings: [Finding] {
    guard !grants.isEmpty else { return [] }
    let text =
      options.stripsSettings
      ? "left out \(grants.total) records that resuming would bring into force: "
        + grants.description : grants.warning
    return [
      Finding(
        rule: "claude-code.grants", severity: .warning, place: .file(path: file.path),
        message: text, isSalvaged: true)
    ]
  }

  private var sidePath: String { file.sideFolder + "/" + sideName }

  var files: [String] { file.files + (isSidePublished ? [sidePath] : []) }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == ClaudeCode.id {
      return try write(origin.bytes)
    }
    let entry = ModelAPI(format: ClaudeCode.id).accepted(entry)
    var json = JSONWriter(reserving: 4_096)
    let count = encoder.write(entry, to: &json)
    (isLastOwn, isLastNative) = (true, false)
    try lines.append(json.bytes[...])
    return count
  }

  /// A line of the format itself, or a part of one.
  private func write(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> Int {
    guard !bytes.isEmpty else { return 0 }
    hasNative = true
    isLastOwn = false
    // The program passes over what follows a record on the same line.
    let isRest = isLastNative && !lines.endsLine
    var bytes = bytes
    var record = isRest ? nil : Self.record(bytes)
    if let read = record {
      if grants.note(read), options.stripsSettings {
        links?.leaveOut(read.root)
        return 0
      }
      if read.root.document.bytes.count == bytes.count, let changed = links?.relinked(read.root) {
        bytes = changed[...]
        record = Self.record(bytes)
      }
    }
    if let record { encoder.follow(record.root) }
    try lines.append(bytes, separated: !isLastNative)
    isLastNative = true
    return 1
  }

  private static func record(_ bytes: ArraySlice<UInt8>) -> ClaudeRecord? {
    let bytes = Array(bytes)
    guard
      case .object(let root) = ClaudeLineStream.content(of: bytes, in: bytes.indices, .go).content
    else { return nil }
    return ClaudeRecord(root)
  }

  func leaveOut(_ record: ArraySlice<UInt8>) {
    guard let root = JSONDocument(ifValid: Array(record), limits: .go)?.root else { return }
    links?.leaveOut(root, replacedBy: isLastOwn ? encoder.leaf : nil)
  }

  func finishEntries() throws(FormatError) {
    if !hasNative {
      var json = JSONWriter(reserving: 1_024)
      trailingEntryCount = encoder.finish(to: &json)
      if file.owner != nil, file.descriptions.isEmpty {
        file.descriptions = [
          ClaudeFile.description(
            agent: head.agent, task: head.title ?? encoder.firstPrompt,
            startedBy: target.starter(of: head, in: file.owner))
        ]
      }
      try lines.append(json.bytes[...])
    }
    sideName = ClaudeCarry.fileName(file.id, content: lines.content)
    try lines.flush()
  }

  func readBack() throws(FormatError) -> any SessionReader {
    var staged = file
    staged.staged = lines.path
    return try ClaudeSource(file: staged).reader(for: file.id)
  }

  func continuesExisting() throws(FormatError) -> Bool { try lines.continuesExisting() }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    do throws(FileError) {
      if side == nil {
        try createDirectory(file.sideFolder, permissions: 0o700, intermediates: true)
        isSideNew = try FileStatus(path: sidePath) == nil
        side = try AtomicOutput(replacing: sidePath)
      }
      try side?.write(chunk)
      try side?.write([UInt8(ascii: "\n")])
    } catch {
      throw FormatError(writing: error)
    }
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    let hasSide = side != nil
    if let header, options.carries {
      try lines.append(
        ClaudeCarry.markerLine(
          header, sessionID: encoder.sessionID, side: hasSide ? sideName : nil)[...])
    }
    do throws(FileError) {
      if let side = side.take() { try side.commit(durable: options.isDurable) }
      try describe()
      try lines.commit(durable: options.isDurable)
    } catch {
      if isSideNew {
        // No session names it. The failure to report is the first one.
        discardFile(sidePath)
        discardEmptyDirectory(file.sideFolder)
      }
      throw FormatError(writing: error)
    }
    isSidePublished = hasSide
    removeOldSides()
    target.noteSession(file, workspace: head.workspace)
  }

  /// Writes the small files that describe the session.
  private func describe() throws(FileError) {
    for description in file.descriptions {
      let folder = file.owner == nil ? file.sideFolder : ClaudeFile.folder(file.path)
      let name = file.owner == nil ? description.key : "\(file.stem).\(description.key)"
      try createDirectory(folder, permissions: 0o700, intermediates: true)
      var output = try AtomicOutput(replacing: folder + "/" + name)
      try output.write(description.value.bytes)
      try output.commit(durable: options.isDurable)
    }
  }

  /// Removes carry files of earlier states.
  ///
  /// Those of helpers lie in the same folder and stay.
  private func removeOldSides() {
    // Where it cannot be seen what the helpers need, all of it stays.
    guard file.owner == nil, var kept = try? agentSides() else { return }
    if isSidePublished { kept.insert(sideName) }
    for entry in guessListing(file.sideFolder)
    where ClaudeCarry.isFileName(entry.name) && !kept.contains(entry.name) {
      discardFile(file.sideFolder + "/" + entry.name)
    }
    discardEmptyDirectory(file.sideFolder)
  }

  /// The carry files that the session's helpers name.
  private func agentSides() throws -> Set<String> {
    let folder = file.sideFolder + "/subagents"
    guard try FileStatus(path: folder) != nil else { return [] }
    var sides: Set<String> = []
    for entry in try listDirectory(folder) where entry.name.hasSuffix(".jsonl") {
      let stream = try ClaudeLineStream(
        ClaudeFile(id: "", path: folder + "/" + entry.name), .unlimited)
      while try stream.next() != nil {}
      if let side = ClaudeCarry.side(of: stream.marker) { sides.insert(side) }
    }
    return sides
  }

  func discard() {
    lines.discard()
    guard side != nil else { return }
    side = nil
    discardEmptyDirectory(file.sideFolder)
  }
}
