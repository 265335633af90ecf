internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Restores sessions of a bundle into a private folder, and tells what does not come back.
struct RestoreDrill: Sendable {
  private let series: BundleSeries
  /// The states of sessions that may hold files of others.
  private let catalogue: [BundleEntry.Identity: BundleEntry]
  private let formats: [any SessionFormat]
  /// Whether what was written is read again and compared, and not only what was unpacked.
  private let comparesAgain: Bool

  init(
    of series: BundleSeries, catalogue: [BundleEntry], formats: [any SessionFormat],
    comparesAgain: Bool = false
  ) {
    self.series = series
    self.catalogue = Dictionary(catalogue.map { ($0.identity, $0) }) { first, _ in first }
    self.formats = formats
    self.comparesAgain = comparesAgain
  }

  /// How much is unpacked at a time.
  private static let portionSize: UInt64 = 64 << 20

  /// Sessions in portions that are restored together; each is of one store.
  static func portions(of entries: [BundleEntry]) -> [[BundleEntry]] {
    var portions: [[BundleEntry]] = []
    var size: UInt64 = 0
    for entry in entries.sorted(by: { ($0.tool, $0.store) < ($1.tool, $1.store) }) {
      if let last = portions.last?.last, last.tool == entry.tool, last.store == entry.store,
        entry.bytes <= portionSize - min(size, portionSize)
      {
        portions[portions.count - 1].append(entry)
        size += entry.bytes
      } else {
        portions.append([entry])
        size = entry.bytes
      }
    }
    return portions
  }

  /// What speaks against restoring sessions, by their folders in the bag.
  func problems(of entries: [BundleEntry], jobs: Int, _ interruption: Interruption)
    async throws(FormatError) -> [String: String]
  {
    let results = await inOrder(Self.portions(of: entries), jobs: jobs) {
      (portion) -> Result<[String: String], FormatError> in
      do throws(FormatError) {
        try interruption.check()
        let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
        return .success(try restore(portion, in: folder.path))
      } catch {
        return .failure(error)
      }
    }
    var problems: [String: String] = [:]
    for result in results { problems.merge(try result.get()) { first, _ in first } }
    return problems
  }

  /// Restores sessions of one store.
  ///
  /// - Parameter body: Called with what was restored.
  /// - Returns: What speaks against restoring some of them, by their folders in the bag.
  func restore(
    _ entries: [BundleEntry], in folder: String,
    _ body: (StagedStore) throws(FormatError) -> Void = { _ in }
  ) throws(FormatError) -> [String: String] {
    guard let tool = entries.first?.tool, let format = formats.first(where: { $0.info.id == tool })
    else { return [:] }
    var staged: [StagedSession] = []
    for (bundle, needed) in series.grouped(withHolders(entries)) {
      var unpacking = SessionUnpacking(into: "\(folder)/raw-\(staged.count)", readsParts: true)
      staged += try unpacking.unpack(needed, of: bundle)
    }
    let record = staged.first { $0.entry.kind == .store }
    let sessions = staged.filter { $0.entry.kind == .session }
    var problems: [String: String] = [:]
    let paths = Dictionary(entries.map { ($0.sourceID, $0.path) }) { first, _ in first }
    let rows = sessions.filter { $0.note.how == "rows" }
    let files = sessions.filter { $0.note.how != "rows" }
    for (number, part) in [files, rows].enumerated() where number == 0 || !part.isEmpty {
      do throws(FormatError) {
        let store = try StagedStore(
          part, record: number == 0 ? record : nil, format: format, formats: formats,
          folder: "\(folder)/store-\(number)")
        for (id, reason) in store.failures {
          guard let path = paths[id] else { continue }
          if store.superseded.contains(id), entries.count > 1 {
            let alone = entries.filter { $0.path == path }
            let found = try restore(alone, in: "\(folder)/alone-\(problems.count)", body)
            problems.merge(found) { first, _ in first }
          } else {
            problems[path] = reason
          }
        }
        if let record, let finding = store.findings.first {
          problems[record.entry.path] = finding.message
        }
        for session in store.sessions {
          if let problem = try difference(of: session, in: store) {
            problems[session.entry.path] = problem
          }
        }
        try body(store)
      } catch  where error.code != .interrupted {
        for session in part { problems[session.entry.path] = error.description }
      }
    }
    // Those that only came along are proven by themselves.
    let wanted = Set(entries.map(\.path))
    return problems.filter { wanted.contains($0.key) }
  }

  private func withHolders(_ entries: [BundleEntry]) -> [BundleEntry] {
    var all = entries
    var wanted = entries.flatMap { entry in entry.holders.map { (entry, $0) } }
    var known = Set(entries.map(\.identity))
    while let (entry, id) = wanted.popLast() {
      var identity = entry.identity
      identity.id = id
      guard known.insert(identity).inserted,
        let holder = catalogue[identity]
      else { continue }
      all.append(holder)
      wanted += holder.holders.map { (holder, $0) }
    }
    return all
  }

  /// How a restored session differs from what the bundle says of it.
  private func difference(
    of session: StagedSession, in store: StagedStore
  ) throws(FormatError) -> String? {
    guard store.isOfFiles else { return nil }
    for file in session.note.files {
      let path = store.path + "/" + file.relativePath
      let status = try reading { () throws(FileError) in try FileStatus(path: path) }
      guard let status, let placed = store.placed[ExactPath(file.relativePath)] else {
        return "\(file.relativePath) is not restored"
      }
      if comparesAgain, try BackupRun.digest(of: path) != placed.digest {
        return "\(file.relativePath) comes back with other content"
      }
      // When and how a file of another session was changed is proven with that one.
      guard file.holder == nil else { continue }
      if let modified = file.modified, status.modified != modified {
        return "\(file.relativePath) comes back with another modification time"
      }
      if let mode = file.mode, status.permissions != mode & 0o777 {
        return "\(file.relativePath) comes back with other permissions"
      }
    }
    return nil
  }
}
