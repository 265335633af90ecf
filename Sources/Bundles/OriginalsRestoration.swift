internal import Archive
internal import Conversion
internal import FileIO
internal import SessionCoding

/// Restores the originals of a format that is not known: each session's files in a folder.
struct OriginalsRestoration {
  let place: String

  func run(_ sessions: [StagedSession]) throws(FormatError) -> [SessionReport] {
    try writing { () throws(FileError) in try createDirectory(place) }
    var reports: [SessionReport] = []
    for session in sessions {
      var report = SessionReport(source: session.note.id, status: .failed)
      if let damage = session.damage {
        report.reason = damage
      } else {
        let folder = place + "/" + BundleLayout.component(for: session.note.id)
        var placing = FilePlacing(to: folder, isDurable: true)
        do throws(FormatError) {
          var files: [FilePlacing.File] = []
          for (name, source) in session.files.sorted(by: { $0.key < $1.key }) {
            files.append(
              FilePlacing.File(
                source: source, place: name, digest: try BackupRun.digest(of: source)))
          }
          report = try placing.place(session, files)
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
