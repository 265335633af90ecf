internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// The program's folder, a folder of sessions or one rollout, opened for reading.
final class CodexSource: SessionSource {
  let path: String
  private let options: ReadOptions
  private let home: String?
  private let names: CodexNames
  /// The files by the identifier to open them with, in order.
  private let files: [(id: String, file: CodexFile)]
  private let index: [String: CodexFile]
  private let isFolder: Bool
  let openingFindings: [Finding]
  private let last = Mutex<Scanned?>(nil)
  private let log = LeftOutLog()

  /// A file looked at, which is needed again when it is compared.
  private struct Scanned: Sendable {
    var id: String
    var status: FileStatus
    var content: CodexContentFile
    var scan: CodexScan
  }

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.path = path
    self.options = options
    do throws(FileError) {
      isFolder = try StoreFiles.status(of: path).kind == .directory
      let found: [CodexFile]
      var names = CodexNames()
      var store = StoreFiles()
      var findings: [Finding] = []
      if isFolder {
        home = CodexFiles.home(of: path)
        found = try CodexFiles.list(path, &store)
      } else {
        home = Self.home(ofFile: path)
        found = [Self.single(path, home: home)]
      }
      (files, index) = Self.identified(found)
      if let home {
        let file = home + "/" + CodexNames.fileName
        if store.hasFile(at: file) {
          do throws(FileError) {
            names = try CodexNames(path: file)
          } catch {
            // The sessions are there without it.
            findings.append(
              Finding(
                rule: "codex.names-readable", severity: .error, place: .file(path: file),
                message: "the names of threads cannot be read, so they are left out: \(error)"))
          }
        }
        if isFolder { _ = store.hasFile(at: home + "/" + StoreCarry.fileName) }
      }
      self.names = names
      openingFindings = store.findings + findings
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// Opens one file of a store without its names, for what its lines alone say.
  init(alone file: CodexFile, options: ReadOptions) {
    path = file.path
    self.options = options
    home = nil
    isFolder = false
    names = CodexNames()
    openingFindings = []
    (files, index) = Self.identified([file])
  }

  /// The identifiers to open sessions with, in order.
  var ids: [String] { files.map(\.id) }

  /// The program's folder that a rollout lies in.
  private static func home(ofFile path: String) -> String? {
    for folder in CodexFiles.folders {
      if let range = path.lastRange(of: "/" + folder + "/") { return String(path[..<range]) }
    }
    return nil
  }

  private static func single(_ path: String, home: String?) -> CodexFile {
    let fileName = path.split(separator: "/").last.map(String.init) ?? path
    let relative = home.map { String(path.dropFirst($0.count + 1)) } ?? fileName
    return CodexFile(
      path: path, relativePath: relative, name: CodexFileName(fileName),
      isArchived: relative.hasPrefix("archived_sessions/"))
  }

  /// Of two files of one thread the newer has the thread's identifier, as it does for the program.
  private static func identified(_ found: [CodexFile])
    -> (files: [(id: String, file: CodexFile)], index: [String: CodexFile])
  {
    var newest: [String: CodexFile] = [:]
    for file in found {
      guard let name = file.name else { continue }
      if let other = newest[name.id]?.name, other.time >= name.time { continue }
      newest[name.id] = file
    }
    var files: [(id: String, file: CodexFile)] = []
    var index: [String: CodexFile] = [:]
    for file in found {
      var id = file.name?.id ?? Self.threadID(in: file.path) ?? Self.stem(file.path)
      if let name = file.name, newest[name.id] != file { id = name.stem }
      while index[id] != nil { id += "-copy" }
      files.append((id, file))
      index[id] = file
    }
    // As the names say: in the order in which the sessions began.
    files.sort { a, b in
      let (first, second) = (a.file.name?.time ?? "", b.file.name?.time ?? "")
      return first == second
        ? a.id.utf8.lexicographicallyPrecedes(b.id.utf8)
        : first.utf8.lexicographicallyPrecedes(second.utf8)
    }
    return (files, index)
  }

  private static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    return name.hasSuffix(".jsonl") ? String(name.dropLast(6)) : String(name)
  }

  /// The thread identifier in the first record of a file named by hand.
  private static func threadID(in path: String) -> String? {
    guard !path.hasSuffix(".zst"),
      var lines = try? LineReader(path: path, maximumLineLength: 64 << 20)
    else { return nil }
    for _ in 0..<20 {
      // The reader of the session meets the same failure and reports it.
      guard let line = (try? lines.next(passingOver: { _ in })) ?? nil else { return nil }
      if case .meta(let meta) = CodexLine.decode(line.bytes, maximumDepth: 512).kind {
        return meta["id"]?.string?.string
      }
    }
    return nil
  }

