internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A format of session files that are written as they were.
protocol RestorableFileFormat: FileFormat, RestorableSessionFormat {
  associatedtype Encoder: LineEncoder = VerbatimEncoder

  /// The identifier to give a session: its own where the tool would take it.
  func identifier(for head: SessionHead) -> String

  /// The path of a new session's file below the tool's folder; its parts MUST be safe names.
  func path(of id: String, _ head: SessionHead) -> String

  /// How the tool goes on with a session.
  ///
  /// - Parameters:
  ///   - home: The tool's folder.
  ///   - workspace: The folder that the session works in.
  func resumeCommand(for id: String, home: String, workspace: String?) -> ResumeCommand?
}

/// A format of session files that sessions of other tools are written in too.
protocol WritableFileFormat: RestorableFileFormat, WritableSessionFormat {}

extension RestorableFileFormat {
  func identifier(for head: SessionHead) -> String { head.id }

  func resumeCommand(for id: String, home: String, workspace: String?) -> ResumeCommand? { nil }

  func holdsOneSession(at path: String) -> Bool {
    let endings = layout.patterns.compactMap { $0.split(separator: ".").last }
    return FileStatus.guess(path)?.kind != .directory
      && endings.contains { path.hasSuffix("." + $0) }
  }

  func target(at path: String, options: WriteOptions) throws(FormatError) -> any SessionTarget {
    try FileTarget(self, path: path, options: options)
  }
}
