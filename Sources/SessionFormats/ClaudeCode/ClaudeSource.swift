internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A store, or one session file, opened for reading.
final class ClaudeSource: SessionSource {
  let path: String
  private let options: ReadOptions
  private let layout: ClaudeLayout
  /// The folders of projects; empty for one file.
  private let projects: [String]
  /// The files of sub-agents that lie beside their sessions, by the paths of these.
  private let siblings: [String: [ClaudeFile]]
  private let files: [String: ClaudeFile]
  private let order: [String]
  let openingFindings: [Finding]
  private let strayFindings: [Finding]
  /// The scan of the session used last, which is needed again when it is compared.
  private let lastScan = Mutex<(id: String, status: FileStatus, scan: ClaudeScan)?>(nil)

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.path = path
    self.options = options
    let folders: ClaudeStore?
    do throws(FileError) {
      let isFolder = try StoreFiles.status(of: path).kind == .directory
      folders = isFolder ? try ClaudeStore(path: path) : nil
    } catch {
      throw FormatError(reading: error)
    }
    var list: [ClaudeFile] = []
    var findings: [Finding] = []
    var store = StoreFiles()
    if let folders {
      layout = ClaudeLayout(folder: path)
      (list, findings) = try folders.files(&store)
      _ = store.hasFile(at: path + "/" + StoreCarry.fileName)
    } else {
      let file = ClaudeFile(single: path)
      if let problem = file.problem { findings.append(problem) }
      list = [file]
      layout = ClaudeLayout(folder: file.projectFolder)
    }
    projects = folders?.projects ?? []
    siblings = Dictionary(
      grouping: list.filter { $0.isSibling && $0.id.contains("/") }
    ) { file in
      "\(file.projectFolder)/\(file.id.prefix { $0 != "/" }).jsonl"
    }
    order = list.map(\.id)
    files = Dictionary(list.map { ($0.id, $0) }) { first, _ in first }
    openingFindings = store.findings
    strayFindings = findings
  }

  func list() throws(FormatError) -> [ListedSession] {
    order.compactMap { id in files[id].map { ListedSession(id: id, files: $0.files) } }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    var summaries: [SessionSummary] = []
    for id in order where wanted?.contains(id) ?? true {
      guard let file = files[id] else { continue }
      let size = FileStatus.guess(file.path)?.size ?? 0
      var summary = SessionSummary(id: id, path: file.path, byteCount: size)
      // Why it cannot be read is told when it is opened.
      if let scan = try? scan(of: id) {
        summary.title = scan.head.title
        summary.created = scan.head.created
        summary.updated = scan.head.updated
        summary.workspace = scan.head.workspace
        summary.messageCount = scan.head.messageCount
      }
      summaries.append(summary)
    }
    // In the order of their beginnings, so that parents come before what descends from them.
    let last = Timestamp(seconds: .max)
    return summaries.sorted {
      let (a, b) = ($0.created ?? last, $1.created ?? last)
      return a.isSameInstant(as: b) ? $0.id < $1.id : a < b
    }
  }

  private func file(of id: String) throws(FormatError) -> ClaudeFile {
    guard let file = files[id] else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: path),
        advice: "see the identifiers with `carryover list`")
    }
    return file
  }

  /// The scan of a session; made once as long as its file stays as it is.
  private func scan(of id: String) throws(FormatError) -> ClaudeScan {
    let file = try file(of: id)
    guard let status = (try? FileStatus(path: file.path)) ?? nil else {
      return try ClaudeScan(file, options: options)
    }
    if let last = lastScan.withLock({ $0 }), last.id == id, last.status == status {
      return last.scan
    }
    let scan = try ClaudeScan(file, options: options)
    lastScan.withLock { $0 = (id, status, scan) }
    return scan
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try ClaudeReader(try file(of: id), scan: try scan(of: id), options: options)
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    try scan(of: id).index.fingerprint
  }

  /// The fingerprint of a session file without our own records.
  static func fingerprint(path: String, options: ReadOptions) throws(FormatError) -> Fingerprint {
    var fingerprint = Fingerprint()
    do throws(FileError) {
      var lines = try LineReader(path: path, maximumLineLength: options.maximumRecordLength)
      while try lines.advance(passingOver: { _ in }) {
        lines.withLine(keepingLineFeed: true) { line in
          fingerprint.update(claudeLine: line) {
            ClaudeLine.decode(
              lines.copyLine(keepingLineFeed: true), maximumDepth: options.maximumDepth)
          }
        }
      }
    } catch {
      throw FormatError(reading: error)
    }
    return fingerprint
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    let path = try file(of: id).path
    guard options.mayLeaveOut(ofFile: path) else { return LeftOutRecords() }
    return try scan(of: id).index.leftOut(of: path)
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try scan(of: id).carry
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let file = try file(of: id)
    return try ClaudeRules.findings(
      file, scan: try scan(of: id), isAlone: path == file.path, options: options)
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings + strayFindings }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try file(of: id)
    do throws(FileError) {
      // None is the usual answer: only old versions wrote them.
      return try layout.files(of: file, siblings: siblings[file.path] ?? [])
    } catch {
      throw FormatError(reading: error)
    }
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    do throws(FileError) {
      return projects.isEmpty ? [] : try layout.storeFiles(projects: projects)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: path)
  }
}
