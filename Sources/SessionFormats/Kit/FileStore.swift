internal import SessionModel

/// Where written session files appear.
protocol FileStore: AnyObject {
  /// Whether titles stand in an index of the store.
  var indexesTitles: Bool { get }

  /// Notes a session that has just appeared.
  ///
  /// - Parameters:
  ///   - head: What the session was written with.
  ///   - written: What its file says.
  func noteSession(_ file: LocatedSession, _ head: SessionHead, written: SessionHead)

  /// Removes the folders that were made for a session that does not come, as far as they are empty.
  func removeEmptyFolders(above path: String)
}
