internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes one session file aside.
///
/// Lines of the format itself go through as they are. Others become one chain of what the source tool
/// uses; what it does not use stays in the file beside that chain.
final class ClaudeWriter: SessionWriter {
  private let target: ClaudeTarget
  private let file: ClaudeFile
  private let head: SessionHead
  private let options: WriteOptions
  private let temporaryPath: String
  private var output: AtomicOutput?
  private var side: AtomicOutput?
  private var sideName: String?
  /// Whether no file of that name was there before.
  private var isSideNew = false
  private var json = JSONWriter(reserving: 64 * 1_024)
  private var chain: ClaudeChainWriter
  private var endsLine = true
  private var content = Fingerprint()
  private var hasNative = false
  private var isLastNative = false
  /// Whether native lines were written since the chain was last looked at.
  private var isChainStale = false
  private var grants = ClaudeGrantCount()
  private var links = Relinker(id: "uuid", links: ["parentUuid", "logicalParentUuid", "leafUuid"])
  /// Whether the last line is one of the chain that is written here.
  private var isLastOwn = false
  private(set) var trailingEntryCount = 0

  init(
    target: ClaudeTarget, file: ClaudeFile, head: SessionHead, output: consuming AtomicOutput,
    options: WriteOptions
  ) {
    self.target = target
    self.file = file
    self.head = head
    self.options = options
    chain = ClaudeChainWriter(file: file, head: head)
    temporaryPath = output.temporaryPath
    self.output = consume output
  }

  var findings: [Finding] {
    guard !grants.isEmpty else { return [] }
    let text =
      options.stripsSettings
      ? "left out \(grants.total) records that resuming would bring into force: "
        + grants.description : ClaudeRules.text(grants)
    return [
      Finding(
        rule: "claude-code.grants", severity: .warning, place: .file(path: file.path),
        message: text, isSalvaged: true)
    ]
  }

  var files: [String] { file.files + [publishedSide].compactMap(\.self) }

