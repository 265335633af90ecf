internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// The program's folder, a folder of sessions or one rollout, opened for reading.
///
/// Each rollout is a file of the kit; what threads are, which may lie in several files, is told here.
final class CodexSource: SessionSource {
  private let path: String
  private let options: ReadOptions
  private let home: String?
  /// In the order in which the sessions began, as the names say.
  private let files: [CodexFile]
  private let index: [String: CodexFile]
  private let threads: [String: [CodexFile]]
  private let isFolder: Bool
  let openingFindings: [Finding]
  private let last = Mutex<FileSource<Codex>?>(nil)
  private let log = LeftOutLog()

  init(path: String, options: ReadOptions) throws(FormatError) {
    self.path = path
    self.options = options
    var store = StoreFiles()
    var findings: [Finding] = []
    do throws(FileError) {
      isFolder = try StoreFiles.status(of: path).kind == .directory
      home = isFolder ? CodexFile.home(of: path) : CodexFile.home(ofFile: path)
      var titles: [String: String] = [:]
      if let names = home.map({ $0 + "/" + CodexNames.fileName }), store.hasFile(at: names) {
        do throws(FileError) {
          titles = try CodexNames(path: names).names
        } catch {
          // The sessions are there without it.
          findings.append(
            Finding(
              rule: "codex.names-readable", severity: .error, place: .file(path: names),
              message: "the names of threads cannot be read, so they are left out: \(error)"))
        }
      }
      if isFolder {
        files = Self.identified(try CodexFile.list(path, titles: titles, &store))
        if let home { _ = store.hasFile(at: home + "/" + StoreCarry.fileName) }
      } else {
        files = [Self.file(path, home, titles)]
      }
    } catch {
      throw FormatError(reading: error)
    }
    index = Dictionary(files.map { ($0.session.id, $0) }, uniquingKeysWith: { first, _ in first })
    threads = Dictionary(grouping: files.filter { $0.name != nil }) { $0.name?.id ?? "" }
    openingFindings = store.findings + findings
  }

  /// A file that was named itself.
  private static func file(
    _ path: String, _ home: String?, _ titles: [String: String]
  ) -> CodexFile {
    let name = CodexFileName(ofPath: path)
    let below = name == nil ? nil : home.map { String(path.dropFirst($0.count + 1)) }
    var file = CodexFile(
      path: path, relativePath: below ?? path.split(separator: "/").last.map(String.init) ?? path,
      name: name, titles: titles)
    if name == nil, let id = Codex().firstObject(path).flatMap({ CodexDecoder.id(in: $0) }) {
      file.session.id = id
    }
    return file
  }

  /// Of two files of one thread the newer has the thread's identifier, as it does for the program.
  private static func identified(_ found: [CodexFile]) -> [CodexFile] {
    var newest: [String: CodexFile] = [:]
    for file in found {
      if let other = newest[file.session.id], other.time >= file.time { continue }
      newest[file.session.id] = file
    }
    var names = DistinctNames()
    let files = found.map { file in
      var file = file
      if let name = file.name, newest[name.id]?.path != file.path { file.session.id = name.stem }
      file.session.id = names.next(file.session.id)
      return file
    }
    return files.sorted { a, b in
      let (first, second) = a.time == b.time ? (a.session.id, b.session.id) : (a.time, b.time)
      return bytesPrecede(first, second)
    }
  }

  func list() throws(FormatError) -> [ListedSession] {
    let names = home.map { [$0 + "/" + CodexNames.fileName] } ?? []
    return files.map { file in
      // A thread that was taken back to an earlier turn goes on in a file of its own.
      ListedSession(
        id: file.session.id, files: [file.path] + others(of: file).map(\.path) + names)
    }
  }

