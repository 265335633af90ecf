internal import FileIO
internal import SessionFormats
internal import SessionModel

extension JSONLStore {
  private var indexPath: String { directory + "/index.json" }

  /// The list, empty if it is missing or broken, which is noted.
  func readIndex(_ state: inout State) -> GGCodeIndex {
    let index = GGCodeIndex(path: indexPath)
    if !index.isReadable { state.isIndexDirty = true }
    return index
  }

  /// Writes the list in one step.
  func writeIndex(_ index: GGCodeIndex, _ state: inout State) throws(StoreError) {
    var index = index
    if options.repeatsDataLoss, options.profile == .documented {
      // Documented releases drop the fields that they do not know.
      for var entry in index.entries where entry.preview != nil {
        entry.preview = nil
        index.update(entry)
      }
    }
    do throws(FileError) {
      var output = try AtomicOutput(
        replacing: indexPath, permissions: options.profile == .current ? 0o666 : 0o600)
      try output.write(index.json)
      try output.commit(durable: false)
    } catch {
      throw StoreError(writing: error)
    }
  }

  /// Enters a session into the list.
  ///
  /// The tool enters as many messages as it has in memory. Other processes may have appended to the
  /// same session, which it does not know; then the list counts on.
  ///
  /// - Parameter appended: The messages just appended, and whether nobody else had written since the
  ///   last call.
  func updateIndex(
    _ entry: GGCodeIndex.Entry, _ state: inout State,
    appended: (messages: Int64, isOwn: Bool)? = nil
  ) throws(StoreError) {
    let lock = try StoreLocks(self, "index.json")
    var index = readIndex(&state)
    var entry = entry
    if !options.repeatsDataLoss {
      if !index.isReadable { _ = try reconcile(&index, &state) }
      if let appended, let known = index.entry(entry.id) {
        if appended.isOwn, let left = state.left[entry.id] {
          entry.messageCount = known.messageCount &+ entry.messageCount &- left.messages
        } else {
          entry.messageCount = max(entry.messageCount, known.messageCount &+ appended.messages)
        }
        if let updated = known.updated, entry.updated.map({ updated > $0 }) ?? true {
          entry.updated = updated
        }
      }
    }
    index.update(entry)
    try writeIndex(index, &state)
    if !options.repeatsDataLoss { state.isIndexDirty = false }
    lock.release()
  }

  /// Removes a session from the list; the file is written even if nothing changes.
  func removeFromIndex(_ id: String, _ state: inout State) throws(StoreError) {
    let lock = try StoreLocks(self, "index.json")
    var index = readIndex(&state)
    if !index.isReadable, !options.repeatsDataLoss { _ = try reconcile(&index, &state) }
    index.keep { $0.id != id }
    try writeIndex(index, &state)
    lock.release()
  }
}
