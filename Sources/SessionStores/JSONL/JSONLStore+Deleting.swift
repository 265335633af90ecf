internal import FileIO
public import SessionModel

extension JSONLStore {
  /// Removes a session's file and its entry in the list.
  ///
  /// Original: `Delete`.
  ///
  /// A session that does not exist is not an error. Lock files stay.
  public func delete(_ id: String) throws(StoreError) {
    let path = try path(ofRemovable: id)
    try alone { state throws(StoreError) in
      if let path {
        let lock = try StoreLocks(self, id + ".jsonl")
        do throws(FileError) {
          try removeFile(path)
        } catch {
          throw StoreError(writing: error)
        }
        lock.release()
      }
      try removeFromIndex(id, &state)
    }
  }

  /// Removes the listed sessions that were last updated before a point in time, as the list tells.
  ///
  /// Original: `CleanupOlderThan`.
  ///
  /// - Throws: On the first session that cannot be removed.
  @discardableResult
  public func cleanup(olderThan time: Timestamp) throws(StoreError) -> Int {
    var count = 0
    for session in try list() where session.updatedAt < time {
      do throws(StoreError) {
        try delete(session.id)
      } catch {
        throw StoreError(error.code, "deleting session \(session.id): \(error.description)")
      }
      count += 1
    }
    return count
  }

  /// The file to remove; nil for an identifier that no file in the store can have.
  private func path(ofRemovable id: String) throws(StoreError) -> String? {
    do throws(StoreError) {
      return try path(of: id)
    } catch {
      if id.utf8.contains(UInt8(ascii: "/")) || id.utf8.contains(0) { throw error }
      return nil
    }
  }
}
