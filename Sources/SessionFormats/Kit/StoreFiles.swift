internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Tells the files of a store from what only lies in their places.
///
/// Regular files are read, also through symbolic links. A named pipe, a socket, a device, a folder with
/// the name of a file, a link to one of these and a link that leads nowhere are left alone, and each
/// becomes a finding.
struct StoreFiles {
  private static let mostTold = 100
  private var told: [Finding] = []
  /// The first that is not told for itself, and how many there are.
  private var rest: (finding: Finding, count: Int)?

  /// Why something could not be looked at, of several the first; nil when everything could.
  private(set) var unreadable: FileError?

  /// What is left alone, in the order in which it was seen; after the first hundred how many more.
  var findings: [Finding] {
    guard let rest else { return told }
    var finding = rest.finding
    finding.message = "and \(rest.count) more from here on"
    return told + [finding]
  }

  /// What a location that is opened as a source is: a folder or a regular file.
  ///
  /// - Throws: `.notFound`, `.notRegularFile`, and what else the system reports.
  static func status(of path: String) throws(FileError) -> FileStatus {
    guard let status = try FileStatus(path: path) else {
      throw FileError(.notFound, path: path, operation: "opening")
    }
    guard status.kind == .file || status.kind == .directory else {
      throw FileError(.notRegularFile, path: path, operation: "opening", kind: status.kind)
    }
    return status
  }

  /// Whether a name that session files have stands for a regular file; what else it is, is noted.
  mutating func isFile(_ entry: DirectoryEntry, at path: String) -> Bool {
    isFound(.file, entry.kind, path)
  }

  /// Whether a file that the store may have is there; what else stands in its place is noted.
  mutating func hasFile(at path: String) -> Bool { has(.file, at: path) }

  /// Whether a folder that the store may have is there; what else stands in its place is noted.
  mutating func hasFolder(at path: String) -> Bool { has(.directory, at: path) }

  /// Notes a symbolic link to a folder that would be read were it no link.
  mutating func noteUnfollowed(_ path: String) {
    note(path, isLink: true, "a symbolic link to a folder; the link is not followed")
  }

  /// Notes a symbolic link if it leads to a folder that would be read were it no link, or nowhere.
  mutating func noteLinkedFolder(_ entry: DirectoryEntry, at path: String) {
    guard entry.kind == .symbolicLink else { return }
    // What cannot be looked at leads nowhere for us.
    switch (try? FileStatus(path: path))??.kind {
    case .directory: noteUnfollowed(path)
    case nil: noteDangling(path)
    default: break
    }
  }

  /// Notes a file whose name, or the identifier in it, another one has too.
  mutating func noteSecond(_ path: String, name: String, openedAs id: String) {
    note(
      Finding(
        rule: "store.session-twice", severity: .warning, place: .file(path: path),
        message: "another file holds session \(name) too; this one is opened as \(id)",
        isSalvaged: true))
  }

  /// Notes a file among the sessions that does not begin as one.
  mutating func noteOther(_ path: String, than name: String) {
    note(
      Finding(
        rule: "store.other-file", severity: .warning, place: .file(path: path),
        message: "it does not begin as a session of \(name), so it is left alone"))
  }

  /// Notes a file or folder that cannot be named in UTF-8.
  mutating func noteName(of entry: DirectoryEntry, in folder: String) {
    note(
      Finding(
        rule: "store.name", severity: .error, place: .file(path: folder + "/" + entry.name),
        message: "its name is not UTF-8, so it is left out; rename it to have it read"))
  }

  private mutating func has(_ wanted: FileStatus.Kind, at path: String) -> Bool {
    do throws(FileError) {
      guard let status = try FileStatus(path: path, followingLinks: false) else { return false }
      return isFound(wanted, status.kind, path)
    } catch {
      noteUnreadable(path, error)
      return false
    }
  }

  /// Notes a file of the store, or what may be one, that cannot be looked at.
  mutating func noteUnreadable(_ path: String, _ error: FileError) {
    unreadable = unreadable ?? error
    note(
      Finding(
        rule: "store.unreadable", severity: .error, place: .file(path: path),
        message: "it cannot be looked at, so it is left out: \(error)"))
  }

  /// Whether what is wanted stands at a path; what else it is, is noted.
  private mutating func isFound(
    _ wanted: FileStatus.Kind, _ kind: FileStatus.Kind, _ path: String
  ) -> Bool {
    if kind == wanted { return true }
    let isLink = kind == .symbolicLink
    // What cannot be looked at leads nowhere for us, and that is a finding.
    guard let found = isLink ? ((try? FileStatus(path: path)) ?? nil)?.kind : kind else {
      noteDangling(path)
      return false
    }
    if found == wanted { return true }
    let expected = wanted == .file ? "a regular file" : "a folder"
    note(
      path, isLink: isLink,
      (isLink ? "a symbolic link to \(found.name)" : found.name)
        + " in the place of \(expected); it is not read")
    return false
  }

  private mutating func noteDangling(_ path: String) {
    note(path, isLink: true, "a symbolic link that leads nowhere; what it stands for is not read")
  }

  private mutating func note(_ path: String, isLink: Bool, _ message: String) {
    note(
      Finding(
        rule: isLink ? "store.link-not-followed" : "store.special-file",
        severity: isLink ? .error : .warning, place: .file(path: path), message: message))
  }

  private mutating func note(_ finding: Finding) {
    if told.count < Self.mostTold {
      told.append(finding)
    } else {
      rest = (rest?.finding ?? finding, (rest?.count ?? 0) + 1)
    }
  }
}
