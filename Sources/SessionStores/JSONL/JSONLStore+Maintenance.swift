internal import FileIO
internal import SessionFormats
internal import SessionModel

/// What keeping the list in step with the files found.
public struct MaintenanceReport: Sendable, Hashable {
  /// Listed sessions whose file is gone; they are listed no more.
  public var forgotten: [String] = []
  /// Files that were not listed and now are.
  public var found: [String] = []
  /// Sessions that were removed because nobody wrote anything in them.
  public var removed: [String] = []
  /// Sessions that cannot be loaded, or show nothing that a person wrote but hold it; the tool's
  /// documented releases remove them.
  public var kept: [String] = []
}

extension JSONLStore {
  /// Brings the list in step with the files, then removes empty sessions.
  func maintain() -> MaintenanceReport {
    var report = MaintenanceReport()
    let ids = try? alone { state throws(StoreError) in
      let lock = try StoreLocks(self, "index.json")
      var index = readIndex(&state)
      report = try reconcile(&index, &state)
      lock.release()
      return index.entries.map(\.id)
    }
    for id in ids ?? [] {
      // What cannot be removed now is found again the next time.
      try? prune(id, &report)
    }
    _ = try? alone { state throws(StoreError) in
      state.isMaintaining = false
      state.lastMaintenance = options.now()
    }
    return report
  }

  /// Drops entries without a file and adds files without an entry; the caller holds the lock.
  func reconcile(
    _ index: inout GGCodeIndex, _ state: inout State
  ) throws(StoreError) -> MaintenanceReport {
    var report = MaintenanceReport()
    let files: [String]
    do throws(FileError) {
      files = try listDirectory(directory).filter { $0.kind != .directory }.compactMap {
        sessionIdentifier(fileName: $0.name)
      }
    } catch {
      throw StoreError(reading: error)
    }
    let present = Set(files)
    report.forgotten = index.entries.map(\.id).filter { !present.contains($0) }
    index.keep { present.contains($0.id) }
    let listed = Set(index.entries.map(\.id))
    for id in files where !listed.contains(id) {
      // As the tool: what cannot be loaded is kept and not listed.
      guard let session = try? load(id) else {
        report.kept.append(id)
        continue
      }
      if session.hasUserInteraction {
        index.update(session.indexEntry(profile: options.profile))
        report.found.append(id)
      } else if try removeIfEmpty(id) {
        report.removed.append(id)
      } else {
        report.kept.append(id)
      }
    }
    if !report.found.isEmpty || !report.forgotten.isEmpty || state.isIndexDirty {
      try writeIndex(index, &state)
      state.isIndexDirty = false
    }
    return report
  }

  /// Removes a listed session that nobody wrote anything in.
  private func prune(_ id: String, _ report: inout MaintenanceReport) throws(StoreError) {
    if try !hasNothingToKeep(id) { return }
    let isRemoved = try alone { (state) throws(StoreError) -> Bool in
      let lock = try StoreLocks(self, id + ".jsonl")
      // Somebody may have written meanwhile.
      let isRemoved = try hasNothingToKeep(id) ? try removeIfEmpty(id) : false
      lock.release()
      if isRemoved { try removeFromIndex(id, &state) }
      return isRemoved
    }
    if isRemoved { report.removed.append(id) } else { report.kept.append(id) }
  }

  private func hasNothingToKeep(_ id: String) throws(StoreError) -> Bool {
    guard options.repeatsDataLoss else { return isProvablyEmpty(directory + "/" + id + ".jsonl") }
    // The tool removes these; only who asks for that with `repeatsDataLoss` comes here.
    guard let session = try? load(id) else { return true }
    return !session.hasUserInteraction
  }

  private func removeIfEmpty(_ id: String) throws(StoreError) -> Bool {
    let path = directory + "/" + id + ".jsonl"
    guard options.repeatsDataLoss || isProvablyEmpty(path) else { return false }
    do throws(FileError) {
      return try removeFile(path)
    } catch {
      throw StoreError(writing: error)
    }
  }

  /// Whether every line of a file decodes and none holds text of a person, also not one that a
  /// checkpoint hides.
  ///
  /// A file of zero bytes is not empty in this sense: current releases begin sessions with one.
  func isProvablyEmpty(_ path: String) -> Bool {
    do throws(FileError) {
      // What is longer is not known to be empty.
      var lines = try LineReader(path: path, maximumLineLength: Self.maximumLineLength)
      var count = 0
      while try lines.advance() {
        count += 1
        switch StoredRecord(lines.copyLine(), id: "", profile: .documented) {
        case .message(let message): if message.hasUserText { return false }
        case .checkpoint(let messages): if messages.contains(where: \.hasUserText) { return false }
        case .damaged, .ignored, .reference: return false
        case .blank, .meta, .cost, .tunnelEvent, .usage, .metric: break
        }
      }
      return count > 0
    } catch {
      return false
    }
  }
}
