internal import FileIO
internal import SessionCoding

/// A file of a session that a backup takes.
struct PlannedFile: Sendable {
  var file: SessionFile
  /// The session that holds the file in the bundle, when it is not this one.
  var holder: String?

  /// Decides which session holds each file of a store, so that the bundle has it once.
  ///
  /// Of several sessions it is the one with the fewest files, which is the one whose own it is: a
  /// sub-agent before the session that started it, the first of many chats in one history.
  static func plan(_ sessions: [(id: String, files: [SessionFile])]) -> [[PlannedFile]] {
    var holders: [ExactPath: (id: String, count: Int)] = [:]
    for (id, files) in sessions {
      for file in files {
        let place = ExactPath(file.relativePath)
        if let other = holders[place], other.count <= files.count { continue }
        holders[place] = (id, files.count)
      }
    }
    return sessions.map { id, files in
      files.map { file in
        let holder = holders[ExactPath(file.relativePath)]?.id
        return PlannedFile(file: file, holder: holder == id ? nil : holder)
      }
    }
  }
}
