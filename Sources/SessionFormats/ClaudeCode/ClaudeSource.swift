internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A store, or one session file, opened for reading.
final class ClaudeSource: SessionSource {
  let path: String
  let openingFindings: [Finding]
  private let options: ReadOptions
  private let store: ClaudeStore
  private let files: [ClaudeFile]
  private let index: [String: Int]
  private let strayFindings: [Finding]
  /// The scan of the session used last, which is needed again when it is compared.
  private let lastScan = Mutex<(id: String, status: FileStatus, scan: ClaudeScan)?>(nil)

  private init(
    _ path: String, _ store: ClaudeStore, _ files: [ClaudeFile], _ strayFindings: [Finding] = [],
    _ openingFindings: [Finding] = [], options: ReadOptions
  ) {
    self.path = path
    self.store = store
    self.files = files
    self.strayFindings = strayFindings
    self.openingFindings = openingFindings
    self.options = options
    index = Dictionary(
      files.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Opens a folder, or one session file.
  convenience init(path: String, options: ReadOptions) throws(FormatError) {
    let store: ClaudeStore
    do throws(FileError) {
      guard try StoreFiles.status(of: path).kind == .directory else {
        var file = ClaudeFile(single: path)
        let problem = file.describe()
        self.init(
          path, ClaudeStore(around: file), [file], problem.map { [$0] } ?? [], options: options)
        return
      }
      store = try ClaudeStore(path: path)
    } catch {
      throw FormatError(reading: error)
    }
    var listing = try store.list()
    _ = listing.store.hasFile(at: path + "/" + StoreCarry.fileName)
    self.init(
      path, store, listing.files, listing.findings, listing.store.findings, options: options)
  }

  /// One session file, which may be staged.
  convenience init(file: ClaudeFile) {
    self.init(file.path, ClaudeStore(around: file), [file], options: .unlimited)
  }

  func list() throws(FormatError) -> [ListedSession] {
    files.map { ListedSession(id: $0.id, files: $0.files) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    let summaries = files.filter { wanted?.contains($0.id) ?? true }.map { file in
      var summary = SessionSummary(
        id: file.id, path: file.path, byteCount: FileStatus.guess(file.path)?.size ?? 0)
      // Why it cannot be read is told when it is opened.
      if let head = try? scan(of: file.id).head {
        summary.title = head.title
        summary.created = head.created
        summary.updated = head.updated
        summary.workspace = head.workspace
        summary.messageCount = head.messageCount
      }
      return summary
    }
    // In the order of their beginnings, so that parents come before what descends from them.
    let last = Timestamp(seconds: .max)
    return summaries.sorted {
      let (a, b) = ($0.created ?? last, $1.created ?? last)
      return a.isSameInstant(as: b) ? $0.id < $1.id : a < b
    }
  }

  private func file(of id: String) throws(FormatError) -> ClaudeFile {
    guard let place = index[id] else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: path),
        advice: "see the identifiers with `carryover list`")
    }
    return files[place]
  }

  /// The scan of a session; made once as long as its file stays as it is.
  func scan(of id: String) throws(FormatError) -> ClaudeScan {
    let file = try file(of: id)
    let status = FileStatus.guess(file.readPath)
    if let last = lastScan.withLock({ $0 }), last.id == id, last.status == status {
      return last.scan
    }
    let scan = try ClaudeScan(file, options: options)
    if let status { lastScan.withLock { $0 = (id, status, scan) } }
    return scan
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    let (scan, longest) = (try scan(of: id), options.maximumCarryLength)
    return RecordReader(
      ClaudeCode.id, scan.records, head: scan.head,
      stream: try ClaudeLineStream(file(of: id), options)
    ) { () throws(FormatError) in try ClaudeCarry.cursor(scan.carry, longest: longest) }
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    try scan(of: id).records.fingerprint
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    guard options.mayLeaveOut(ofFile: try file(of: id).path) else { return LeftOutRecords() }
    return try scan(of: id).records.leftOut
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try scan(of: id).carry.header
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let (file, scan) = (try file(of: id), try scan(of: id))
    return scan.records.findings + ClaudeRules.findings(file, scan, isAlone: path == file.path)
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings + strayFindings }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try file(of: id)
    // Sub-agents beside their sessions: only old versions wrote them.
    let siblings = files.filter {
      $0.isSibling && $0.id.hasPrefix(file.stem + "/")
        && ClaudeFile.folder($0.path) == ClaudeFile.folder(file.path)
    }
    do throws(FileError) {
      return try store.files(of: file, siblings: siblings)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    do throws(FileError) {
      return try store.storeFiles()
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: path)
  }
}
