internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// The program's folder, or one rollout, being written to: each session appears by rename.
final class CodexTarget: SessionTarget, FileStore {
  private let path: String
  private let options: WriteOptions
  /// The program's folder; nil when the location is one file.
  private let home: String?
  private let isNew: Bool
  /// The provider that the program is set to; nil where it is not set.
  private let provider: String?
  private let state = Mutex(State())

  private struct State {
    /// The names of threads when the folder was opened.
    var titles: [String: String] = [:]
    /// The files that the folder held when it was opened, and those published since, by thread and by
    /// the stems of their names.
    var files: [String: CodexFile] = [:]
    var published: [CodexThread] = []
    /// Where sessions would have gone that did not come.
    var unused: [String] = []
    var restoredNames: [UInt8]?
    var storeCarry: [UInt8]?

    /// Of two files of one thread the newer counts.
    mutating func add(_ file: CodexFile) {
      guard let name = file.name else { return }
      files[name.stem] = file
      if let other = files[name.id], other.time >= file.time { return }
      files[name.id] = file
    }
  }

  var profile: String { "" }
  var allowsParallelWriters: Bool { home != nil }
  var indexesTitles: Bool { home != nil }

  init(path: String, options: WriteOptions) throws(FormatError) {
    self.path = path
    self.options = options
    if let home = CodexFile.home(above: path) {
      throw FormatError(
        .notWritable, "this is a folder of one year, month or day of Codex's sessions",
        at: .file(path: path), advice: "name \(home) as the destination")
    }
    do throws(FileError) {
      let status = try FileStatus(path: path)
      isNew = status == nil
      home = Self.isOneFile(path, status) ? nil : CodexFile.home(of: path) ?? path
      provider = (home ?? CodexFile.home(ofFile: path)).flatMap(CodexConfig.modelProvider)
      if home != nil, let status, status.kind != .directory {
        throw FileError(.exists, path: path, operation: "opening the program's folder")
      }
    } catch {
      throw FormatError(writing: error)
    }
    // Now, because an older file of a thread that this run writes is not what its newer one replaces.
    if let home, !isNew { try findFiles(in: home) }
  }

