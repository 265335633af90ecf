internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// The session files of a tool, or one of them, opened for reading.
final class FileSource<Format: FileFormat>: SessionSource {
  /// A session after its first pass.
  struct Scanned: Sendable {
    var decoder: Format.Decoder
    var leftOut = LeftOutRecords()
    /// The fingerprint of the records, the carry excluded.
    var fingerprint = Fingerprint()
    /// How many bytes of records there are.
    var end: UInt64 = 0
    /// The carry in lines of the file.
    var carry: LineCarry?
    /// The file to read.
    var content: UnpackedFile

    /// The carry in lines of the file; nil when there is none.
    func carryCursor(of file: LocatedSession) throws(FormatError) -> CarryCursor? {
      try carry?.cursor(path: content.path, named: file.name)
    }
  }

  let files: [LocatedSession]
  let openingFindings: [Finding]
  private let format: Format
  private let options: ReadOptions
  private let folder: String
  private let index: [String: Int]
  private let last = Mutex<(id: String, status: FileStatus?, scanned: Scanned)?>(nil)

  /// Opens a folder of the tool, or one session file.
  init(_ format: Format, path: String, options: ReadOptions) throws(FormatError) {
    let layout = format.layout
    var store = StoreFiles()
    var found: [LocatedSession] = []
    do throws(FileError) {
      if try StoreFiles.status(of: path).kind == .directory {
        let root = layout.root(of: path)
        folder = root
        let listing = try layout.list(root, &store)
        for relative in listing.files {
          let file = root + "/" + relative
          let first = listing.level > 0 ? format.firstRecord(file) : nil
          // Further down, any file may have such a name.
          guard listing.level == 0 || first.map({ Format.Decoder.recognizes($0) }) == true else {
            store.noteOther(file, than: format.info.name)
            continue
          }
          found.append(Self.file(format, file, relative, first, listing.sides))
        }
      } else {
        folder = LocatedSession.folder(of: path) ?? "."
        let name = path.split(separator: "/").last.map(String.init) ?? path
        var sides: [ExactPath: [String]] = [:]
        sides[ExactPath(folder)] = try listDirectory(folder).filter {
          $0.kind == .file && SideCarry.isName($0.name, of: name)
        }.map(\.name)
        found.append(Self.file(format, path, name, nil, sides))
      }
    } catch {
      throw FormatError(reading: error)
    }
    _ = store.hasFile(at: folder + "/" + StoreRecords.carriedFileName)
    files = Self.distinct(found, &store)
    index = Dictionary(
      files.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    openingFindings = store.findings
    self.format = format
    self.options = options
  }

  /// One session file, which may be staged.
  init(_ format: Format, file: LocatedSession, options: ReadOptions) {
    files = [file]
    index = [file.id: 0]
    openingFindings = []
    folder = LocatedSession.folder(of: file.name) ?? "."
    self.format = format
    self.options = options
  }

  private static func file(
    _ format: Format, _ path: String, _ relative: String, _ first: JSONValue?,
    _ sides: [ExactPath: [String]]
  ) -> LocatedSession {
    let stem = LocatedSession.stem(relative)
    let id =
      format.layout.id(stem)
      ?? (first ?? format.firstRecord(path)).flatMap { Format.Decoder.id(in: $0) }
    var file = LocatedSession(
      id: id.flatMap { $0.isEmpty ? nil : $0 } ?? stem, path: path, relativePath: relative)
    let name = String(path.split(separator: "/").last ?? "")
    let folder = LocatedSession.folder(of: path) ?? "."
    file.sides = (sides[ExactPath(folder)] ?? []).filter { SideCarry.isName($0, of: name) }
    return file
  }

  /// Tells sessions with one identifier apart: later ones are opened by the name of their file.
  private static func distinct(
    _ files: [LocatedSession], _ store: inout StoreFiles
  ) -> [LocatedSession] {
    let first = Dictionary(
      files.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var names = DistinctNames()
    return files.enumerated().map { position, file in
      var file = file
      let stated = file.id
      file.id = names.next(first[stated] == position ? stated : file.stem)
      if file.id != stated { store.noteSecond(file.path, name: stated, openedAs: file.id) }
      return file
    }
  }

  func list() throws(FormatError) -> [ListedSession] {
    files.map { ListedSession(id: $0.id, files: $0.files) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    files.filter { wanted?.contains($0.id) ?? true }.map { file in
      var summary = SessionSummary(
        id: file.id, path: file.path, byteCount: FileStatus.guess(file.path)?.size ?? 0)
      // Why it cannot be read is told when it is opened.
      guard let decoder = try? scanned(file).decoder else { return summary }
      let head = decoder.head
      summary.title = head.title ?? decoder.firstPrompt
      summary.created = head.created
      summary.updated = head.updated
      summary.workspace = head.workspace
      summary.messageCount = head.messageCount
      summary.isArchived = head.archived ?? false
      return summary
    }
  }

  /// The file of a session; nil when there is none.
  func file(_ id: String) -> LocatedSession? { index[id].map { files[$0] } }

  private func known(_ id: String) throws(FormatError) -> LocatedSession {
    guard let file = file(id) else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: folder),
        advice: "see the identifiers with `carryover list`")
    }
    return file
  }

