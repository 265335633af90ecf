internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// Moves the files of sessions to their places, and never onto another file.
struct FilePlacing {
  private let source: String
  private let destination: String
  private let isDurable: Bool

  init(from source: String, to destination: String, isDurable: Bool) {
    self.source = source
    self.destination = destination
    self.isDurable = isDurable
  }

  /// Places one session; it is skipped when a file of it is there with other content.
  mutating func place(_ session: StagedSession, _ files: [String]) throws(FormatError)
    -> SessionReport
  {
    var report = SessionReport(source: session.note.id, status: .unchanged)
    report.target = session.note.id
    report.byteCount = session.entry.bytes
    var missing: [String] = []
    for file in files {
      let target = destination + "/" + file
      let status = try reading { () throws(FileError) in
        try FileStatus(path: target, followingLinks: false)
      }
      guard let status else {
        missing.append(file)
        continue
      }
      var isSame = status.kind == .file
      if isSame {
        let present = try BackupRun.digest(of: target)
        isSame = try present == BackupRun.digest(of: source + "/" + file)
      }
      guard isSame else {
        report.status = .skipped
        report.reason =
          "\(target) is there with other content; use --on-conflict replace or rename"
        return report
      }
    }
    guard !missing.isEmpty else { return report }
    // The main file last: it is the one that makes the session visible.
    for file in missing.reversed() {
      try writing { () throws(FileError) in
        let target = destination + "/" + file
        if isDurable { try synchronize(source + "/" + file) }
        if let slash = target.lastIndex(of: "/") { try createDirectory(String(target[..<slash])) }
        try renameFileIfAbsent(source + "/" + file, to: target)
      }
    }
    report.status = .written
    report.fidelity = .exact
    return report
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

/// Restores the originals of a format that is not known: each session's files in a folder.
struct OriginalsRestoration {
  let place: String
  let policy: ConflictPolicy

  func run(_ sessions: [StagedSession]) throws(FormatError) -> [SessionReport] {
    try writing { () throws(FileError) in try createDirectory(place) }
    var reports: [SessionReport] = []
    for session in sessions {
      var report = SessionReport(source: session.note.id, status: .failed)
      if let damage = session.damage {
        report.reason = damage
      } else {
        let folder = place + "/" + BundleLayout.component(for: session.note.id)
        var placing = FilePlacing(from: session.folder, to: folder, isDurable: true)
        do throws(FormatError) {
          report = try placing.place(session, session.names)
        } catch  where !error.concernsAll && canAddFiles(to: place) {
          report = SessionReport(failed: session, error)
        }
        report.target = folder
      }
      reports.append(report)
    }
    return reports
  }
}