  private func findFiles(in home: String) throws(FormatError) {
    // Writing is refused where something else than a file stands.
    var store = StoreFiles()
    do throws(FileError) {
      for folder in CodexFile.folders where try FileStatus(path: home + "/" + folder) != nil {
        let files = try CodexFile.list(home, &store)
        if let error = store.unreadable { throw error }
        let names = home + "/" + CodexNames.fileName
        let titles = try FileStatus(path: names) == nil ? [:] : CodexNames(path: names).names
        return state.withLock { state in
          for file in files { state.add(file) }
          state.titles = titles
        }
      }
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// Whether a location is one rollout, not the program's folder.
  static func isOneFile(_ path: String, _ status: FileStatus?) -> Bool {
    status?.kind != .directory && path.hasSuffix(".jsonl")
  }

  func identifier(for head: SessionHead) -> String { CodexID.thread(head.id) }

  func resumeCommand(for id: String) -> ResumeCommand? {
    let thread = CodexID.thread(id)
    // It was just written; where it cannot be looked at, there is no command to suggest.
    guard let home, let file = (try? file(of: thread)) ?? nil else { return nil }
    // The program does not resume what is archived.
    let verb = file.relativePath.hasPrefix("archived_sessions/") ? "unarchive" : "resume"
    return ResumeCommand(
      ["codex", verb, thread], variable: "CODEX_HOME", home: home,
      usual: Codex().info.defaultLocation())
  }

  // MARK: What exists

  private func file(of id: String) throws(FormatError) -> CodexFile? {
    guard home != nil else {
      return isNew
        ? nil
        : CodexFile(
          path: path, relativePath: path.split(separator: "/").last.map(String.init) ?? path,
          name: nil)
    }
    let file = state.withLock { $0.files[CodexID.thread(id)] ?? $0.files[id] }
    guard let file, try FileStatus(existingAt: file.path) != nil else { return nil }
    return file
  }

  /// The file that a session with a head replaces: of a thread with several the one with its name.
  private func file(of id: String, for head: SessionHead) throws(FormatError) -> CodexFile? {
    let file = try file(of: id)
    guard let present = file?.name,
      let stated = statedPath(of: head, id: id).flatMap({ CodexFileName(ofPath: $0) }),
      stated.stem != present.stem
    else { return file }
    return try self.file(of: stated.stem)
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    try existing(try file(of: id))
  }

  func existing(_ id: String, for head: SessionHead) throws(FormatError) -> ExistingSession? {
    try existing(try file(of: id, for: head))
  }

  private func existing(_ file: CodexFile?) throws(FormatError) -> ExistingSession? {
    guard let file, let status = try FileStatus(existingAt: file.path) else { return nil }
    var session = file.session
    session.titles = state.withLock { $0.titles }
    return try ExistingSession(
      session.id, in: FileSource(Codex(), file: session, options: .unlimited),
      files: [file.path], file: status)
  }

  // MARK: Writing

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    let present = try file(of: id, for: head)
    let relative = try relativePath(for: head, id: id, present)
    var session = LocatedSession(
      id: id, path: home.map { $0 + "/" + relative } ?? path, relativePath: relative)
    if let name = CodexFileName(ofPath: relative), name.id != CodexID.thread(id) {
      session.id = name.stem
    }
    // The program unpacks a compressed file beside it; nothing may stand there then.
    let isCompressed = present.map { $0.path == session.path + ".zst" } ?? false
    let compressed = isCompressed ? existing?.file : nil
    do throws(FileError) {
      if let folder = LocatedSession.folder(of: session.path), home != nil {
        try createDirectory(folder, permissions: 0o700, intermediates: true)
      }
      let expected = AtomicOutput.Expectation(isCompressed ? nil : existing?.file)
      var head = head
      if let provider { head.extras.addCodex(CodexExtra.targetProvider, text: provider) }
      return FileWriter(
        Codex(), CodexEncoder.self, store: self, file: session, head: head,
        output: try AtomicOutput(replacing: session.path, expecting: expected),
        replacing: compressed.map { (session.path + ".zst", $0) }, options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Where a session goes: where it is, where it was, or where its beginning says.
  private func relativePath(
    for head: SessionHead, id: String, _ present: CodexFile?
  ) throws(FormatError) -> String {
    if let present { return present.session.relativePath }
    guard home != nil else { return path.split(separator: "/").last.map(String.init) ?? path }
    return statedPath(of: head, id: id)
      ?? CodexFileName.path(
        id: CodexID.thread(id), created: head.created ?? head.updated ?? Timestamp(seconds: 0),
        isArchived: head.archived ?? false)
  }

  /// The path that a head states, when the session can be written there.
  private func statedPath(of head: SessionHead, id: String) -> String? {
    guard let path = head.extras.text(CodexExtra.path, of: Codex.id),
      CodexFileName.isSafe(path: path),
      let name = CodexFileName(ofPath: path), name.id == CodexID.thread(id) || name.stem == id
    else { return nil }
    return path
  }

  func noteSession(_ file: LocatedSession, _ head: SessionHead, written: SessionHead) {
    guard home != nil, let name = CodexFileName(ofPath: file.relativePath) else { return }
    let thread = CodexThread(id: name.id, path: file.path, title: head.title, head: written)
    state.withLock {
      $0.published.append(thread)
      $0.files[thread.id] = CodexFile(
        path: file.path, relativePath: file.relativePath, name: name)
    }
  }

  /// Other sessions may still need the folders, so that they are removed at the end.
  func removeEmptyFolders(above path: String) { state.withLock { $0.unused.append(path) } }

  private func removeUnused(_ home: String) {
    for path in state.withLock({ $0.unused }) {
      discardEmptyDirectories(above: path, below: home)
    }
    if isNew { discardEmptyDirectory(home) }
  }

  // MARK: Store

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, home != nil, !records.isEmpty else { return }
    let bytes = StoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {
    guard let first = records.first else { return }
    state.withLock { $0.restoredNames = first }
  }

  func publish() throws(FormatError) {
    guard let home else { return }
    removeUnused(home)
    let state = state.withLock { $0 }
    do throws(FileError) {
      guard try FileStatus(path: home) != nil else { return }
    } catch {
      throw FormatError(writing: error)
    }
    if let carry = state.storeCarry {
      try StoreCarry.write(carry, in: home, durable: options.isDurable)
    }
    do throws(FileError) {
      try publishNames(home + "/" + CodexNames.fileName, state.published, state.restoredNames)
    } catch {
      throw FormatError(writing: error)
    }
    CodexThreadIndex(home: home)?.add(state.published)
  }

  /// Appends the names that the file does not have yet, as the program itself does.
  ///
  /// - Parameter restored: The file as it was elsewhere: a new store gets all of it, another one the
  ///   names of threads that have none there.
  private func publishNames(
    _ file: String, _ threads: [CodexThread], _ restored: [UInt8]?
  ) throws(FileError) {
    let present: [UInt8]? = try FileStatus(path: file) == nil ? nil : try readFile(file)
    var names = CodexNames(lines: present ?? [])
    var lines: [UInt8] = []
    if let restored {
      lines = present == nil ? restored : names.missing(of: restored)
      names = CodexNames(lines: (present ?? []) + lines)
    }
    for thread in threads {
      guard let title = thread.givenTitle, names[thread.id] != title else { continue }
      let updated = thread.head.updated ?? thread.head.created ?? Timestamp(seconds: 0)
      if let last = lines.last, last != UInt8(ascii: "\n") { lines.append(UInt8(ascii: "\n")) }
      lines += CodexNames.line(id: thread.id, name: title, updated: updated.codex)
    }
    guard !lines.isEmpty else { return }
    try appendToFile(file, lines, durable: options.isDurable)
  }

  func discard() {
    let published = state.withLock { $0.published }
    guard let home, published.isEmpty else {
      // What is already in place stays; its names are only a convenience.
      // The failure that led here is the one to report.
      try? publish()
      return
    }
    removeUnused(home)
  }
}