  /// What the first pass over a session's file tells.
  func scanned(_ file: LocatedSession) throws(FormatError) -> Scanned {
    let status = FileStatus.guess(file.path)
    if let last = last.withLock({ $0 }), last.id == file.id, last.status == status {
      return last.scanned
    }
    let content = try UnpackedFile(file.path)
    let stream = try format.stream(content.path, name: file.name, options: options)
    var scanned = Scanned(decoder: Format.Decoder(file), content: content)
    if format.layout.carriesInLines {
      scanned.carry = LineCarry(longest: options.maximumCarryLength)
    }
    /// Where a last line without a newline ends.
    var end: Place?
    while let record = try stream.next() {
      scanned.end += UInt64(record.bytes.count)
      if scanned.carry?.take(record, after: &scanned.fingerprint) == true { continue }
      scanned.fingerprint.update(record.bytes)
      if case .tooLong(let line) = record.content {
        scanned.leftOut.add(record.place, count: line.count)
      } else {
        end =
          record.bytes.last == UInt8(ascii: "\n") ? nil : record.place(at: record.bytes.count)
      }
      scanned.decoder.note(record)
    }
    scanned.carry?.finish(&scanned.fingerprint, &scanned.leftOut)
    if let end, format.elements(of: file.name) == nil {
      scanned.decoder.log.add(
        "final-newline", .info, end, "the file does not end with a newline")
    }
    scanned.decoder.finishScan()
    last.withLock { $0 = (file.id, status, scanned) }
    return scanned
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    let file = try known(id)
    let scanned = try scanned(file)
    return RecordReader(
      file: file, format, scanned,
      stream: try format.stream(scanned.content.path, name: file.name, options: options),
      longestCarry: options.maximumCarryLength)
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    try scanned(try known(id)).fingerprint
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    let file = try known(id)
    guard options.mayLeaveOut(ofFile: file.path) else { return LeftOutRecords() }
    return try scanned(file).leftOut
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let scanned = try scanned(try known(id))
    return scanned.leftOut.findings + scanned.decoder.log.findings
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try known(id)
    let below = LocatedSession.folder(of: file.relativePath).map { $0 + "/" } ?? ""
    return file.files.map { path in
      let name = path.split(separator: "/").last.map(String.init) ?? path
      return SessionFile(path: path, relativePath: below + name)
    }
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    do throws(FileError) {
      return try format.layout.storeFiles(in: folder).map { relative in
        StoreFile(
          SessionFile(path: folder + "/" + relative, relativePath: relative), merging: .none)
      }
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    let file = try known(id)
    if format.layout.carriesInLines { return try scanned(file).carryCursor(of: file)?.header }
    return try SideCarry.cursor(of: file, longest: options.maximumCarryLength)?.header
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: folder)
  }
}
