internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Writes one session file, staged: lines of the format itself as they are, all else by its encoder.
final class FileWriter<Format: FileFormat, Encoder: LineEncoder>: SessionWriter {
  private let format: Format
  private let store: any FileStore
  private var file: LocatedSession
  private let head: SessionHead
  private let options: WriteOptions
  private let lines: StagedLines
  private var side: AtomicOutput?
  private var encoder: Encoder
  private(set) var trailingEntryCount = 0
  private var links = Encoder.links
  /// Whether the last line is one that the encoder wrote.
  private var isLastOwn = false
  /// Whether there are records of the format itself, and whether there are others.
  private var (hasNative, hasOwn) = (false, false)
  /// The files that describe the session.
  private var descriptions: [Description] = []
  private var stripped = StrippedSettings()
  private var title: String?
  /// The head that was read back.
  private var written: SessionHead?
  /// A file elsewhere that holds the session yet, and goes when this one appears.
  private let replaced: (path: String, status: FileStatus)?

  init(
    _ format: Format, _: Encoder.Type, store: any FileStore, file: LocatedSession,
    head: SessionHead, output: consuming AtomicOutput,
    replacing replaced: (path: String, status: FileStatus)? = nil, options: WriteOptions
  ) {
    self.format = format
    self.store = store
    self.replaced = replaced
    title = head.title
    self.file = file
    self.head = head
    self.options = options
    lines = StagedLines(output)
    encoder = Encoder(head, id: file.id)
  }

  var files: [String] { file.files }
  var findings: [Finding] { stripped.findings(rule: "\(Format.id).grants", path: file.path) }
  private var isDocument: Bool { format.elements(of: file.name) != nil }

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
      encoder.pass(document.root, saying: entry)
      var bytes = links?.relinked(document.root)?[...] ?? origin.bytes
      if options.stripsSettings {
        guard let bare = format.withoutSettings(bytes, &stripped) else { return 0 }
        bytes = bare
      }
      try append(bytes)
      return 1
    }
    let entry = ModelAPI(format: Format.id).accepted(entry)
    isLastOwn = true
    if case .headChange(let changed) = entry.content { title = changed.title }
    var json = JSONWriter(reserving: 4_096)
    let count = try encoder.write(entry, to: &json)
    try add(json.bytes[...])
    return count
  }

  func leaveOut(_ record: ArraySlice<UInt8>) {
    guard let root = JSONDocument(ifValid: Array(record), limits: .go)?.root else { return }
    links?.leaveOut(root, replacedBy: isLastOwn ? encoder.leaf : nil)
  }

  /// Appends lines of the encoder's.
  private func add(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
    guard !bytes.isEmpty else { return }
    hasOwn = true
    if isDocument {
      throw FormatError(
        .notExpressible, "a session that is one JSON document cannot be continued in its file",
        at: .file(path: file.relativePath),
        advice: "convert it without the stored original (--no-carry)")
    }
    try append(bytes)
  }

  private func append(_ bytes: ArraySlice<UInt8>) throws(FormatError) {
    // A line that had no end when it was the last one must not fuse with what follows.
    try lines.append(bytes, separated: !isDocument)
  }

  func finishEntries() throws(FormatError) {
    if !hasNative || hasOwn {
      var json = JSONWriter(reserving: 1_024)
      trailingEntryCount = try encoder.finish(to: &json)
      try add(json.bytes[...])
    }
    try lines.flush()
    guard format.layout.isDescribed(file.name) else { return }
    descriptions = encoder.descriptions ?? Descriptions.stated(in: head, of: Format.id)
  }

  func readBack() throws(FormatError) -> any SessionReader {
    var staged = file
    staged.path = lines.path
    staged.sides = []
    staged.texts = Dictionary(
      descriptions.filter { format.layout.descriptions.contains($0.name) }.map {
        ($0.name, $0.text)
      }
    ) { first, _ in first }
    if store.indexesTitles, let title { staged.titles[file.id] = title }
    let reader = try FileSource(format, file: staged, options: .unlimited).reader(for: file.id)
    written = reader.head
    return reader
  }

  func continuesExisting() throws(FormatError) -> Bool { try lines.continuesExisting() }

  private var folder: String { LocatedSession.folder(of: file.path) ?? "." }
  private var fileName: String { String(file.path.split(separator: "/").last ?? "") }

  func appendCarry(_ chunk: [UInt8]) throws(FormatError) {
    guard options.carries else { return }
    if format.layout.carriesInLines { return try appendCarry("chunk", chunk) }
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

  /// Appends a line of the carry; a document has none.
  private func appendCarry(_ name: StaticString, _ json: [UInt8]) throws(FormatError) {
    guard options.carries, !isDocument else { return }
    try append(encoder.carryLine(name, json)[...])
  }

  func publish(header: CarryHeader?) throws(FormatError) {
    if let header {
      if format.layout.carriesInLines {
        try appendCarry("carry", header.json)
      } else {
        try appendCarry(header.json)
      }
    }
    let name = side == nil ? nil : SideCarry.name(for: fileName, content: lines.content)
    do throws(FileError) {
      if let side = side.take() { try side.commit(durable: options.isDurable) }
      if let replaced, try FileStatus(path: replaced.path, followingLinks: false) != replaced.status
      {
        throw FileError(.changed, path: replaced.path, operation: "publishing")
      }
      try publishDescriptions()
      try lines.commit(durable: options.isDurable)
      if let replaced { try removeFile(replaced.path) }
    } catch {
      // No session file is what it belongs to. The failure to report is the first one.
      if let name, !file.sides.contains(name) { discardFile(folder + "/" + name) }
      throw FormatError(writing: error)
    }
    for old in file.sides where old != name { discardFile(folder + "/" + old) }
    file.sides = name.map { [$0] } ?? []
    file.descriptions = format.layout.descriptions(beside: file)
    var head = head
    head.title = title
    store.noteSession(file, head, written: written ?? head)
  }

  /// Publishes the files that describe the session, before its own, without which they say nothing.
  private func publishDescriptions() throws(FileError) {
    for description in descriptions {
      let place = file.place(of: description.name)
      if let present = try FileStatus(path: place) {
        if description.isShared { continue }
        // What stands there already keeps its time.
        if present.size == description.text.count, try readFile(place) == description.text {
          continue
        }
      }
      if let folder = LocatedSession.folder(of: place) {
        try createDirectory(folder, permissions: 0o700, intermediates: true)
      }
      var output = try AtomicOutput(replacing: place)
      try output.write(description.text)
      try output.commit(durable: options.isDurable)
    }
  }

  func discard() {
    lines.discard()
    side = nil
    store.removeEmptyFolders(above: file.path)
  }
}
