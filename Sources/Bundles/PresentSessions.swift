internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The sessions that a destination has, by which is seen that one lies elsewhere there: a tool moves the
/// file of a session that it archives.
struct PresentSessions {
  private let place: String
  private let format: any SessionFormat
  /// The main files by the identifiers of their sessions, once they are asked for.
  private var files: [String: String]?

  init(at place: String, _ format: any SessionFormat) {
    self.place = place
    self.format = format
  }

  private mutating func mainFile(of id: String) -> String? {
    if let files { return files[id] }
    var found: [String: String] = [:]
    // A destination that does not read has no sessions to find.
    let listed = (try? format.open(place, options: ReadOptions()).list()) ?? []
    for session in listed { found[session.id] = session.files.first }
    files = found
    return found[id]
  }

  /// What becomes of a session whose main file has another place there; nil when it has none.
  ///
  /// Only a file of the same name is taken for the same.
  mutating func report(_ session: StagedSession, _ placed: [FilePlacing.File]) throws(FormatError)
    -> SessionReport?
  {
    guard let main = placed.first else { return nil }
    let target = place + "/" + main.place
    let there = try reading { () throws(FileError) in
      try FileStatus(path: target, followingLinks: false)
    }
    guard there == nil, let other = mainFile(of: session.note.id) else { return nil }
    guard Self.name(other) == Self.name(target), cleanPath(other) != cleanPath(target) else {
      return nil
    }
    let status = try reading { () throws(FileError) in try FileStatus(path: other) }
    guard status?.kind == .file else { return nil }
    var report = SessionReport(source: session.note.id, status: .unchanged)
    report.target = session.note.id
    report.byteCount = session.entry.bytes
    report.files = [other]
    if try BackupRun.digest(of: other) != main.digest {
      report.status = .skipped
      report.reason = "the session is there as \(other), with other content"
    }
    return report
  }

  private static func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
}
