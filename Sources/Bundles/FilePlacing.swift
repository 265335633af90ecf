internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Moves the files of sessions to their places below a destination, and never onto another file.
struct FilePlacing {
  /// A file that is to be moved.
  struct File {
    /// Where it is now.
    var source: String
    /// Its place below the destination.
    var place: String
    /// The digest that its content has in the bundle.
    var digest: String
  }

  private let destination: String
  private let isDurable: Bool
  /// The places that this run filled; several sessions may have a file in common.
  private var placed: Set<ExactPath> = []
  /// The folders below the destination that were looked at and are no links.
  private var folders: Set<ExactPath> = []

  init(to destination: String, isDurable: Bool) {
    self.destination = destination
    self.isDurable = isDurable
  }

  /// Places the files of a session; it is skipped when a file of it is there with other content.
  ///
  /// A folder above it that is a symbolic link is a failure: what lies behind it is somebody else's.
  ///
  /// - Parameter replaceable: The places at which other content is replaced.
  mutating func place(
    _ session: StagedSession, _ files: [File], replacing replaceable: Set<ExactPath> = []
  ) throws(FormatError) -> SessionReport {
    var report = SessionReport(source: session.note.id, status: .unchanged)
    report.target = session.note.id
    report.byteCount = session.entry.bytes
    report.files = files.map { destination + "/" + $0.place }
    var missing: [(file: File, expected: AtomicOutput.Expectation)] = []
    for file in files where !placed.contains(ExactPath(file.place)) {
      let target = destination + "/" + file.place
      if let link = try linkAbove(file.place) {
        report.status = .failed
        report.reason = "\(link) is a symbolic link; restore to the folder that it leads to"
        return report
      }
      let status = try reading { () throws(FileError) in
        try FileStatus(path: target, followingLinks: false)
      }
      if let status {
        let isFile = status.kind == .file
        if isFile, try BackupRun.digest(of: target) == file.digest { continue }
        guard isFile, replaceable.contains(ExactPath(file.place)) else {
          report.status = .skipped
          report.reason =
            "\(target) is there with other content; use --on-conflict replace or rename"
          return report
        }
      }
      missing.append((file, AtomicOutput.Expectation(status)))
    }
    guard !missing.isEmpty || files.contains(where: { placed.contains(ExactPath($0.place)) }) else {
      return report
    }
    // The main file last: it is the one that makes the session visible.
    for (file, expected) in missing.reversed() {
      try move(file, expecting: expected)
      placed.insert(ExactPath(file.place))
    }
    report.status = .written
    report.fidelity = .exact
    return report
  }

  private func move(
    _ file: File, expecting expected: AtomicOutput.Expectation
  ) throws(FormatError) {
    let target = destination + "/" + file.place
    try writing { () throws(FileError) in
      if isDurable { try synchronize(file.source) }
      if let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) {
        try createDirectory(String(target[..<slash]))
      }
      switch expected {
      case .file(let status):
        guard try FileStatus(path: target, followingLinks: false) == status else {
          throw FileError(.exists, path: target, operation: "replacing")
        }
        try renameFile(file.source, to: target)
      default: try renameFileIfAbsent(file.source, to: target)
      }
    }
    guard try BackupRun.digest(of: target) == file.digest else {
      throw FormatError(
        .damaged, "what was written differs from what the bundle holds", at: .file(path: target),
        advice: "check the disk, and restore this session again")
    }
  }

  /// A symbolic link among the folders between the destination and a place.
  private mutating func linkAbove(_ place: String) throws(FormatError) -> String? {
    var folder = destination
    for part in place.utf8.split(separator: UInt8(ascii: "/")).dropLast() {
      folder += "/" + String(decoding: part, as: UTF8.self)
      if folders.contains(ExactPath(folder)) { continue }
      let status = try reading { () throws(FileError) in
        try FileStatus(path: folder, followingLinks: false)
      }
      guard let status else { return nil }
      if status.kind == .symbolicLink { return folder }
      folders.insert(ExactPath(folder))
    }
    return nil
  }
}

extension SessionReport {
  /// A session whose files cannot be put where they belong.
  init(failed session: StagedSession, _ error: FormatError) {
    self.init(source: session.note.id, status: .failed)
    byteCount = session.entry.bytes
    reason = error.description
    failure = error
  }
}
