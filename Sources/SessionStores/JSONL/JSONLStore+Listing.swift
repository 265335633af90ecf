internal import FileIO
internal import SessionFormats
internal import SessionModel

extension JSONLStore {
  /// All sessions as the list knows them, without messages, the last updated first.
  ///
  /// Original: `List`.
  ///
  /// The answer comes from `index.json` alone; files that it does not know are found by the
  /// maintenance that this starts in the background, at most every 30 seconds, or at once when the
  /// list is empty. See ``finishMaintenance()``.
  public func list() throws(StoreError) -> [Session] {
    try alone { state throws(StoreError) in
      var index = readIndex(&state)
      if index.entries.isEmpty {
        let lock = try StoreLocks(self, "index.json")
        index = readIndex(&state)
        _ = try reconcile(&index, &state)
        lock.release()
      }
      startMaintenance(&state)
      // Sessions of the same time stay in the order of the file. Small keys sort fast.
      let entries = index.entries
      let keys = entries.indices.map { place in
        let time = entries[place].updated ?? .goZero
        return (seconds: time.seconds, nanoseconds: time.nanoseconds, place: place)
      }.sorted {
        ($1.seconds, $1.nanoseconds, $0.place) < ($0.seconds, $0.nanoseconds, $1.place)
      }
      return keys.map { Session(entries[$0.place]) }
    }
  }

  private func startMaintenance(_ state: inout State) {
    if state.isMaintaining { return }
    let now = options.now()
    if let last = state.lastMaintenance, !state.isIndexDirty, now.seconds - last.seconds < 30 {
      return
    }
    state.isMaintaining = true
    state.maintenance = Task.detached { self.maintain() }
  }

  /// Waits for the maintenance that ``list()`` started, and tells what it did.
  ///
  /// - Returns: The last report; nil if none was started yet.
  @discardableResult
  public func finishMaintenance() async -> MaintenanceReport? {
    let task = try? alone { state throws(StoreError) in state.maintenance }
    return await (task ?? nil)?.value
  }
}