  /// The file with the carry, once it is published.
  private var publishedSide: String?

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == ClaudeCode.id {
      return try writeNative(origin.bytes)
    }
    if isChainStale { try followNative() }
    isLastNative = false
    json.removeAll()
    let count: Int
    defer { isLastOwn = true }
    switch entry.content {
    case .message(let message):
      count = chain.write(message, isEffective: entry.isEffective, to: &json)
    case .checkpoint(let checkpoint):
      count = chain.write(checkpoint, isEffective: entry.isEffective, to: &json)
    case .headChange(let changed) where hasNative && changed.title != head.title:
      guard let title = changed.title, !title.isEmpty else { return 0 }
      json.claudeMetadata("custom-title", "customTitle", title, sessionID: chain.sessionID)
      count = 1
    case .headChange, .usage, .metric, .event, .opaque: return 0
    }
    try append(json.bytes[...])
    return count
  }

  /// A line of the format itself, verbatim.
  private func writeNative(_ bytes: ArraySlice<UInt8>) throws(FormatError) -> Int {
    guard !bytes.isEmpty else { return 0 }
    hasNative = true
    isChainStale = true
    let (decoded, _) = ClaudeLine.decode(Array(bytes), maximumDepth: 10_000)
    if case .record(let document, let type) = decoded {
      let kind = ClaudeGrants.kind(document.root, type: type)
      if let kind { grants.add(kind) }
      if options.stripsSettings, kind != nil {
        links.leaveOut(document.root)
        return 0
      }
      if document.bytes.count == bytes.count, let changed = links.relinked(document.root) {
        isLastOwn = false
        try append(changed[...])
        return 1
      }
    }
    isLastOwn = false
    // What had no end here stood before more on the same line.
    if isLastNative { endsLine = true }
    try append(bytes)
    isLastNative = true
    return 1
  }

  func leaveOut(_ record: ArraySlice<UInt8>) {
    guard let root = JSONDocument(ifValid: Array(record), limits: .go)?.root else { return }
    links.leaveOut(root, replacedBy: isLastOwn ? chain.leaf : nil)
  }

  /// Goes on behind the last line that the program would use.
  private func followNative() throws(FormatError) {
    isChainStale = false
    try flush()
    var staged = file
    staged.path = temporaryPath
    let index = try ClaudeIndex(path: temporaryPath, options: .unlimited)
    chain.follow(index, ClaudeChain(index))
  }

  private func append(_ lines: ArraySlice<UInt8>) throws(FormatError) {
    guard !lines.isEmpty else { return }
    do throws(FileError) {
      // A line that had no end when it was the last one must not fuse with what follows.
      if !endsLine { try put([UInt8(ascii: "\n")]) }
      try put(lines)
      endsLine = lines.last == UInt8(ascii: "\n")
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func put(_ bytes: ArraySlice<UInt8>) throws(FileError) {
    content.update(bytes)
    chain.offset += bytes.count
    try output?.write(bytes)
  }

  private func flush() throws(FormatError) {
    do throws(FileError) {
      try output?.flush()
    } catch {
      throw FormatError(writing: error)
    }
  }

  func finishEntries() throws(FormatError) {
    json.removeAll()
    if !hasNative { trailingEntryCount = chain.finish(to: &json) }
    try append(json.bytes[...])
    sideName = ClaudeCarry.fileName(file.id, content: content)
    try flush()
  }

  func readBack() throws(FormatError) -> any SessionReader {
    var staged = file
    staged.path = temporaryPath
    return try ClaudeReader(
      staged, scan: try ClaudeScan(staged, options: .unlimited, name: file),
      options: .unlimited)
  }

  func continuesExisting() throws(FormatError) -> Bool {
    do throws(FileError) {
      return try output?.continuesExpectedFile() ?? false
    } catch {
      throw FormatError(writing: error)
    }
  }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries, let sideName else { return }
    do throws(FileError) {
      if side == nil {
        try createDirectory(file.sideFolder, permissions: 0o700, intermediates: true)
        let path = file.sideFolder + "/" + sideName
        isSideNew = try FileStatus(path: path) == nil
        side = try AtomicOutput(replacing: path)
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
      try append(
        ClaudeCarry.markerLine(
          header, sessionID: chain.sessionID, side: hasSide ? sideName : nil)[...])
    }
    do throws(FileError) {
      if let side = side.take() { try side.commit(durable: options.isDurable) }
      try describe()
      if let output = output.take() { try output.commit(durable: options.isDurable) }
      if hasSide, let sideName { publishedSide = file.sideFolder + "/" + sideName }
      removeOthers(than: hasSide ? sideName : nil)
    } catch {
      if isSideNew, let sideName {
        // No session names it. The failure to report is the first one.
        discardFile(file.sideFolder + "/" + sideName)
        discardEmptyDirectory(file.sideFolder)
      }
      throw FormatError(writing: error)
    }
    target.noteSession(file, workspace: head.workspace)
  }

  /// Writes the small files that describe the session.
  private func describe() throws(FileError) {
    for description in file.descriptions {
      let path =
        file.owner != nil
        ? String(file.path.dropLast(6)) + "." + description.name
        : file.sideFolder + "/" + description.name
      try createDirectory(ClaudeFile.folder(path), permissions: 0o700, intermediates: true)
      var output = try AtomicOutput(replacing: path)
      try output.write(description.value.bytes)
      try output.commit(durable: options.isDurable)
    }
  }

  /// Removes carry files of earlier states.
  ///
  /// Those of helpers lie in the same folder and stay.
  private func removeOthers(than name: String?) {
    // Where it cannot be seen what the helpers need, all of it stays.
    guard file.owner == nil, let kept = try? agentSides() else { return }
    for entry in guessListing(file.sideFolder)
    where ClaudeCarry.isFileName(entry.name) && entry.name != name && !kept.contains(entry.name) {
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
      let index = try ClaudeIndex(path: folder + "/" + entry.name, options: .unlimited)
      if let side = index.marker?["side"]?.string?.string { sides.insert(side) }
    }
    return sides
  }

  func discard() {
    output = nil
    guard side != nil else { return }
    side = nil
    discardEmptyDirectory(file.sideFolder)
  }
}
