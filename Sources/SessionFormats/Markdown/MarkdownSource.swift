internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A transcript or a folder of transcripts opened for reading.
final class MarkdownSource: SessionSource {
  private struct File {
    var path: String
    var head: SessionHead
    var size: UInt64
  }

  private let path: String
  private let options: ReadOptions
  private let files: [File]
  private let positions: [String: Int]
  let openingFindings: [Finding]
  /// Whether every file of the folder could be looked at.
  let isWhole: Bool
  private let strayFindings: [Finding]
  private let scans = Mutex<[String: MarkdownScan]>([:])
  private let log = LeftOutLog()

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.path = path
    self.options = options
    var files: [File] = []
    var findings: [Finding] = []
    var store = StoreFiles()
    do throws(FileError) {
      if try StoreFiles.status(of: path).kind == .directory {
        for entry in try listDirectory(path) where entry.name.hasSuffix(MarkdownName.suffix) {
          let file = path + "/" + entry.name
          guard store.isFile(entry, at: file) else { continue }
          do throws(FileError) {
            if try Markdown.isTranscript(file) { files.append(try Self.file(file)) }
          } catch {
            store.noteUnreadable(file, error)
          }
        }
        _ = store.hasFile(at: path + "/" + StoreCarry.fileName)
      } else {
        files.append(try Self.file(path))
      }
    } catch {
      throw FormatError(reading: error)
    }
    var names = DistinctNames()
    for index in files.indices {
      let stated = files[index].head.id
      let id = names.next(stated)
      guard id != stated else { continue }
      files[index].head.id = id
      findings.append(
        Finding(
          rule: "markdown.session-id-unique", severity: .error,
          place: .file(path: files[index].path),
          message: "a second file has the session identifier \(stated); it is opened as \(id)",
          isSalvaged: true))
    }
    files.sort { $0.head.id < $1.head.id }
    self.files = files
    positions = Dictionary(
      files.enumerated().map { ($1.head.id, $0) }, uniquingKeysWith: { first, _ in first })
    isWhole = store.unreadable == nil
    openingFindings = store.findings
    strayFindings = findings
  }

  private static func file(_ path: String) throws(FileError) -> File {
    let file = try RandomAccessFile(path: path)
    let front = FrontMatter(try file.read(at: 0, count: MarkdownScan.longestFrontMatter))
    return File(
      path: path, head: front.head(fallbackID: MarkdownName.identifier(ofFile: path)),
      size: file.size)
  }

  func list() throws(FormatError) -> [ListedSession] {
    files.map { ListedSession(id: $0.head.id, files: [$0.path]) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    files.filter { wanted?.contains($0.head.id) ?? true }.map { file in
      SessionSummary(
        id: file.head.id, path: file.path, title: file.head.title, created: file.head.created,
        updated: file.head.updated, workspace: file.head.workspace,
        messageCount: file.head.messageCount, byteCount: file.size,
        isArchived: file.head.archived ?? false)
    }
  }

  private func scan(_ id: String) throws(FormatError) -> MarkdownScan {
    if let known = scans.withLock({ $0[id] }) { return known }
    guard let file = positions[id].map({ files[$0] }) else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: path),
        advice: "see the identifiers with `carryover list`")
    }
    let scan = try MarkdownScan(path: file.path, options: options)
    scans.withLock { $0[id] = scan }
    return scan
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try MarkdownReader(scan: try scan(id), options: options)
  }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try scan(id).path
    let folder = MarkdownMedia.folder(of: file)
    var files = [SessionFile(atRoot: file)]
    do throws(FileError) {
      for hash in try MarkdownMedia.hashes(in: file) {
        let place = MarkdownMedia.relativePath(hash)
        guard try FileStatus(path: folder + "/" + place)?.kind == .file else { continue }
        files.append(SessionFile(path: folder + "/" + place, relativePath: place))
      }
    } catch {
      throw FormatError(reading: error)
    }
    return files
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    let index = path + "/" + MarkdownName.index
    do throws(FileError) {
      guard try FileStatus(path: index)?.kind == .file, Markdown.isIndex(index) else { return [] }
      return [StoreFile(SessionFile(atRoot: index), merging: .records)]
    } catch {
      throw FormatError(reading: error)
    }
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let reader = try reader(for: id)
    while try reader.next() != nil {}
    return reader.findings
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    if let known = log[id] { return known }
    let scan = try scan(id)
    guard options.mayLeaveOut(ofFile: scan.path) else { return LeftOutRecords() }
    let reader = try MarkdownReader(scan: scan, options: options)
    while try reader.next() != nil {}
    log[id] = reader.leftOut
    return reader.leftOut
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings + strayFindings }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    let scan = try scan(id)
    return try MarkdownCarry.cursor(path: scan.path, lines: scan.carryLines, options: options)?
      .header
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: path)
  }
}
