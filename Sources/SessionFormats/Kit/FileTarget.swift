internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// The folder of a tool, or one session file, being written to: each session appears by rename.
final class FileTarget<Format: RestorableFileFormat>: SessionTarget, FileStore {
  private let format: Format
  private let path: String
  private let options: WriteOptions
  /// The tool's folder; nil when the location is one file.
  private let home: String?
  private let isNew: Bool
  private let state: Mutex<State>
  /// Held while folders are made or removed.
  private let folders = Mutex(())

  private struct State {
    /// The session files that the folder held when it was opened, and those published since.
    var files: [String: LocatedSession] = [:]
    /// The same by their places below the tool's folder.
    var places: [ExactPath: LocatedSession] = [:]
    var workspaces: [String: String] = [:]
    var hasPublished = false
    var storeCarry: [UInt8]?
  }

  var profile: String { "" }
  var allowsParallelWriters: Bool { home != nil }

  init(_ format: Format, path: String, options: WriteOptions) throws(FormatError) {
    self.format = format
    self.path = path
    self.options = options
    let status: FileStatus?
    do throws(FileError) {
      status = try FileStatus(path: path)
    } catch {
      throw FormatError(writing: error)
    }
    isNew = status == nil
    home = format.holdsOneSession(at: path) ? nil : format.layout.root(of: path)
    if home != nil, let status, status.kind != .directory {
      throw FormatError(
        writing: FileError(.exists, path: path, operation: "opening the folder"))
    }
    var state = State()
    if status != nil {
      // Once in a run, and before it writes anything.
      let source = try FileSource(format, path: path, options: .unlimited)
      for file in source.catalogue.files {
        state.files[home == nil ? "" : file.id] = file
        state.places[ExactPath(file.relativePath)] = file
      }
    }
    self.state = Mutex(state)
  }

  func identifier(for head: SessionHead) -> String { format.identifier(for: head) }

  func resumeCommand(for id: String) -> ResumeCommand? {
    home.flatMap {
      format.resumeCommand(
        for: id, home: $0, workspace: state.withLock { $0.workspaces[id] })
    }
  }

  private func file(_ id: String) -> LocatedSession? {
    state.withLock { $0.files[home == nil ? "" : id] }
  }

  /// The file that a session with a head replaces: where it was, else the one with its identifier.
  private func file(_ id: String, _ head: SessionHead) -> LocatedSession? {
    guard home != nil, let stated = statedPath(id, head), let there = file(at: stated),
      there.id == id || there.stem == id
    else { return file(id) }
    return there
  }

  /// The session file that stands at a place.
  private func file(at place: String) -> LocatedSession? {
    state.withLock { $0.places[ExactPath(place)] }
  }

  /// A place for a session that is not here yet: where it was, or the usual one, unless another
  /// session stands there.
  private func freePath(_ id: String, _ head: SessionHead) -> String {
    let usual = format.path(of: id, head)
    for place in [statedPath(id, head), usual] {
      if let place, file(at: place) == nil { return place }
    }
    let ending = usual.split(separator: ".").last.map { "." + $0 } ?? ""
    let mark = "-" + ContentHash(Array(id.utf8)[...]).hex
    guard format.layout.isDescribed(usual), let folder = LocatedSession.folder(of: usual) else {
      return usual.dropLast(ending.count) + mark + ending
    }
    return folder + mark + usual.dropFirst(folder.count)
  }

  private func statedPath(_ id: String, _ head: SessionHead) -> String? {
    FilePlace.path(
      in: head, id: id, of: Format.id, format.layout, otherwise: format.path(of: id, head))
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    try existing(file(id))
  }

  func existing(_ id: String, for head: SessionHead) throws(FormatError) -> ExistingSession? {
    try existing(file(id, head))
  }

  private func existing(_ file: LocatedSession?) throws(FormatError) -> ExistingSession? {
    guard let file, let status = try FileStatus(existingAt: file.path) else {
      return nil
    }
    return try ExistingSession(
      file.id, in: FileSource(format, file: file, options: .unlimited), files: file.files,
      file: status)
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    var file = file(id, head)
    if file == nil {
      let relative = home == nil ? path : freePath(id, head)
      file = LocatedSession(
        id: id, path: home.map { $0 + "/" + relative } ?? path, relativePath: relative)
    }
    guard let file else { throw FormatError(.notExpressible, "session \(id) has no place here") }
    do throws(FileError) {
      // Nobody removes the folder between these steps: the staged file then keeps it.
      let output = try folders.withLock { _ throws(FileError) in
        if let folder = LocatedSession.folder(of: file.path), home != nil {
          try createDirectory(folder, permissions: 0o700, intermediates: true)
        }
        return try AtomicOutput(
          replacing: file.path, expecting: AtomicOutput.Expectation(existing?.file))
      }
      return FileWriter(
        format, Format.Encoder.self, store: self, file: file, head: head, output: output,
        options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  var indexesTitles: Bool { false }

  func noteSession(_ file: LocatedSession, _ head: SessionHead, written: SessionHead) {
    state.withLock {
      $0.hasPublished = true
      $0.files[home == nil ? "" : file.id] = file
      $0.places[ExactPath(file.relativePath)] = file
      $0.workspaces[file.id] = head.workspace
    }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, home != nil, !records.isEmpty else { return }
    let bytes = StoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    let state = state.withLock { $0 }
    guard let home, state.hasPublished || !isNew, let carry = state.storeCarry else { return }
    try StoreCarry.write(carry, in: home, durable: options.isDurable)
  }

  func removeEmptyFolders(above path: String) {
    guard let home else { return }
    folders.withLock { _ in
      discardEmptyDirectories(above: path, below: home)
      if isNew { discardEmptyDirectory(home) }
    }
  }

  func discard() {}
}