  /// The other files of a thread.
  private func others(of file: CodexFile) -> [CodexFile] {
    threads[file.name?.id ?? ""]?.filter { $0.path != file.path } ?? []
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    var summaries: [SessionSummary] = []
    for file in files where wanted?.contains(file.session.id) ?? true {
      for var summary in try source(of: file).sessions(nil) {
        // What stands where a file cannot be read.
        summary.title = summary.title ?? file.session.titles[file.session.id]
        summary.isArchived = file.relativePath.hasPrefix("archived_sessions/")
        summaries.append(summary)
      }
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

  /// One file, which remembers what was found when it was looked at last.
  private func source(of file: CodexFile) -> FileSource<Codex> {
    last.withLock { last in
      if let last, last.catalogue.files == [file.session] { return last }
      let source = FileSource(Codex(), file: file.session, options: options)
      last = source
      return source
    }
  }

  // MARK: Threads

  /// How many earlier files are followed; forks of forks are rare.
  private static let depth = 16

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    let opened = try open(try file(of: id), depth: Self.depth)
    log[id] = opened.leftOut
    return opened.reader
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    if let known = log[id] { return known }
    return try open(try file(of: id), depth: Self.depth).leftOut
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let file = try file(of: id)
    let findings = try open(file, depth: Self.depth).reader.findings
    return try findings + source(of: file).scanned(file.session.id).decoder.rules.log.findings
  }

  /// Opens a thread, and gives what is left out of it.
  private func open(
    _ file: CodexFile, depth: Int
  ) throws(FormatError) -> (reader: any SessionReader, leftOut: LeftOutRecords) {
    let source = source(of: file)
    let own = try source.reader(for: file.session.id)
    let scanned = try source.scanned(file.session.id)
    guard let base = scanned.decoder.base else { return (own, scanned.leftOut) }
    guard depth > 0, let earlier = earlier(base.thread, than: file) else {
      let missing = Finding(
        rule: "codex.history-base", severity: .warning, place: .file(path: file.path),
        message: "the thread goes on from one in another file (\(base.thread)), which is not here; "
          + "Codex cannot resume it",
        isSalvaged: true)
      let reader = CodexThreadReader(own, after: nil, end: base.end, missing: [missing])
      return (reader, scanned.leftOut)
    }
    let beginning = try open(earlier, depth: depth - 1)
    var leftOut = scanned.leftOut
    leftOut.add(
      beginning.leftOut.filter {
        if case .line(_, _, let byte) = $0 { byte < base.end } else { true }
      })
    let reader = CodexThreadReader(own, after: beginning.reader, end: base.end, missing: [])
    return (reader, leftOut)
  }

  /// The file in which a thread begins.
  private func earlier(_ thread: String, than file: CodexFile) -> CodexFile? {
    files.last {
      $0.path != file.path && $0.name?.id == thread.lowercased() && $0.time <= file.time
    }
  }

  func storeFindings() throws(FormatError) -> [Finding] {
    openingFindings
      + files.compactMap { file in
        guard let name = file.name, name.id != file.session.id, !name.isRevert else { return nil }
        return Finding(
          rule: "codex.thread-once", severity: .warning, place: .file(path: file.path),
          message: "a newer file has the same thread; Codex opens that one", isSalvaged: true)
      }
  }

  // MARK: Files

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    let file = try file(of: id)
    return try source(of: file).fingerprint(of: file.session.id)
  }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    let file = try file(of: id)
    return try source(of: file).carryHeader(of: file.session.id)
  }

  /// The file, the other files of its thread where the program goes on with this one, and what lies
  /// compressed beside them.
  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try file(of: id)
    let others = file.session.id == file.name?.id ? others(of: file) : []
    var all: [SessionFile] = []
    do throws(FileError) {
      for file in [file] + others {
        // Of a folder that is no program's, the place is told from the folder itself.
        let place =
          home != nil || !isFolder
          ? file.relativePath : String(file.path.utf8.dropFirst(path.utf8.count + 1)) ?? file.path
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
    let known: [(String, StoreFile.Merging)] = [
      (CodexNames.fileName, .records), ("history.jsonl", .lines),
    ]
    var files: [StoreFile] = []
    do throws(FileError) {
      for (name, merging) in known
      where try FileStatus(path: home + "/" + name)?.kind == .file {
        files.append(StoreFile(SessionFile(atRoot: home + "/" + name), merging: merging))
      }
    } catch {
      throw FormatError(reading: error)
    }
    return files
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
}
