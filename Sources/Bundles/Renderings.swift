internal import Conversion
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// The forms of sessions that are made from their originals: the canonical one and the transcript.
struct Renderings: Sendable {
  /// One session in another form.
  struct Form: Sendable {
    var file: String
    var isLossless: Bool
    var warnings: Int
  }

  /// The forms by session identifier.
  private(set) var forms: [String: Form] = [:]
  private let folder: String
  /// Why sessions have none.
  private(set) var failures: [String: String] = [:]

  /// Converts sessions into a private folder.
  ///
  /// - Parameters:
  ///   - ids: Identifiers of the sessions; not empty.
  ///   - mediaFolder: Where media will be, from the file; nil for beside it.
  init(
    of ids: [String], from format: any SessionFormat, at path: String,
    as target: any WritableSessionFormat, in folder: String, mediaFolder: String? = nil,
    readOptions: ReadOptions, jobs: Int, interruption: Interruption
  ) async throws(FormatError) {
    self.folder = folder
    var options = ConversionOptions()
    options.sessions = ids
    options.jobs = jobs
    let report = try await StoreConversion(
      from: format, at: path, to: target, at: folder,
      writeOptions: WriteOptions(isDurable: false, mediaFolder: mediaFolder), options: options
    ).run(readOptions: readOptions, interruption: interruption)
    var files: [String: String] = [:]
    if report.sessions.contains(where: { $0.status == .written }) {
      for summary in try target.open(folder, options: .unlimited).sessions() {
        files[summary.id] = summary.path
      }
    }
    for session in report.sessions {
      guard session.status == .written, let name = session.target, let file = files[name] else {
        failures[session.source] = session.reason ?? "it could not be written"
        continue
      }
      forms[session.source] = Form(
        file: file, isLossless: session.fidelity != .lossy,
        warnings: session.findings.count { $0.severity > .info })
    }
  }

  /// The media that lie beside the forms: their files by the digest of their bytes.
  func media() throws(FormatError) -> [String: String] {
    try reading { () throws(FileError) in
      let root = folder + "/blobs/sha256"
      guard try FileStatus(path: root) != nil else { return [:] }
      var media: [String: String] = [:]
      for part in try listDirectory(root) where part.kind == .directory {
        for file in try listDirectory(root + "/" + part.name) {
          guard file.kind == .file, BundleLayout.isBlobName(file.name) else { continue }
          media[file.name] = "\(root)/\(part.name)/\(file.name)"
        }
      }
      return media
    }
  }
}
