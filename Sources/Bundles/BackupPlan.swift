internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// What a backup takes, and where in the bag it goes.
struct BackupPlan: Sendable {
  struct Item: Sendable {
    var extract: SessionExtract
    /// Position of the source in the list.
    var source: Int
    /// The session; nil for what belongs to the store.
    var summary: SessionSummary?
    /// The session's files; nil for rows of a database, and for what belongs to the store.
    var files: [PlannedFile]?
    /// The entry as far as it is known, with the folder of the first revision.
    var entry: BundleEntry
    /// The latest state that the base holds.
    var known: BundleEntry?
    /// Whether its files are known again by size and time, so that nothing of it was read.
    var isSettled = false
    /// Position in the plan, for names of private files.
    var number: Int
  }

  private(set) var items: [Item] = []
  private(set) var failures: [BackupReport.Item] = []
  private(set) var sources: [any SessionSource] = []
  /// The files of sessions that are left out because they grant access, by source and path.
  private(set) var leftOut: [[ExactPath: String]] = []
  /// The latest states that the base holds.
  let known: [BundleEntry.Identity: BundleEntry]

  init(
    _ sources: [BackupSource], base: [BundleEntry], folder: TemporaryDirectory,
    options: ReadOptions
  ) throws(FormatError) {
    var used: Set<String> = []
    var first: [BundleEntry.Identity: BundleEntry] = [:]
    for entry in base {
      used.insert(BagPath.folded(entry.path))
      if let known = first[entry.identity], known.revision <= entry.revision { continue }
      first[entry.identity] = entry
    }
    var known: [BundleEntry.Identity: BundleEntry] = [:]
    for entry in BundleEntry.current(base) { known[entry.identity] = entry }
    self.known = known
    var seen: Set<BundleEntry.Identity> = []

    for (position, source) in sources.enumerated() {
      let tool = source.format.info.id
      let place = try Self.absolute(source.path)
      let stamp = SessionExtract.stamp(ofStore: place)
      let opened = try source.format.open(source.path, options: options)
      self.sources.append(opened)
      let extract = SessionExtract(
        source: opened, tool: tool, storePath: place,
        storeKey: BundleLayout.storeKey(tool: tool, path: place), folder: folder,
        storeStamp: stamp)
      var settled: [String: BundleEntry] = [:]
      func add(_ entry: BundleEntry, _ summary: SessionSummary?, _ files: [PlannedFile]?) {
        var entry = entry
        entry.store = extract.storeKey
        guard seen.insert(entry.identity).inserted else {
          // A location given twice is backed up once; a second session of the same name is not.
          if let summary, !sources[..<position].contains(where: { $0.path == source.path }) {
            failures.append(
              BackupReport.Item(
                tool: tool, id: summary.id, status: .failed,
                reason: "another session of the store has the same identifier"))
          }
          return
        }
        if let earlier = first[entry.identity] {
          entry.path = earlier.path
        } else {
          if used.contains(BagPath.folded(entry.path)) {
            entry.path +=
              "." + BundleLayout.digestStart("\(extract.storeKey)\u{0}\(entry.sourceID)", 8)
          }
          used.insert(BagPath.folded(entry.path))
        }
        items.append(
          Item(
            extract: extract, source: position, summary: summary, files: files, entry: entry,
            known: known[entry.identity], isSettled: settled[entry.sourceID] != nil,
            number: items.count))
      }
      let ids = try opened.list().map(\.id)
      // Of two sessions of one name nobody knows which is known.
      let isPlain = Set(ids).count == ids.count && known.values.contains { $0.stamp != nil }
      var selected: [SessionSummary] = []
      if !isPlain {
        selected = try SessionSelection(source.sessions).select(from: try opened.sessions())
      }
      var chosen =
        try isPlain
        ? SessionSelection(source.sessions).select(from: ids) { $0 } : selected.map(\.id)
      if !source.filter.isEmpty {
        let passed = try source.filter.select(chosen, of: opened)
        chosen.removeAll { !passed.contains($0) }
        selected.removeAll { !passed.contains($0.id) }
      }
      let files = try files(of: chosen, in: opened, tool: source.format.info)
      leftOut.append(files.leftOut)
      if isPlain {
        for id in chosen {
          let identity = BundleEntry.Identity(
            kind: .session, tool: tool, store: extract.storeKey, id: id)
          guard let entry = known[identity], let stamp = entry.stamp,
            try extract.stamp(of: files.planned[id]) == stamp
          else { continue }
          settled[id] = entry
        }
        let rest = Set(chosen).subtracting(settled.keys)
        if !rest.isEmpty { selected = try opened.sessions(rest).filter { rest.contains($0.id) } }
        selected += settled.values.map { SessionSummary(known: $0) }
      }
      for summary in selected {
        if let problem = files.problems[summary.id] {
          failures.append(
            BackupReport.Item(tool: tool, id: summary.id, status: .failed, reason: problem))
          continue
        }
        var entry = BundleEntry(path: BundleLayout.folder(tool: tool, summary), tool: tool)
        entry.sourceID = summary.id
        entry.title = summary.title
        entry.created = summary.created?.rfc3339
        entry.updated = summary.updated?.rfc3339
        entry.messages = summary.messageCount
        entry.workspace = summary.workspace
        add(entry, summary, files.planned[summary.id])
      }
      if source.isWhole {
        var entry = BundleEntry(
          path: "data/stores/\(tool)/\(extract.storeKey)", tool: tool)
        entry.kind = .store
        add(entry, nil, nil)
      }
    }
    // Items are large, their numbers are not.
    let order = items.indices.sorted {
      BagManifest.precedes(items[$0].entry.path, items[$1].entry.path)
    }
    items = order.map { items[$0] }
  }

  /// The files of sessions, those of them that grant access, and why those of some cannot be told.
  private func files(
    of sessions: [String], in source: any SessionSource, tool: FormatInfo
  ) throws(FormatError) -> (
    planned: [String: [PlannedFile]], leftOut: [ExactPath: String], problems: [String: String]
  ) {
    var found: [(id: String, files: [SessionFile])] = []
    var leftOut: [ExactPath: String] = [:]
    var problems: [String: String] = [:]
    for session in sessions {
      do throws(FormatError) {
        guard let files = try source.files(of: session) else { continue }
        let kept = tool.harmless(files)
        found.append((session, kept))
        guard kept.count < files.count else { continue }
        let places = Set(kept.map(\.relativePath))
        for file in files where !places.contains(file.relativePath) {
          leftOut[ExactPath(file.relativePath)] = file.name
        }
      } catch {
        problems[session] = error.description
      }
    }
    let planned = PlannedFile.plan(found)
    let byID = zip(found, planned).map { ($0.id, $1) }
    return (Dictionary(byID) { first, _ in first }, leftOut, problems)
  }

  /// A path from the root of the file system, by its text alone.
  static func absolute(_ path: String) throws(FormatError) -> String {
    var parts: [Substring] = []
    let whole = try reading { () throws(FileError) in
      path.hasPrefix("/") ? path : try currentDirectory() + "/" + path
    }
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}

extension SessionSummary {
  /// What a base knows of a session, whose files are as they were.
  fileprivate init(known entry: BundleEntry) {
    self.init(
      id: entry.sourceID, path: entry.path, title: entry.title,
      created: entry.created.flatMap { Timestamp(rfc3339: $0) },
      updated: entry.updated.flatMap { Timestamp(rfc3339: $0) }, workspace: entry.workspace,
      messageCount: entry.messages, byteCount: entry.bytes)
  }
}
