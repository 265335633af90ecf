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
    for session in staged where problems[session.note.id] == nil {
      problems[session.note.id] = problemOfHeldFiles(session)
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

  /// What speaks against the files of a session that lie with others; a newer state of one is none.
  private func problemOfHeldFiles(_ session: StagedSession) -> String? {
    for file in session.note.files where file.holder != nil {
      let held = "its file \(file.relativePath) lies with the session \(file.holder ?? "")"
      guard let placed = placed[ExactPath(file.relativePath)] else {
        return "\(held), which is missing or damaged"
      }
      if placed.digest == file.digest { continue }
      guard let noted = file.modified, let time = placed.modified, noted < time else {
        return "\(held), with other content; back it up again"
      }
    }
    return nil
  }

  /// Places what a session holds; gives what speaks against it.
  private mutating func place(_ session: StagedSession) throws(FormatError) -> String? {
    let held = session.note.files.filter { $0.holder == nil }
    if let bad = session.note.files.first(where: { !Self.isInside($0.relativePath) }) {
      return "its place \(bad.relativePath) is not one to write to"
    }
    let other = held.first { file in
      placed[ExactPath(file.relativePath)].map { $0.digest != file.digest } ?? false
    }
    if let other {
      superseded.insert(session.note.id)
      return "a newer state of \(other.relativePath) is restored with other sessions; restore this "
        + "session by itself"
    }
    for file in held where placed[ExactPath(file.relativePath)] == nil {
      try move(file, of: session)
      placed[ExactPath(file.relativePath)] = file
    }
    return nil
  }

  /// Places a file of the store; one that cannot be placed is left out, as the sessions do not need it.
  mutating func place(_ file: SourceNote.File, of record: StagedSession) throws(FormatError) {
    guard let merging = file.merging, Self.isInside(file.relativePath),
      placed[ExactPath(file.relativePath)] == nil
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
        if folders.insert(ExactPath(folder)).inserted { try createDirectory(folder) }
      }
      try renameFileIfAbsent(source, to: target)
      // Bits that let a program run as somebody else are never given.
      try setAttributes(
        of: target, permissions: file.mode.map { $0 & 0o777 }, modified: file.modified)
    }
  }

  /// Removes files of sessions that could not be placed whole.
  private mutating func removeUnused() throws(FormatError) {
    let used = Set(sessions.flatMap { $0.note.files.map { ExactPath($0.relativePath) } })
    for key in placed.keys where !used.contains(key) {
      let place = key.path
      _ = try writing { () throws(FileError) in try removeFile(path + "/" + place) }
      placed[key] = nil
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
