internal import FileIO
internal import SessionCoding
internal import SessionModel
internal import Synchronization

/// A file that holds a session.
protocol SessionHolder: Sendable {
  /// The identifier to open the session with.
  var id: String { get }
  /// The path that lists and places name.
  var path: String { get }
  /// The file that is read: the same, unless the session is staged.
  var readPath: String { get }
  /// The file and those that belong to it.
  var files: [String] { get }
}

/// The session files of a location by their identifiers, and the scan of the one used last.
final class SessionCatalogue<File: SessionHolder, Scan: Sendable>: Sendable {
  let files: [File]
  private let location: String
  private let index: [String: Int]
  private let last = Mutex<(id: String, status: FileStatus, scan: Scan)?>(nil)

  /// - Parameter location: The folder or file that was opened.
  init(_ files: [File], in location: String) {
    self.files = files
    self.location = location
    index = Dictionary(
      files.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The file of a session.
  ///
  /// - Throws: `.notFound`.
  func known(_ id: String) throws(FormatError) -> File {
    guard let place = index[id] else {
      throw FormatError(
        .notFound, "session \(id) not found", at: .file(path: location),
        advice: "see the identifiers with `carryover list`")
    }
    return files[place]
  }

  /// The scan of a session; made anew unless it was the last one and its file is as it was.
  func scan(
    _ id: String, _ make: (File) throws(FormatError) -> Scan
  ) throws(FormatError) -> Scan {
    let file = try known(id)
    let status = FileStatus.guess(file.readPath)
    if let last = last.withLock({ $0 }), last.id == id, last.status == status { return last.scan }
    let scan = try make(file)
    if let status { last.withLock { $0 = (id, status, scan) } }
    return scan
  }
}