  func list() throws(FormatError) -> [ListedSession] {
    let names = home.map { [$0 + "/" + CodexNames.fileName] } ?? []
    // A thread that was taken back to an earlier turn goes on in a file of its own.
    let ofThread = Dictionary(grouping: files.filter { $0.file.name != nil }) { $0.file.name?.id }
    return files.map { id, file in
      let others = ofThread[file.name?.id]?.map(\.file.path).filter { $0 != file.path } ?? []
      return ListedSession(id: id, files: [file.path] + others + names)
    }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    var summaries: [SessionSummary] = []
    for (id, file) in files where wanted?.contains(id) ?? true {
      let size = FileStatus.guess(file.path)?.size ?? 0
      var summary = SessionSummary(
        id: id, path: file.path, byteCount: size, isArchived: file.isArchived)
      // Why it cannot be read is told when it is opened.
      if file.name?.isDocument != true, let scanned = try? scanned(id) {
        let head = scanned.scan.head
        summary.title = head.title
        summary.created = head.created
        summary.updated = head.updated
        summary.workspace = head.workspace
        summary.messageCount = scanned.scan.messageCount
      } else {
        summary.title = names[id]
      }
      summaries.append(summary)
    }
    return summaries
  }

  private func file(of id: String) throws(FormatError) -> CodexFile {
    guard let file = index[id] ?? index[id.lowercased()] else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: path),
        advice: "see the identifiers with `carryover list`")
    }
    return file
  }

  private func scanned(_ id: String) throws(FormatError) -> Scanned {
    let file = try file(of: id)
    let status: FileStatus?
    do throws(FileError) {
      status = try FileStatus(path: file.path)
    } catch {
      throw FormatError(reading: error)
    }
    guard let status else {
      throw FormatError(.notFound, "the file is gone", at: .file(path: file.path))
    }
    if let last = last.withLock({ $0 }), last.id == id, last.status == status { return last }
    let content = try CodexContentFile.open(file.path)
    var scan = try CodexScan(path: content.path, id: id, options: options)
    let isOwn = home != nil || isFolder
    var relative = file.relativePath
    if relative.hasSuffix(".zst") { relative.removeLast(4) }
    let thread = scan.threadID ?? id
    scan.setNames(
      title: names[thread] ?? names[id], isArchived: file.isArchived,
      path: isOwn && file.name != nil ? relative : nil)
    let scanned = Scanned(id: id, status: status, content: content, scan: scan)
    last.withLock { $0 = scanned }
    return scanned
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    try reader(for: id, depth: Self.depth)
  }

  /// How many earlier files are followed; forks of forks are rare.
  private static let depth = 16

  /// - Parameter depth: How many earlier files are followed yet.
  private func reader(for id: String, depth: Int) throws(FormatError) -> any SessionReader {
    let file = try file(of: id)
    if file.name?.isDocument == true {
      return try CodexDocumentReader(
        path: file.path, id: id, relativePath: home == nil ? nil : file.relativePath,
        options: options)
    }
    let scanned = try scanned(id)
    let leftOut = try leftOut(of: id, depth: depth)
    if depth == Self.depth { log[id] = leftOut }
    let reader = try CodexReader(
      path: file.path, content: scanned.content, scan: scanned.scan,
      prefix: try prefix(of: scanned.scan, file: file, depth: depth), leftOut: leftOut,
      options: options)
    if let base = scanned.scan.base, !reader.hasPrefix { reader.noteMissing(base.thread) }
    return reader
  }

  /// The earlier part of a thread in another file of the store.
  private func prefix(of scan: CodexScan, file: CodexFile, depth: Int) throws(FormatError)
    -> CodexPrefix?
  {
    guard depth > 0, let (earlier, end) = earlier(than: scan, file: file) else { return nil }
    return CodexPrefix(reader: try reader(for: earlier, depth: depth - 1), end: end)
  }

  /// The session in whose file a thread begins, and how many bytes of it belong to the thread.
  private func earlier(than scan: CodexScan, file: CodexFile) -> (id: String, end: UInt64)? {
    guard let base = scan.base else { return nil }
    let candidates = files.filter {
      $0.file != file && $0.file.name?.id == base.thread.lowercased()
        && ($0.file.name?.time ?? "") <= (file.name?.time ?? "")
    }
    return candidates.max { ($0.file.name?.time ?? "") < ($1.file.name?.time ?? "") }
      .map { ($0.id, base.end) }
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    if let known = log[id] { return known }
    return try leftOut(of: id, depth: Self.depth)
  }

  /// - Parameter depth: As for reading.
  private func leftOut(of id: String, depth: Int) throws(FormatError) -> LeftOutRecords {
    let file = try file(of: id)
    guard file.name?.isDocument != true else { return LeftOutRecords() }
    let scan = try scanned(id).scan
    var leftOut = scan.leftOut(of: file.path)
    if depth > 0, let (earlier, end) = earlier(than: scan, file: file) {
      leftOut.add(
        try self.leftOut(of: earlier, depth: depth - 1).filter {
          if case .line(_, _, let byte) = $0 { byte < end } else { true }
        })
    }
    return leftOut
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    let file = try file(of: id)
    guard file.name?.isDocument == true else { return try scanned(id).scan.fingerprint }
    do throws(FileError) {
      return try FileIO.fingerprint(ofFile: file.path)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    guard try file(of: id).name?.isDocument != true else { return nil }
    let scanned = try scanned(id)
    return try CodexCarry.cursor(
      path: scanned.content.path, named: try file(of: id).path, lines: scanned.scan.carryLines,
      longest: options.maximumCarryLength)?.header
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let reader = try reader(for: id)
    var rules = CodexRules(file: try file(of: id), id: id)
    while let entry = try reader.next() { rules.observe(entry) }
    return reader.findings + rules.finish()
  }

  /// The file, the other files of its thread where the program goes on with this one, and what lies
  /// compressed beside them.
  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try file(of: id)
    let others =
      id == file.name?.id
      ? files.map(\.file).filter { $0 != file && $0.name?.id == file.name?.id } : []
    var all: [SessionFile] = []
    do throws(FileError) {
      for file in [file] + others {
        // Of a folder that is no program's, the place is told from the folder itself.
        let place =
          home != nil || !isFolder
          ? file.relativePath
          : String(
            file.path[file.path.utf8.index(file.path.startIndex, offsetBy: path.utf8.count + 1)...])
        all.append(SessionFile(path: file.path, relativePath: place))
        if try FileStatus(path: file.path + ".zst")?.kind == .file {
          all.append(SessionFile(path: file.path + ".zst", relativePath: place + ".zst"))
        }
      }
    } catch {
      throw FormatError(reading: error)
    }
    return all
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    guard isFolder, let home else { return [] }
    do throws(FileError) {
      var files: [StoreFile] = []
      let known: [(String, StoreFile.Merging)] = [
        (CodexNames.fileName, .records), ("history.jsonl", .lines),
      ]
      for (name, merging) in known {
        guard try FileStatus(path: home + "/" + name)?.kind == .file else { continue }
        files.append(StoreFile(SessionFile(atRoot: home + "/" + name), merging: merging))
      }
      return files
    } catch {
      throw FormatError(reading: error)
    }
  }

  func storeRecords() throws(FormatError) -> StoreRecords {
    guard isFolder, let home else { return StoreRecords() }
    do throws(FileError) {
      return StoreRecords([try readFile(home + "/" + CodexNames.fileName)], of: Codex())
    } catch {
      if error.code == .notFound { return StoreRecords() }
      throw FormatError(reading: error)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    guard isFolder, let home else { return nil }
    return try StoreCarry.read(folder: home)
  }

  func storeFindings() throws(FormatError) -> [Finding] {
    openingFindings
      + files.compactMap { id, file in
        guard let name = file.name, name.id != id, !name.isRevert else { return nil }
        return Finding(
          rule: "codex.thread-once", severity: .warning, place: .file(path: file.path),
          message: "a newer file has the same thread; Codex opens that one", isSalvaged: true)
      }
  }
}

extension String {
  /// Where a text last starts.
  fileprivate func lastRange(of text: String) -> String.Index? {
    let bytes = Array(utf8)
    let needle = Array(text.utf8)
    guard needle.count <= bytes.count else { return nil }
    for start in stride(from: bytes.count - needle.count, through: 0, by: -1)
    where bytes[start..<(start + needle.count)].elementsEqual(needle) {
      return utf8.index(utf8.startIndex, offsetBy: start)
    }
    return nil
  }
}
