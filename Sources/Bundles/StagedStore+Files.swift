internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

extension StagedStore {
  /// Moves the files of sessions to their places in the private folder, with their modes and times.
  mutating func placeFiles(_ staged: [StagedSession]) throws(FormatError) {
    var problems: [String: String] = [:]
    // Of two states of one file the newer one counts, as when a tool removed a chat from a history.
    let newestFirst = staged.sorted { $0.time > $1.time }
    for session in newestFirst {
      do throws(FormatError) {
        problems[session.note.id] = try place(session)
      } catch  where !error.concernsAll {
        problems[session.note.id] = error.description
      }
    }
    let placed = digests
    for session in staged where problems[session.note.id] == nil {
      for file in session.note.files where placed[file.relativePath] == nil {
        let holder = file.holder ?? ""
        problems[session.note.id] =
          "its file \(file.relativePath) lies with the session \(holder), which is missing or damaged"
      }
    }
    for session in staged {
      if let problem = problems[session.note.id] {
        failures.append((session.note.id, problem))
      } else {
        sessions.append(session)
      }
    }
    try removeUnused()
  }

  /// Places what a session holds; gives what speaks against it.
  private mutating func place(_ session: StagedSession) throws(FormatError) -> String? {
    let held = session.note.files.filter { $0.holder == nil }
    if let bad = session.note.files.first(where: { !Self.isInside($0.relativePath) }) {
      return "its place \(bad.relativePath) is not one to write to"
    }
    let other = held.first { file in digests[file.relativePath].map { $0 != file.digest } ?? false }
    if let other {
      superseded.insert(session.note.id)
      return "a newer state of \(other.relativePath) is restored with other sessions; restore this "
        + "session by itself"
    }
    for file in held where digests[file.relativePath] == nil {
      try move(file, of: session)
      digests[file.relativePath] = file.digest
    }
    return nil
  }

  /// Places a file of the store; one that cannot be placed is left out, as the sessions do not need it.
  mutating func place(_ file: SourceNote.File, of record: StagedSession) throws(FormatError) {
    guard let merging = file.merging, Self.isInside(file.relativePath),
      digests[file.relativePath] == nil
    else { return }
    do throws(FormatError) {
      try move(file, of: record)
      storeFiles.append(File(place: file.relativePath, merging: merging, digest: file.digest))
    } catch  where !error.concernsAll {
      note(error.description)
    }
  }

  private mutating func move(
    _ file: SourceNote.File, of session: StagedSession
  ) throws(FormatError) {
    guard let source = session.files[file.name] else { return }
    let target = path + "/" + file.relativePath
    try writing { () throws(FileError) in
      if let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) {
        let folder = String(target[..<slash])
        if !folders.contains(folder) { try createDirectory(folder) }
        folders.insert(folder)
      }
      try renameFileIfAbsent(source, to: target)
      // Bits that let a program run as somebody else are never given.
      try setAttributes(
        of: target, permissions: file.mode.map { $0 & 0o777 }, modified: file.modified)
    }
  }

  /// Removes files of sessions that could not be placed whole.
  private mutating func removeUnused() throws(FormatError) {
    let used = Set(sessions.flatMap { $0.note.files.map(\.relativePath) })
    for place in digests.keys where !used.contains(place) {
      _ = try writing { () throws(FileError) in try removeFile(path + "/" + place) }
      digests[place] = nil
      var folder = Substring(place)
      while let slash = folder.utf8.lastIndex(of: UInt8(ascii: "/")) {
        folder = folder[..<slash]
        guard discardEmptyDirectory(path + "/" + folder) else { break }
      }
    }
  }

  /// Whether a place named in a bundle stays below the folder it is meant for.
  static func isInside(_ place: String) -> Bool {
    !place.isEmpty && !place.utf8.contains(0)
      && place.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .allSatisfy { part in
          !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
        }
  }
}

extension StagedSession {
  /// When one of its files last changed.
  fileprivate var time: FileStatus.Time {
    note.files.compactMap(\.modified).max() ?? FileStatus.Time(seconds: .min, nanoseconds: 0)
  }
}
