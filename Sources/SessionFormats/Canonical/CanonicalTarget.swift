internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A canonical file or folder being written to.
///
/// A location is a folder when it exists as one or when its name does not end as files of the format do;
/// else it is a file, which keeps sessions it already holds.
final class CanonicalTarget: SessionTarget {
  private let path: String
  private let options: WriteOptions
  private let isFolder: Bool
  private let isNew: Bool
  /// What a single file holds already.
  private let present: (source: CanonicalSource, status: FileStatus)?
  /// The single file; nil for a folder.
  private let shared: SharedFile?
  private let state = Mutex(State())

  private struct State {
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
      isFolder =
        status.map { $0.kind == .directory }
        ?? !Canonical().info.endings.contains { path.hasSuffix($0) }
    } catch {
      throw FormatError(writing: error)
    }
    shared = isFolder ? nil : SharedFile(path: path, isDurable: options.isDurable)
    if !isFolder, let status = try FileStatus(existingAt: path) {
      present = (try Self.sessions(in: path), status)
    } else {
      present = nil
    }
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

  func file(of id: String) -> String {
    isFolder ? path + "/" + CanonicalName.fileName(for: id) : path
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    if let (source, status) = present {
      return source.holds(id)
        ? try ExistingSession(id, in: source, files: [path], file: status) : nil
    }
    let file = file(of: id)
    guard isFolder, let status = try FileStatus(existingAt: file) else { return nil }
    let source = try CanonicalSource(path: file, options: .unlimited)
    guard let id = try source.sessions().first?.id else {
      throw FormatError(
        .notExpressible, "the file holds something other than a session",
        at: .file(path: file), advice: "move it away and run again")
    }
    return try ExistingSession(id, in: source, files: [file], file: status)
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    do throws(FileError) {
      if isFolder, isNew { try createDirectory(path, permissions: 0o700, intermediates: true) }
      return CanonicalWriter(
        target: self, existing: existing, head: head, id: id,
        output: try AtomicOutput(
          replacing: file(of: id),
          expecting: isFolder ? AtomicOutput.Expectation(existing?.file) : .anything),
        options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Takes over a finished session: renamed in a folder, kept staged for a single file.
  func take(
    _ output: consuming AtomicOutput, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) {
    if let shared { return try shared.take(output, id: id, replacing: existing) }
    do throws(FileError) {
      try output.commit(durable: options.isDurable, synchronizesFolder: false)
    } catch {
      throw FormatError(writing: error)
    }
    state.withLock { $0.hasPublished = true }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, isFolder, !records.isEmpty else { return }
    let bytes = StoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    if let shared {
      return try shared.publish { [path] () throws(FormatError) in
        let source = try Self.sessions(in: path)
        return source.segments.map { segment in
          SharedFile.Held(id: segment.key, ranges: [segment.start..<segment.end]) {
            () throws(FormatError) in try source.fingerprint(of: segment.key)
          }
        }
      }
    }
    do throws(FileError) {
      guard try FileStatus(path: path) != nil else { return }
      if options.isDurable { try synchronize(path) }
      guard let carry = state.withLock({ $0.storeCarry }) else { return }
      var output = try AtomicOutput(replacing: path + "/" + StoreCarry.fileName)
      try output.write(carry)
      try output.commit(durable: options.isDurable)
    } catch {
      throw FormatError(writing: error)
    }
  }

  func discard() {
    shared?.discard()
    let hasPublished = state.withLock { $0.hasPublished }
    if isFolder, isNew, !hasPublished { discardEmptyDirectory(path) }
  }
}

/// Names of canonical files.
enum CanonicalName {
  /// The file of a session: its identifier when that is a safe name, else a name derived from it.
  static func fileName(for id: String) -> String {
    let isSafe = SafeName.isSafeFileName(id) && id.utf8.count <= 100
    return (isSafe ? id : DerivedName.name(for: id)) + Canonical.suffix
  }
}
