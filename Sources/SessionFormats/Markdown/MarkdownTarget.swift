internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A transcript or a folder of transcripts being written to.
///
/// A location is a folder when it exists as one or when its name has no extension. A file holds one
/// session.
final class MarkdownTarget: SessionTarget {
  private let path: String
  private let options: WriteOptions
  private let isFolder: Bool
  private let isNew: Bool
  private let media: MarkdownMediaFolder
  private let state = Mutex(State())

  private struct State {
    var writers = 0
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
      isFolder = Self.isFolder(path, status)
    } catch {
      throw FormatError(writing: error)
    }
    media = MarkdownMediaFolder(
      path: isFolder ? path : MarkdownMedia.folder(of: path), isDurable: options.isDurable)
  }

  static func isFolder(_ path: String, _ status: FileStatus?) -> Bool {
    status.map { $0.kind == .directory } ?? !Markdown().info.endings.contains { path.hasSuffix($0) }
  }

  func identifier(for head: SessionHead) -> String { head.id }

  func file(of id: String) -> String {
    isFolder ? path + "/" + MarkdownName.fileName(for: id) : path
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    let file = file(of: id)
    guard let status = try FileStatus(existingAt: file) else { return nil }
    guard try isTranscript(file) else {
      throw FormatError(
        .notExpressible, "\(file) exists and is not a transcript",
        advice: "choose another destination")
    }
    let source = try MarkdownSource(path: file, options: .unlimited)
    guard let present = try source.list().first?.id else { return nil }
    return try ExistingSession(present, in: source, files: [file], file: status)
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    let isFree = state.withLock { state in
      state.writers += 1
      return isFolder || state.writers == 1
    }
    guard isFree else {
      throw FormatError(
        .notExpressible, "a Markdown file holds one session", at: .file(path: path),
        advice: "name a folder as the destination, or one session with --session")
    }
    do throws(FileError) {
      if isFolder, isNew { try createDirectory(path, permissions: 0o700, intermediates: true) }
      return MarkdownWriter(
        target: self, head: head, id: id,
        output: try AtomicOutput(
          replacing: file(of: id), expecting: AtomicOutput.Expectation(existing?.file)),
        media: options.isSelfContained ? nil : MarkdownMediaKeeper(folder: media),
        options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func isTranscript(_ file: String) throws(FormatError) -> Bool {
    do throws(FileError) {
      return try Markdown.isTranscript(file)
    } catch {
      throw FormatError(reading: error)
    }
  }

  /// Puts a finished session in its place.
  func take(_ lines: StagedLines) throws(FileError) {
    try lines.commit(durable: options.isDurable)
    state.withLock { $0.hasPublished = true }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries, isFolder, !records.isEmpty else { return }
    let bytes = StoreCarry.bytes(records, of: format)
    state.withLock { $0.storeCarry = bytes }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {}

  func publish() throws(FormatError) {
    guard isFolder else { return }
    do throws(FileError) {
      guard try FileStatus(path: path) != nil else { return }
      if let carry = state.withLock({ $0.storeCarry }) {
        try replace(StoreCarry.fileName, with: carry)
      }
    } catch {
      throw FormatError(writing: error)
    }
    try publishIndex()
  }

  private func publishIndex() throws(FormatError) {
    let file = path + "/" + MarkdownName.index
    let source = try MarkdownSource(path: path, options: .unlimited)
    // A page that lacks sessions which are there would be worse than an old one.
    guard source.isWhole else { return }
    let index = MarkdownIndex.bytes(source.heads)
    do throws(FileError) {
      if try FileStatus(path: file) != nil {
        // A page of somebody else's stays.
        guard Markdown.isIndex(file), try readFile(file) != index else { return }
      }
      try replace(MarkdownName.index, with: index)
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func replace(_ name: String, with bytes: [UInt8]) throws(FileError) {
    var output = try AtomicOutput(replacing: path + "/" + name)
    try output.write(bytes)
    try output.commit(durable: options.isDurable)
  }

  func discard() {
    let hasPublished = state.withLock { $0.hasPublished }
    if hasPublished {
      // The failure that led here is the one to report.
      try? publishIndex()
    } else if isFolder, isNew {
      discardEmptyDirectory(path)
    }
  }
}
