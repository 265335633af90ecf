internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A sessions folder, or one session file, opened for reading.
final class GGCodeSource: SessionSource {
  let path: String
  private let options: ReadOptions
  /// File paths by session identifier.
  private let files: [String: String]
  /// Symbolic links to session files.
  private let links: [String]
  /// Names that are not UTF-8, which no release reaches either.
  private let unreachable: [String]
  private let strayFindings: [Finding]
  private let hasIndex: Bool
  private let isFolder: Bool
  /// The scan of the session used last, which is needed again when it is compared.
  private let lastScan = Mutex<Scanned?>(nil)

  private struct Scanned: ~Copyable {
    let id: String
    let status: FileStatus
    let scan: GGCodeScan
    /// What was scanned, for the first reader that asks for it.
    var lines: LineReader?
  }

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.path = path
    self.options = options
    do throws(FileError) {
      guard try StoreFiles.status(of: path).kind == .directory else {
        isFolder = false
        files = [GGCode.sessionID(fileName: path) ?? "": path]
        links = []
        unreachable = []
        strayFindings = []
        hasIndex = false
        return
      }
      isFolder = true
      var files: [String: String] = [:]
      var links: [String] = []
      var unreachable: [String] = []
      var store = StoreFiles()
      var names = DistinctNames()
      for entry in try listDirectory(path) {
        guard let name = GGCode.sessionID(fileName: entry.name) else { continue }
        guard entry.isNameExact else {
          unreachable.append(path + "/" + entry.name)
          continue
        }
        let file = path + "/" + entry.name
        guard store.isFile(entry, at: file) else { continue }
        if entry.kind == .symbolicLink { links.append(file) }
        let id = names.next(name)
        if id != name { store.noteSecond(file, name: name, openedAs: id) }
        files[id] = file
      }
      self.files = files
      self.links = links
      self.unreachable = unreachable
      hasIndex = store.hasFile(at: path + "/index.json")
      _ = store.hasFile(at: path + "/" + StoreCarry.fileName)
      strayFindings = store.findings
    } catch {
      throw FormatError(reading: error)
    }
  }

  func list() throws(FormatError) -> [ListedSession] {
    let index = hasIndex ? [path + "/index.json"] : []
    return files.map { ListedSession(id: $0, files: [$1] + index) }
      .sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    let index = hasIndex ? GGCodeIndex(path: path + "/index.json") : GGCodeIndex()
    var summaries: [SessionSummary] = []
    for (id, file) in files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
    where wanted?.contains(id) ?? true {
      let size = FileStatus.guess(file)?.size ?? 0
      var summary = SessionSummary(id: id, path: file, byteCount: size)
      if let entry = index.entry(id) {
        summary.title = entry.title.isEmpty ? nil : entry.title
        summary.created = entry.created
        summary.updated = entry.updated
        summary.workspace = entry.workspace
        summary.messageCount = Int(exactly: entry.messageCount)
        // Why it cannot be read is told when it is opened.
      } else if let scan = try? GGCodeScan(path: file, id: id, options: options) {
        summary.title = scan.head.title
        summary.created = scan.head.created
        summary.updated = scan.head.updated
        summary.workspace = scan.head.workspace
        summary.messageCount = scan.messageCount
      }
      summaries.append(summary)
    }
    return summaries
  }

  /// The path of a session's file.
  func file(of id: String) throws(FormatError) -> String {
    guard let file = files[id] else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: path),
        advice: "see the identifiers with `carryover list`")
    }
    return file
  }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    [SessionFile(atRoot: try file(of: id))]
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    guard hasIndex else { return [] }
    return [StoreFile(SessionFile(atRoot: path + "/index.json"), merging: .records)]
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    let scan = try scan(of: id)
    let lines = lastScan.withLock { last in last?.id == id ? last?.lines.take() : nil }
    return try GGCodeReader(
      path: try file(of: id), scan: scan, lines: lines, options: options)
  }

  /// The scan of a session; made once as long as its file stays as it is.
  private func scan(of id: String) throws(FormatError) -> GGCodeScan {
    let file = try file(of: id)
    guard let status = try? FileStatus(path: file) else {
      return try GGCodeScan(path: file, id: id, options: options)
    }
    let known = lastScan.withLock { last in
      last?.id == id && last?.status == status ? last?.scan : nil
    }
    if let known { return known }
    var lines = try GGCodeScan.lines(of: file, options)
    let scan = try GGCodeScan(path: file, lines: &lines, id: id, options: options)
    var scanned: Scanned? = Scanned(id: id, status: status, scan: scan, lines: lines)
    lastScan.withLock { $0 = scanned.take() }
    return scan
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    try scan(of: id).fingerprint
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    guard options.mayLeaveOut(ofFile: try file(of: id)) else { return LeftOutRecords() }
    return try scan(of: id).leftOut
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try GGCodeCarry.cursor(
      path: try file(of: id), lines: try scan(of: id).carryLines,
      longest: options.maximumCarryLength)?.header
  }

  func storeRecords() throws(FormatError) -> StoreRecords {
    guard hasIndex else { return StoreRecords() }
    do throws(FileError) {
      return StoreRecords([try readFile(path + "/index.json")], of: GGCode())
    } catch  where error.code == .notFound {
      return StoreRecords()
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    guard isFolder else { return nil }
    return try StoreCarry.read(folder: path)
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    try GGCodeRules.findings(path: try file(of: id), id: id, options: options)
  }

  var openingFindings: [Finding] {
    var findings =
      strayFindings
      + links.map { link in
        Finding(
          rule: "ggcode.symbolic-link", severity: .warning, place: .file(path: link),
          message: "a session file is a symbolic link; what it points to is read")
      }
    findings += unreachable.map {
      Finding(
        rule: "ggcode.file-name", severity: .error, place: .file(path: $0),
        message: "the file's name is not UTF-8; the session is not read")
    }
    return findings
  }

  func storeFindings() throws(FormatError) -> [Finding] {
    guard isFolder else { return openingFindings }
    return openingFindings
      + (try GGCodeRules.indexFindings(folder: path, files: files, options: options))
  }
}
