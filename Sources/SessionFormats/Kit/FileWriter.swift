internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes one session file, staged: lines of the format itself as they are, all else by its encoder.
final class FileWriter<Format: RestorableFileFormat>: SessionWriter {
  private let format: Format
  private let target: FileTarget<Format>
  private var file: LocatedSession
  private let head: SessionHead
  private let options: WriteOptions
  private let lines: StagedLines
  private var side: AtomicOutput?
  private var encoder: Format.Encoder
  private(set) var trailingEntryCount = 0
  private var links = Format.Encoder.links
  /// Whether the last line is one that the encoder wrote.
  private var isLastOwn = false
  /// Whether there are records of the format itself.
  private var hasNative = false

  init(
    _ format: Format, target: FileTarget<Format>, file: LocatedSession, head: SessionHead,
    output: consuming AtomicOutput, options: WriteOptions
  ) {
    self.format = format
    self.target = target
    self.file = file
    self.head = head
    self.options = options
    lines = StagedLines(output)
    encoder = Format.Encoder(head, id: file.id)
  }

  var files: [String] { file.files }

  func write(_ entry: Entry) throws(FormatError) -> Int {
    if let origin = entry.origin, origin.format == Format.id {
      // What else a record says stands in the bytes of its first entry.
      guard !origin.bytes.isEmpty else { return 0 }
      hasNative = true
      isLastOwn = false
      guard let document = JSONDocument(ifValid: Array(origin.bytes), limits: .go) else {
        try append(origin.bytes)
        return 1
      }
      try append(links?.relinked(document.root)?[...] ?? origin.bytes)
      encoder.follow(document.root)
      return 1
    }
    isLastOwn = true
    var json = JSONWriter(reserving: 4_096)
    let count = try encoder.write(entry, to: &json)
    try append(json.bytes[...])
    return count
  }

  func leaveOut(_ record: ArraySlice<UInt8>) {
    guard let root = JSONDocument(ifValid: Array(record), limits: .go)?.root else { return }
    links?.leaveOut(root, replacedBy: isLastOwn ? encoder.leaf : nil)
  }

  private func append(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
    // A line that had no end when it was the last one must not fuse with what follows.
    try lines.append(bytes, separated: format.elements(of: file.name) == nil)
  }

  func finishEntries() throws(FormatError) {
    if !hasNative {
      var json = JSONWriter(reserving: 1_024)
      trailingEntryCount = try encoder.finish(to: &json)
      try append(json.bytes[...])
    }
    try lines.flush()
  }

  func readBack() throws(FormatError) -> any SessionReader {
    var staged = file
    staged.path = lines.path
    staged.sides = []
    return try FileSource(format, file: staged, options: .unlimited).reader(for: file.id)
  }

  func continuesExisting() throws(FormatError) -> Bool { try lines.continuesExisting() }

  private var folder: String { LocatedSession.folder(of: file.path) ?? "." }
  private var fileName: String { String(file.path.split(separator: "/").last ?? "") }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    do throws(FileError) {
      if side == nil {
        side = try AtomicOutput(
          replacing: folder + "/" + SideCarry.name(for: fileName, content: lines.content))
      }
      try side?.write(chunk)
      try side?.write([UInt8(ascii: "\n")])
    } catch {
      throw FormatError(writing: error)
    }
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header { try appendCarry(header.json) }
    let name = side == nil ? nil : SideCarry.name(for: fileName, content: lines.content)
    do throws(FileError) {
      if let side = side.take() { try side.commit(durable: options.isDurable) }
      try lines.commit(durable: options.isDurable)
    } catch {
      // No session file is what it belongs to. The failure to report is the first one.
      if let name, !file.sides.contains(name) { discardFile(folder + "/" + name) }
      throw FormatError(writing: error)
    }
    for old in file.sides where old != name { discardFile(folder + "/" + old) }
    file.sides = name.map { [$0] } ?? []
    target.noteSession(file, workspace: head.workspace)
  }

  func discard() {
    lines.discard()
    side = nil
    target.removeEmptyFolders(above: file.path)
  }
}
