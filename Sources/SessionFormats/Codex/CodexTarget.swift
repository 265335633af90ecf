internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// The program's folder, or one rollout, being written to: each session appears by rename.
final class CodexTarget: SessionTarget {
  private let path: String
  private let options: WriteOptions
  /// The program's folder; nil when the location is one file.
  private let home: String?
  private let isNew: Bool
  private let state = Mutex(State())

  private struct State {
    /// The files that the folder held when it was opened, and those published since, by thread.
    var files: [String: CodexFile] = [:]
    var published: [CodexThread] = []
    /// Where sessions would have gone that did not come.
    var unused: [String] = []
    var restoredNames: [UInt8]?
    var storeCarry: [UInt8]?
  }

  var profile: String { "" }
  var allowsParallelWriters: Bool { home != nil }
  /// Whether names of threads have a place.
  var keepsNames: Bool { home != nil }

  init(path: String, options: WriteOptions) throws(FormatError) {
    self.path = path
    self.options = options
    do throws(FileError) {
      let status = try FileStatus(path: path)
      isNew = status == nil
      if !Self.isOneFile(path, status) {
        if let status, status.kind != .directory {
          throw FileError(.exists, path: path, operation: "opening the program's folder")
        }
        home = CodexFiles.home(of: path) ?? path
      } else {
        home = nil
      }
    } catch {
      throw FormatError(writing: error)
    }
    // Now, because an older file of a thread that this run writes is not what its newer one replaces.
    if let home, !isNew {
      let files = try Self.files(in: home)
      state.withLock { $0.files = files }
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
    guard let home, let file = try? file(of: thread) else { return nil }
    // The program does not resume what is archived.
    let verb = file.isArchived ? "unarchive" : "resume"
    return ResumeCommand(
      ["codex", verb, thread], variable: "CODEX_HOME", home: home,
      usual: Codex().info.defaultLocation())
  }

  // MARK: What exists

  private static func files(in home: String) throws(FormatError) -> [String: CodexFile] {
    var files: [String: CodexFile] = [:]
    // Writing is refused where something else than a file stands.
    var store = StoreFiles()
    do throws(FileError) {
      var hasFolder = false
      for folder in CodexFiles.folders where try FileStatus(path: home + "/" + folder) != nil {
        hasFolder = true
      }
      guard hasFolder else { return [:] }
      for file in try CodexFiles.list(home, &store) {
        guard let name = file.name else { continue }
        files[name.stem] = file
        if let other = files[name.id]?.name, other.time >= name.time { continue }
        files[name.id] = file
      }
      if let error = store.unreadable { throw error }
    } catch {
      throw FormatError(reading: error)
    }
    return files
  }

  private func file(of id: String) throws(FormatError) -> CodexFile? {
    guard home != nil else {
      guard !isNew else { return nil }
      return CodexFile(path: path, relativePath: path, name: nil, isArchived: false)
    }
    let file = state.withLock { $0.files[CodexID.thread(id)] ?? $0.files[id] }
    guard let file, try FileStatus(existingAt: file.path) != nil else { return nil }
    return file
  }

  /// The file that a session with a head replaces: of a thread with several the one with its name.
  private func file(of id: String, for head: SessionHead) throws(FormatError) -> CodexFile? {
    let file = try file(of: id)
    guard let present = file?.name, let stated = statedPath(of: head, id: id)?.name,
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
    let source = CodexSource(alone: file, options: .unlimited)
    guard let id = source.ids.first else { return nil }
    return try ExistingSession(id, in: source, files: [file.path], file: status)
  }

  // MARK: Writing

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    let relative = try relativePath(for: head, id: id)
    let file = home.map { $0 + "/" + relative } ?? path
    // The program unpacks a compressed file beside it; nothing may stand there then.
    let isCompressed = try self.file(of: id, for: head).map { $0.path == file + ".zst" } ?? false
    do throws(FileError) {
      if home != nil, let slash = file.utf8.lastIndex(of: UInt8(ascii: "/")) {
        try createDirectory(String(file[..<slash]), permissions: 0o700, intermediates: true)
      }
      let expected = AtomicOutput.Expectation(isCompressed ? nil : existing?.file)
      return CodexWriter(
        target: self, head: head, id: id, relativePath: relative,
        output: try AtomicOutput(replacing: file, expecting: expected),
        compressed: isCompressed ? existing?.file : nil, options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Where a session goes: where it is, where it was, or where its beginning says.
  private func relativePath(for head: SessionHead, id: String) throws(FormatError) -> String {
    guard home != nil else { return path }
    if let file = try file(of: id, for: head) {
      return file.name?.isCompressed == true
        ? String(file.relativePath.dropLast(4)) : file.relativePath
    }
    if let stated = statedPath(of: head, id: id) { return stated.path }
    return CodexFileName.path(
      id: CodexID.thread(id), created: head.created ?? head.updated ?? Timestamp(seconds: 0),
      isArchived: head.archived ?? false)
  }

  /// The path that a head states, when the session can be written there.
  private func statedPath(
    of head: SessionHead, id: String
  ) -> (path: String, name: CodexFileName)? {
    guard let path = head.extras.codexText(CodexExtra.path),
      let name = path.split(separator: "/").last.flatMap({ CodexFileName($0) }),
      name.id == CodexID.thread(id) || name.stem == id,
      CodexFileName.isSafe(path: path, id: name.id)
    else { return nil }
    return (path, name)
  }

  /// Notes a session that has just appeared.
  func noteSession(
    id: String, relativePath: String, title: String?, preview: String?, head: SessionHead
  ) {
    guard let home else { return }
    let thread = CodexThread(
      id: CodexID.thread(id), path: home + "/" + relativePath, title: title, preview: preview,
      head: head)
    state.withLock {
      $0.published.append(thread)
      $0.files[thread.id] = CodexFile(
        path: thread.path, relativePath: relativePath,
        name: relativePath.split(separator: "/").last.flatMap { CodexFileName($0) },
        isArchived: relativePath.hasPrefix("archived_"))
    }
  }

  /// Notes that a session does not come; other sessions may still need its day folder.
  func noteUnused(_ relativePath: String) {
    state.withLock { $0.unused.append(relativePath) }
  }

  /// Removes the day folders that were made for files that did not come.
  private func removeEmptyFolders(_ home: String) {
    for path in state.withLock({ $0.unused }) {
      var parts = path.split(separator: "/").dropLast()
      while !parts.isEmpty {
        let folder = home + "/" + parts.joined(separator: "/")
        guard discardEmptyDirectory(folder) else { break }
        parts.removeLast()
      }
    }
    if isNew { discardEmptyDirectory(home) }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, home != nil else { return }
    state.withLock {
      $0.storeCarry = records.isEmpty ? nil : StoreCarry.bytes(records, of: format)
    }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {
    guard let first = records.first else { return }
    state.withLock { $0.restoredNames = first }
  }

  func publish() throws(FormatError) {
    guard let home else { return }
    removeEmptyFolders(home)
    let state = state.withLock { $0 }
    do throws(FileError) {
      guard try FileStatus(path: home) != nil else { return }
      if let carry = state.storeCarry {
        try replace(home + "/" + StoreCarry.fileName, with: carry)
      }
      try publishNames(home, state.published, restored: state.restoredNames)
    } catch {
      throw FormatError(writing: error)
    }
    CodexThreadIndex(home: home)?.add(state.published)
  }

  /// Appends the names that the file does not have yet, as the program itself does.
  private func publishNames(
    _ home: String, _ threads: [CodexThread], restored: [UInt8]?
  ) throws(FileError) {
    let file = home + "/" + CodexNames.fileName
    let present: [UInt8]? = try FileStatus(path: file) == nil ? nil : try readFile(file)
    var names = CodexNames(lines: present ?? [])
    var lines: [UInt8] = []
    if let restored {
      // A new store gets the file as it was; another one the names of threads that have none there.
      lines = present == nil ? restored : Self.lines(of: restored, missingIn: names)
      names = CodexNames(lines: (present ?? []) + lines)
    }
    for thread in threads {
      guard let title = thread.givenTitle, names[thread.id] != title else { continue }
      let updated = thread.head.updated ?? thread.head.created ?? Timestamp(seconds: 0)
      if let last = lines.last, last != UInt8(ascii: "\n") { lines.append(UInt8(ascii: "\n")) }
      lines += CodexNames.line(id: thread.id, name: title, updated: CodexTime.utc(updated))
    }
    guard !lines.isEmpty else { return }
    try appendToFile(file, lines, durable: options.isDurable)
  }

  /// The lines for threads that have no name.
  private static func lines(of restored: [UInt8], missingIn known: CodexNames) -> [UInt8] {
    var lines: [UInt8] = []
    for line in restored.split(separator: UInt8(ascii: "\n")) {
      // A line that is no name of a thread names nothing.
      guard let document = JSONDocument(ifValid: Array(line)),
        let id = document.root["id"]?.string?.string, known[id] == nil
      else { continue }
      lines += line + [UInt8(ascii: "\n")]
    }
    return lines
  }

  private func replace(_ file: String, with bytes: [UInt8]) throws(FileError) {
    var output = try AtomicOutput(replacing: file)
    try output.write(bytes)
    try output.commit(durable: options.isDurable)
  }

  func discard() {
    let (published, home) = (state.withLock { $0.published }, home)
    guard let home, published.isEmpty else {
      // What is already in place stays; its names are only a convenience.
      // The failure that led here is the one to report.
      try? publish()
      return
    }
    removeEmptyFolders(home)
  }
}

/// A thread that was written.
struct CodexThread: Sendable {
  var id: String
  /// The rollout's absolute or given path.
  var path: String
  var title: String?
  /// The first prompt.
  var preview: String?
  var head: SessionHead

  /// The title when it is not just the first prompt, which lists show anyway.
  var givenTitle: String? {
    guard let title, CodexNames.isName(title), title != preview.map({ CodexHead.title(from: $0) })
    else {
      return nil
    }
    return title
  }
}
