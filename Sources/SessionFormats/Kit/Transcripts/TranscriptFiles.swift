internal import FileIO

/// Recognises files and folders of a layout.
enum TranscriptFiles {
  static func recognizes(_ path: String, _ dialect: any TranscriptDialect) -> Bool {
    guard let status = FileStatus.guess(path) else { return false }
    switch status.kind {
    case .file: return TranscriptSource.recognizes(path, dialect)
    case .directory:
      return guessListing(path).lazy
        .filter { $0.kind != .directory && dialect.isCandidate($0.name) }
        .contains { TranscriptSource.recognizes(path + "/" + $0.name, dialect) }
    default: return false
    }
  }
}
