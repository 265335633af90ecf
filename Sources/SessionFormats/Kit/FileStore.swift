internal import FileIO
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

/// Removes the folders that a path below a folder leads through, as far as they are empty.
func discardEmptyDirectories(above path: String, below home: String) {
  var folder = LocatedSession.folder(of: path)
  while let place = folder, place.hasPrefix(home + "/"), discardEmptyDirectory(place) {
    folder = LocatedSession.folder(of: place)
  }
}
