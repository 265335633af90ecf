internal import FileIO
internal import JSONText
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

  func file(of id: String) -> String { path + "/" + id + ".jsonl" }

  func existing(_ id: String) throws(FormatError) -> ExistingSession? {
    let file = file(of: id)
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
    do throws(FileError) {
      if isNew { try createDirectory(path, permissions: 0o700, intermediates: true) }
      return GGCodeWriter(
        target: self, head: head, id: id,
        output: try AtomicOutput(
          replacing: file(of: id), expecting: AtomicOutput.Expectation(existing?.file)),
        lockPath: isNew ? nil : path + "/" + id + ".lock", options: options)
    } catch {
      throw FormatError(writing: error)
    }
  }

  /// Notes a session that has just appeared.
  func noteSession(_ head: SessionHead, messageCount: Int) {
    state.withLock {
      $0.published.append(GGCodeIndex.Entry(head: head, messageCount: messageCount, layout: layout))
    }
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
    do throws(FileError) {
      guard try FileStatus(path: path) != nil else { return }
      if let carry = state.withLock({ $0.storeCarry }) {
        try replace(StoreCarry.fileName, with: carry)
      }
      try publishIndex()
      if options.isDurable { try synchronize(path) }
    } catch {
      throw FormatError(writing: error)
    }
  }

  private func publishIndex() throws(FileError) {
    guard !isNew else { return try writeIndex() }
    guard try mergedIndex() != nil else { return }
    let lock = try FileLock(path: path + "/index.json.flock", blocking: true)
    try writeIndex()
    _ = consume lock
  }

  private func writeIndex() throws(FileError) {
    if let index = try mergedIndex() { try replace("index.json", with: index) }
  }

  /// The index with all sessions; nil when it needs no change.
  private func mergedIndex() throws(FileError) -> [UInt8]? {
    let (published, carried) = state.withLock { ($0.published, $0.carriedIndex) }
    guard !published.isEmpty || carried != nil else { return nil }
    var index = GGCodeIndex(path: path + "/index.json")
    let before = index.exists && index.isReadable ? index.json : nil
    var files: Set<String> = []
    for entry in try listDirectory(path) where entry.kind != .directory {
      if let id = GGCode.sessionID(fileName: entry.name) { files.insert(id) }
    }
    index.reserveCapacity(files.count)
    var fresh: [String: Int] = [:]
    fresh.reserveCapacity(published.count)
    for (position, entry) in published.enumerated() { fresh[entry.id] = position }
    // A returned session gets the entry that its own tool had for it.
    for entry in carried?.entries ?? [] where files.contains(entry.id) {
      let position = fresh.removeValue(forKey: entry.id)
      if let computed = position.map({ published[$0] }) ?? self.entry(of: entry.id, notIn: index) {
        let isSame = computed.updated == entry.updated && computed.title == entry.title
        index.update(isSame ? entry : computed)
      }
    }
    for entry in published where fresh[entry.id] != nil { index.update(entry) }
    for id in files.sorted() where index.entry(id) == nil {
      if let entry = self.entry(of: id, notIn: index) { index.update(entry) }
    }
    index.keep { files.contains($0.id) }
    let after = index.json
    return after == before ? nil : after
  }

  /// The entry of a session file that the index does not list, as the tool would add it.
  private func entry(of id: String, notIn index: GGCodeIndex) -> GGCodeIndex.Entry? {
    guard index.entry(id) == nil,
      let scan = try? GGCodeScan(path: file(of: id), id: id, options: .unlimited)
    else { return nil }
    return GGCodeIndex.Entry(
      head: scan.head, messageCount: scan.messageCount, layout: layout)
  }

  private func replace(_ name: String, with bytes: [UInt8]) throws(FileError) {
    var output = try AtomicOutput(replacing: path + "/" + name)
    try output.write(bytes)
    try output.commit(durable: options.isDurable)
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

/// Which names can be session identifiers.
package enum GGCodeName {
  /// What current releases accept: `[A-Za-z0-9_-]{1,128}`, not starting with `-`.
  package static func isSafe(_ id: String) -> Bool {
    (1...128).contains(id.utf8.count) && !id.hasPrefix("-") && id.utf8.allSatisfy(isLegal)
  }

  /// Whether a file can be named by the identifier and stays in the folder.
  static func isFileName(_ id: String) -> Bool {
    id.utf8.count <= 180 && id.utf8.allSatisfy { $0 != UInt8(ascii: "/") && $0 >= 0x20 }
  }

  private static func isLegal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// The identifier itself when it is legal, else a legal one derived from it.
  static func identifier(for id: String) -> String { isSafe(id) ? id : DerivedName.name(for: id) }
}
