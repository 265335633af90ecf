internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A sessions folder being written to: each session appears by rename, the index follows at the end.
final class GGCodeTarget: SessionTarget {
  let layout: GGCodeLayout
  private let path: String
  private let options: WriteOptions
  private let isNew: Bool
  private let state = Mutex(State())

  private struct State {
    var published: [GGCodeIndex.Entry] = []
    var carriedIndex: GGCodeIndex?
    var storeCarry: [UInt8]?
  }

  var profile: String { layout.profile }
  var allowsParallelWriters: Bool { true }

  init(path: String, options: WriteOptions) throws(FormatError) {
    guard let layout = GGCodeLayout(profile: options.profile ?? "1.3.75") else {
      throw FormatError(
        .unsupportedVersion, "ggcode has no profile \(options.profile ?? "")",
        advice: "use 1.3.75 or 1.3.216")
    }
    self.layout = layout
    self.path = path
    self.options = options
    do throws(FileError) {
      let status = try FileStatus(path: path)
      if let status, status.kind != .directory {
        throw FileError(.exists, path: path, operation: "opening the sessions folder")
      }
      isNew = status == nil
    } catch {
      throw FormatError(writing: error)
    }
  }

  func identifier(for head: SessionHead) -> String { GGCodeName.identifier(for: head.id) }

  private func file(of id: String) -> LocatedSession {
    LocatedSession(id: id, path: path + "/" + id + ".jsonl", relativePath: id + ".jsonl")
  }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    let file = file(of: id).path
    guard let status = try FileStatus(existingAt: file) else { return nil }
    let source = try GGCodeSource(path: file, options: .unlimited)
    return try ExistingSession(id, in: source, files: [file], file: status)
  }

  func writer(
    for head: SessionHead, id: String, replacing existing: ExistingSession?
  ) throws(FormatError) -> any SessionWriter {
    // Sessions that come back keep their names, also those that only older releases reach.
    guard GGCodeName.isFileName(id) else {
      throw FormatError(
        .notExpressible, "\"\(id)\" cannot be part of a file name",
        advice: "identifiers are letters, digits, - and _")
    }
    let file = file(of: id)
    do throws(FileError) {
      if isNew { try createDirectory(path, permissions: 0o700, intermediates: true) }
      let layout = existing == nil ? layout : self.layout(of: file)
      return GGCodeWriter(
        target: self, head: head, file: file,
        output: try AtomicOutput(
          replacing: file.path, expecting: AtomicOutput.Expectation(existing?.file)),
        lockPath: isNew ? nil : path + "/" + id + ".lock", layout: layout, options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// The layout to update a file in: the one that was asked for, else the one that it has.
  private func layout(of file: LocatedSession) -> GGCodeLayout {
    guard options.profile == nil,
      // What cannot be read has no layout to keep.
      let scanned = try? GGCodeSource(file: file).scanned(file.id)
    else { return layout }
    return scanned.decoder.layout
  }

  /// Notes a session that has just appeared.
  func noteSession(_ head: SessionHead, layout: GGCodeLayout) {
    state.withLock { $0.published.append(GGCodeIndex.Entry(head: head, layout: layout)) }
  }

  func carryStoreRecords(_ records: [[UInt8]], of format: String) throws(FormatError) {
    guard options.carries else { return }
    state.withLock {
      $0.storeCarry = records.isEmpty ? nil : StoreCarry.bytes(records, of: format)
    }
  }

  func restoreStoreRecords(_ records: [[UInt8]]) throws(FormatError) {
    guard let first = records.first else { return }
    state.withLock { $0.carriedIndex = GGCodeIndex(bytes: first) }
  }

  func publish() throws(FormatError) {
    guard try FileStatus(existingAt: path) != nil else { return }
    if let carry = state.withLock({ $0.storeCarry }) {
      try StoreCarry.write(carry, in: path, durable: options.isDurable)
    }
    do throws(FileError) {
      try publishIndex()
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func publishIndex() throws(FileError) {
    guard try mergedIndex() != nil else { return }
    // Nobody else uses a folder that is new.
    let lock = isNew ? nil : try FileLock(path: path + "/index.json.flock", blocking: true)
    if let index = try mergedIndex() {
      var output = try AtomicOutput(replacing: path + "/index.json")
      try output.write(index)
      try output.commit(durable: options.isDurable)
    }
    _ = consume lock
  }

  /// The index with all sessions; nil when it needs no change.
  ///
  /// Entries of it that have no file stay: the tool drops them itself, when it tidies up.
  private func mergedIndex() throws(FileError) -> [UInt8]? {
    let (published, carried) = state.withLock { ($0.published, $0.carriedIndex) }
    guard !published.isEmpty || carried != nil else { return nil }
    var index = GGCodeIndex(path: path + "/index.json")
    let before = index.exists && index.isReadable ? index.json : nil
    var files: Set<String> = []
    for entry in try listDirectory(path) where entry.kind != .directory {
      if let id = GGCode.sessionID(fileName: entry.name) { files.insert(id) }
    }
    var fresh = Dictionary(published.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    // A returned session gets the entry that its own tool had for it.
    for entry in carried?.entries ?? [] where files.contains(entry.id) {
      if let computed = fresh.removeValue(forKey: entry.id)
        ?? self.entry(of: entry.id, notIn: index)
      {
        let isSame = computed.updated == entry.updated && computed.title == entry.title
        index.update(isSame ? entry : computed)
      }
    }
    for entry in published where fresh[entry.id] != nil { index.update(entry) }
    for id in files.sorted() {
      if let entry = self.entry(of: id, notIn: index) { index.update(entry) }
    }
    let after = index.json
    return after == before ? nil : after
  }

  /// The entry of a session file that the index does not list, as the tool would add it.
  private func entry(of id: String, notIn index: GGCodeIndex) -> GGCodeIndex.Entry? {
    guard index.entry(id) == nil,
      // What cannot be read has no entry.
      let scanned = try? GGCodeSource(file: file(of: id)).scanned(id)
    else { return nil }
    return GGCodeIndex.Entry(head: scanned.head, layout: scanned.decoder.layout)
  }

  func discard() {
    let hasPublished = state.withLock { !$0.published.isEmpty }
    if hasPublished {
      // What is already in place stays; the index must know it. A failure here leaves an index
      // that the tool repairs by itself.
      try? publishIndex()
    } else if isNew {
      discardEmptyDirectory(path)
    }
  }
}
