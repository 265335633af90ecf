internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A canonical file or folder being written to.
///
/// A location is a folder when it exists as one or when its name has no extension; else it is a file,
/// which keeps sessions it already holds.
final class CanonicalTarget: SessionTarget {
  private let path: String
  private let options: WriteOptions
  private let isFolder: Bool
  private let isNew: Bool
  /// What a single file holds already.
  private let present: CanonicalSource?
  private let state = Mutex(State())

  /// A finished session whose file goes away when this does.
  private final class StagedFile: Sendable {
    let id: String
    let output: AtomicOutput

    init(id: String, output: consuming AtomicOutput) {
      self.id = id
      self.output = consume output
    }
  }

  private struct State {
    /// Sessions staged for a single file, in order.
    var staged: [StagedFile] = []
    var hasPublished = false
    var storeCarry: [UInt8]?
  }

  var profile: String { "" }
  var allowsParallelWriters: Bool { isFolder }

  init(path: String, options: WriteOptions) throws(FormatError) {
    self.path = path
    self.options = options
    do throws(FileError) {
      let status = try FileStatus(path: path)
      isNew = status == nil
      let name = path.split(separator: "/").last ?? ""
      isFolder = status.map { $0.kind == .directory } ?? !name.contains(".")
    } catch {
      throw FormatError(writing: error)
    }
    present = isFolder || isNew ? nil : try Self.sessions(in: path)
  }

  /// An existing file is added to only when everything in it belongs to a session.
  private static func sessions(in path: String) throws(FormatError) -> CanonicalSource {
    let isEmpty: Bool
    do throws(FileError) {
      isEmpty = try FileStatus(path: path)?.size == 0
    } catch {
      throw FormatError(writing: error)
    }
    if isEmpty || Canonical().recognizes(path) {
      return try CanonicalSource(path: path, options: .unlimited)
    }
    throw FormatError(
      .notWritable, "the file holds something other than sessions", at: .file(path: path),
      advice: "choose another name")
  }

  func identifier(for head: SessionHead) -> String { head.id }

  private func file(of id: String) -> String {
    isFolder ? path + "/" + CanonicalName.fileName(for: id) : path
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    if let present { return present.holds(id) ? try Self.existing(id, in: present) : nil }
    let file = file(of: id)
    guard isFolder, (try? FileStatus(path: file)) ?? nil != nil else { return nil }
    let source = try CanonicalSource(path: file, options: .unlimited)
    guard let id = try source.sessions().first?.id else {
      throw FormatError(
        .notExpressible, "the file holds something other than a session",
        at: .file(path: file), advice: "move it away and run again")
    }
    return try Self.existing(id, in: source)
  }

  private static func existing(
    _ id: String, in source: CanonicalSource
  ) throws(FormatError) -> ExistingSession {
    ExistingSession(carry: try source.carryHeader(of: id)) { () throws(FormatError) in
      try source.fingerprint(of: id)
    }
  }

  func writer(for head: SessionHead, id: String) throws(FormatError) -> any SessionWriter {
    do throws(FileError) {
      if isFolder, isNew { try createDirectory(path, permissions: 0o700, intermediates: true) }
      return CanonicalWriter(
        target: self, head: head, id: id, output: try AtomicOutput(replacing: file(of: id)),
        options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Takes over a finished session: renamed in a folder, kept staged for a single file.
  func take(_ output: consuming AtomicOutput, id: String) throws(FileError) {
    if isFolder {
      try output.commit(durable: options.isDurable, synchronizesFolder: false)
      state.withLock { $0.hasPublished = true }
      return
    }
    var output = output
    try output.flush()
    let staged = StagedFile(id: id, output: output)
    state.withLock { $0.staged.append(staged) }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, isFolder, !records.isEmpty else { return }
    let bytes = GGCodeStoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    do throws(FileError) {
      if isFolder {
        guard try FileStatus(path: path) != nil else { return }
        if options.isDurable { try synchronize(path) }
        guard let carry = state.withLock({ $0.storeCarry }) else { return }
        var output = try AtomicOutput(replacing: path + "/" + GGCodeStoreCarry.fileName)
        try output.write(carry)
        try output.commit(durable: options.isDurable)
        return
      }
      let staged = state.withLock { $0.staged }
      guard !staged.isEmpty else { return }
      var output = try AtomicOutput(replacing: path)
      if !isNew { try copyOthers(than: Set(staged.map(\.id)), to: &output) }
      for session in staged {
        try Self.append(session.output.temporaryPath, 0, .max, to: &output)
      }
      try output.commit(durable: options.isDurable)
      state.withLock { $0.staged = [] }
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Keeps the sessions that the file holds already and that were not written now.
  private func copyOthers(than ids: Set<String>, to output: inout AtomicOutput) throws(FileError) {
    guard let source = try? CanonicalSource(path: path, options: .unlimited) else {
      throw FileError(.exists, path: path, operation: "adding sessions to the file")
    }
    for segment in source.segments(notIn: ids) {
      try Self.append(segment.path, segment.start, segment.end, to: &output)
    }
  }

  private static func append(
    _ path: String, _ start: UInt64, _ end: UInt64, to output: inout AtomicOutput
  ) throws(FileError) {
    let file = try RandomAccessFile(path: path)
    var offset = start
    let end = min(end, file.size)
    while offset < end {
      let bytes = try file.read(at: offset, count: Int(min(1 << 20, end - offset)))
      guard !bytes.isEmpty else { break }
      try output.write(bytes)
      offset += UInt64(bytes.count)
    }
  }

  func discard() {
    state.withLock { $0.staged = [] }
    let hasPublished = state.withLock { $0.hasPublished }
    if isFolder, isNew, !hasPublished, let entries = try? listDirectory(path), entries.isEmpty {
      try? removeTree(path)
    }
  }
}

/// Names of canonical files.
enum CanonicalName {
  /// The file of a session: its identifier when that is a safe name, else a name derived from it.
  static func fileName(for id: String) -> String {
    let isSafe = SafeName.isSafeFileName(id) && id.utf8.count <= 100
    return (isSafe ? id : GGCodeName.identifier(for: id)) + Canonical.suffix
  }
}
