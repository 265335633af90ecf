internal import FileIO
internal import SessionCoding
internal import Synchronization

/// The digests of files that belong to several sessions, each computed once.
final class SharedDigests: Sendable {
  private let known = Mutex<[ExactPath: String]>([:])

  func digest(of path: String) throws(FormatError) -> String {
    if let digest = known.withLock({ $0[ExactPath(path)] }) { return digest }
    let digest = try BackupRun.digest(of: path)
    known.withLock { $0[ExactPath(path)] = digest }
    return digest
  }
}
