internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A source whose sessions are files of records, which are scanned and then decoded.
protocol ScannedSource: SessionSource {
  associatedtype File: SessionHolder
  associatedtype Decoder: RecordDecoder

  /// The identifier of the format.
  var formatID: String { get }
  var options: ReadOptions { get }
  var catalogue: SessionCatalogue<File, ScannedRecords<Decoder>> { get }

  /// Reads a file for the first time.
  func scan(_ file: File) throws(FormatError) -> ScannedRecords<Decoder>

  /// The records of a file from the first one on.
  func stream(
    _ file: File, _ scanned: ScannedRecords<Decoder>
  ) throws(FormatError) -> any RecordStream

  /// What a conversion stored with a session; nil for nothing.
  func carry(of file: File) throws(FormatError) -> CarryCursor?
}

extension ScannedSource {
  /// A session after its first pass; made once as long as its file stays as it is.
  func scanned(_ id: String) throws(FormatError) -> ScannedRecords<Decoder> {
    try catalogue.scan(id) { file throws(FormatError) in try scan(file) }
  }

  func list() throws(FormatError) -> [ListedSession] {
    catalogue.files.map { ListedSession(id: $0.id, files: $0.files) }
  }

  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    summaries(wanted)
  }

  /// What lists show of the sessions, or of some, in the order of the catalogue.
  func summaries(_ wanted: Set<String>?) -> [SessionSummary] {
    catalogue.files.filter { wanted?.contains($0.id) ?? true }.map { file in
      var summary = SessionSummary(
        id: file.id, path: file.path, byteCount: FileStatus.guess(file.path)?.size ?? 0)
      // Why it cannot be read is told when it is opened.
      guard let scanned = try? scanned(file.id) else { return summary }
      let head = scanned.head
      summary.title = head.title ?? scanned.decoder.firstPrompt
      summary.created = head.created
      summary.updated = head.updated
      summary.workspace = head.workspace
      summary.messageCount = head.messageCount
      summary.isArchived = head.archived ?? false
      return summary
    }
  }

  func reader(for id: String) throws(FormatError) -> any SessionReader {
    let file = try catalogue.known(id)
    let scanned = try scanned(id)
    return RecordReader(formatID, scanned, stream: try stream(file, scanned)) {
      () throws(FormatError) in try self.carry(of: file)
    }
  }

  func fingerprint(of id: String) throws(FormatError) -> Fingerprint {
    try scanned(id).fingerprint
  }

  func leftOut(of id: String) throws(FormatError) -> LeftOutRecords {
    guard options.mayLeaveOut(ofFile: try catalogue.known(id).path) else {
      return LeftOutRecords()
    }
    return try scanned(id).leftOut
  }

  func findings(of id: String) throws(FormatError) -> [Finding] { try scanned(id).findings }

  func carryHeader(of id: String) throws(FormatError) -> StoredCarryHeader? {
    try carry(of: try catalogue.known(id))?.header
  }
}
