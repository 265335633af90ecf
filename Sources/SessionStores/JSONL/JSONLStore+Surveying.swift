internal import FileIO
internal import SessionFormats
internal import SessionModel

extension JSONLStore {
  /// All sessions, listed or not, the last updated first, without changing anything.
  ///
  /// Listed sessions are as the list knows them; files that it does not know are loaded. Sessions that
  /// cannot be loaded are left out.
  ///
  /// - Parameter loadingUnlisted: Whether files that the list does not know are loaded, or left out.
  public func survey(loadingUnlisted: Bool = true) throws(StoreError) -> [Session] {
    let index = GGCodeIndex(path: directory + "/index.json")
    var listed: [String: Session] = [:]
    for entry in index.entries { listed[entry.id] = Session(entry) }
    let files: [DirectoryEntry]
    do throws(FileError) {
      files = try listDirectory(directory)
    } catch {
      throw StoreError(reading: error)
    }
    var sessions: [Session] = []
    for file in files where file.kind != .directory {
      guard let id = sessionIdentifier(fileName: file.name) else { continue }
      if let session = listed[id] {
        sessions.append(session)
        // As the tool: what cannot be loaded is not listed.
      } else if loadingUnlisted, var session = try? load(id) {
        session.messages = []
        sessions.append(session)
      }
    }
    return sessions.sorted { $0.updatedAt > $1.updatedAt }
  }

  /// Whether a running program has a session open: current releases hold `<id>.lock` meanwhile.
  public func isInUse(_ id: String) -> Bool {
    let path = directory + "/" + id + ".lock"
    guard (try? FileStatus(path: path)) ?? nil != nil else { return false }
    do throws(FileError) {
      let lock = try FileLock(path: path, blocking: false)
      _ = consume lock
      return false
    } catch {
      return error.code == .locked
    }
  }
}
