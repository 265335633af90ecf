internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A sessions folder, or one session file, opened for reading.
final class GGCodeSource: ScannedSource {
  let catalogue: SessionCatalogue<LocatedSession, ScannedRecords<GGCodeDecoder>>
  let openingFindings: [Finding]
  let options: ReadOptions
  /// The sessions folder; nil when one file was opened.
  private let folder: String?
  /// The path of the index, where there is one.
  private let index: String?
  /// Whether only what current releases go on with counts as in use.
  private let appliesWindow: Bool

  var formatID: String { GGCode.id }

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.options = options
    appliesWindow = false
    do throws(FileError) {
      guard try StoreFiles.status(of: path).kind == .directory else {
        let id = GGCode.sessionID(fileName: path) ?? ""
        let file = LocatedSession(id: id, path: path, relativePath: path)
        catalogue = SessionCatalogue([file], in: path)
        folder = nil
        index = nil
        openingFindings = []
        return
      }
      var files: [LocatedSession] = []
      var (links, unreachable): ([Finding], [Finding]) = ([], [])
      var store = StoreFiles()
      var names = DistinctNames()
      for entry in try listDirectory(path) {
        guard let name = GGCode.sessionID(fileName: entry.name) else { continue }
        let file = path + "/" + entry.name
        guard entry.isNameExact else {
          unreachable.append(
            Finding(
              rule: "ggcode.file-name", severity: .error, place: .file(path: file),
              message: "the file's name is not UTF-8; the session is not read"))
          continue
        }
        guard store.isFile(entry, at: file) else { continue }
        if entry.kind == .symbolicLink {
          links.append(
            Finding(
              rule: "ggcode.symbolic-link", severity: .warning, place: .file(path: file),
              message: "a session file is a symbolic link; what it points to is read"))
        }
        let id = names.next(name)
        if id != name { store.noteSecond(file, name: name, openedAs: id) }
        files.append(LocatedSession(id: id, path: file, relativePath: entry.name))
      }
      files.sort { bytesPrecede($0.id, $1.id) }
      catalogue = SessionCatalogue(files, in: path)
      folder = path
      index = store.hasFile(at: path + "/index.json") ? path + "/index.json" : nil
      _ = store.hasFile(at: path + "/" + StoreCarry.fileName)
      openingFindings = store.findings + links + unreachable
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// One session file, which may be staged.
  init(file: LocatedSession, appliesWindow: Bool = false) {
    options = .unlimited
    self.appliesWindow = appliesWindow
    catalogue = SessionCatalogue([file], in: file.name)
    folder = nil
    index = nil
    openingFindings = []
  }

  func list() throws(FormatError) -> [ListedSession] {
    catalogue.files.map { ListedSession(id: $0.id, files: [$0.path] + (index.map { [$0] } ?? [])) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    let index = index.map { GGCodeIndex(path: $0) } ?? GGCodeIndex()
    return catalogue.files.filter { wanted?.contains($0.id) ?? true }.map { file in
      let size = FileStatus.guess(file.path)?.size ?? 0
      var summary = SessionSummary(id: file.id, path: file.path, byteCount: size)
      if let entry = index.entry(file.id) {
        summary.title = entry.title.isEmpty ? nil : entry.title
        summary.created = entry.created
        summary.updated = entry.updated
        summary.workspace = entry.workspace
        summary.messageCount = Int(exactly: entry.messageCount)
        // Why it cannot be read is told when it is opened.
      } else if let head = try? scanned(file.id).head {
        summary.title = head.title
        summary.created = head.created
        summary.updated = head.updated
        summary.workspace = head.workspace
        summary.messageCount = head.messageCount
      }
      return summary
    }
  }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    [SessionFile(atRoot: try catalogue.known(id).path)]
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    index.map { [StoreFile(SessionFile(atRoot: $0), merging: .records)] } ?? []
  }

  func stream(
    _ file: LocatedSession, _ scanned: ScannedRecords<GGCodeDecoder>
  ) throws(FormatError) -> any RecordStream {
    try GGCodeLineStream(file, options)
  }

  func scan(_ file: LocatedSession) throws(FormatError) -> ScannedRecords<GGCodeDecoder> {
    let stream = try GGCodeLineStream(file, options)
    var decoder = GGCodeDecoder(file)
    if appliesWindow { decoder.window = GGCodeContextWindow() }
    var fingerprint = Fingerprint()
    var leftOut = LeftOutRecords()
    while let record = try stream.next() {
      if case .tooLong(let line) = record.content { leftOut.add(record.place, count: line.count) }
      fingerprint.update(record.bytes)
      decoder.note(record)
    }
    decoder.carry = stream.carry
    decoder.finishScan()
    return ScannedRecords(
      decoder: decoder, head: decoder.head, leftOut: leftOut, fingerprint: fingerprint)
  }

  func carry(of file: LocatedSession) throws(FormatError) -> CarryCursor? {
    try GGCodeCarry.cursor(
      path: file.path, try scanned(file.id).decoder.carry, longest: options.maximumCarryLength)
  }

  func storeRecords() throws(FormatError) -> StoreRecords {
    guard let index else { return StoreRecords() }
    do throws(FileError) {
      return StoreRecords([try readFile(index)], of: GGCode())
    } catch  where error.code == .notFound {
      return StoreRecords()
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    guard let folder else { return nil }
    return try StoreCarry.read(folder: folder)
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let file = try catalogue.known(id)
    return try GGCodeRules.findings(file, try scanned(id), try GGCodeLineStream(file, options))
  }

  func storeFindings() throws(FormatError) -> [Finding] {
    guard let folder else { return openingFindings }
    return openingFindings + (try GGCodeIndexRules(folder: folder).findings(self))
  }
}
