internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A store, or one session file, opened for reading.
final class ClaudeSource: ScannedSource {
  let catalogue: SessionCatalogue<ClaudeFile, ScannedRecords<ClaudeDecoder>>
  let openingFindings: [Finding]
  let options: ReadOptions
  private let path: String
  private let store: ClaudeStore
  private let strayFindings: [Finding]
  /// Sub-agents beside their sessions: only old versions wrote them.
  private let siblings: [ClaudeFile]

  var formatID: String { ClaudeCode.id }

  private init(
    _ path: String, _ store: ClaudeStore, _ files: [ClaudeFile], _ strayFindings: [Finding] = [],
    _ openingFindings: [Finding] = [], options: ReadOptions
  ) {
    self.path = path
    self.store = store
    self.strayFindings = strayFindings
    self.openingFindings = openingFindings
    self.options = options
    catalogue = SessionCatalogue(files, in: path)
    siblings = files.filter(\.isSibling)
  }

  /// Opens a folder, or one session file.
  convenience init(path: String, options: ReadOptions) throws(FormatError) {
    let store: ClaudeStore
    do throws(FileError) {
      guard try StoreFiles.status(of: path).kind == .directory else {
        var file = ClaudeFile(single: path)
        let problem = file.describe()
        self.init(
          path, ClaudeStore(around: file), [file], problem.map { [$0] } ?? [], options: options)
        return
      }
      store = try ClaudeStore(path: path)
    } catch {
      throw FormatError(reading: error)
    }
    var listing = try store.list()
    _ = listing.store.hasFile(at: path + "/" + StoreCarry.fileName)
    self.init(
      path, store, listing.files, listing.findings, listing.store.findings, options: options)
  }

  /// One session file, which may be staged.
  convenience init(file: ClaudeFile) {
    self.init(file.path, ClaudeStore(around: file), [file], options: .unlimited)
  }

  /// In the order of their beginnings, so that parents come before what descends from them.
  func sessions(_ wanted: Set<String>?) throws(FormatError) -> [SessionSummary] {
    let last = Timestamp(seconds: .max)
    return summaries(wanted).sorted {
      let (a, b) = ($0.created ?? last, $1.created ?? last)
      return a.isSameInstant(as: b) ? $0.id < $1.id : a < b
    }
  }

  func stream(
    _ file: ClaudeFile, _ scanned: ScannedRecords<ClaudeDecoder>
  ) throws(FormatError) -> any RecordStream {
    try ClaudeLineStream(file, options)
  }

  func scan(_ file: ClaudeFile) throws(FormatError) -> ScannedRecords<ClaudeDecoder> {
    let stream = try ClaudeLineStream(file, options)
    var decoder = ClaudeDecoder(file.located)
    var fingerprint = Fingerprint()
    while let record = try stream.next() {
      fingerprint.update(record.bytes)
      switch record.content {
      case .blank, .tooLong: break
      case .damaged(let message, let offset):
        let isRest = message == ClaudeLineStream.moreFollows
        decoder.log.add(
          "line-decodes", .error, record.place(at: offset),
          "\(message); Claude Code \(isRest ? "ignores it" : "skips such a line")")
      case .object(let object): decoder.scan(object, record)
      }
    }
    decoder.finishScan()
    decoder.carry = ClaudeCarry.find(stream, file, fingerprint)
    if decoder.carry.isLost {
      decoder.log.add(
        "carry-lost", .warning, .file(path: file.path),
        "the file beside the session that holds its original is missing or another; "
          + "the session is converted as it is")
    }
    return ScannedRecords(
      decoder: decoder,
      head: file.completing(decoder.head, startedBy: decoder.facts.firstSession),
      leftOut: stream.leftOut, fingerprint: fingerprint)
  }

  func carry(of file: ClaudeFile) throws(FormatError) -> CarryCursor? {
    try ClaudeCarry.cursor(
      try scanned(file.id).decoder.carry, longest: options.maximumCarryLength)
  }

  func findings(of id: String) throws(FormatError) -> [Finding] {
    let (file, scanned) = (try catalogue.known(id), try scanned(id))
    return scanned.findings + ClaudeRules.findings(file, scanned, isAlone: path == file.path)
  }

  func storeFindings() throws(FormatError) -> [Finding] { openingFindings + strayFindings }

  func files(of id: String) throws(FormatError) -> [SessionFile]? {
    let file = try catalogue.known(id)
    let siblings = siblings.filter {
      $0.id.hasPrefix(file.stem + "/")
        && ClaudeFile.folder($0.path) == ClaudeFile.folder(file.path)
    }
    do throws(FileError) {
      return try store.files(of: file, siblings: siblings)
    } catch {
      throw FormatError(reading: error)
    }
  }

  func storeFiles() throws(FormatError) -> [StoreFile] {
    do throws(FileError) {
      return try store.storeFiles()
    } catch {
      throw FormatError(reading: error)
    }
  }

  func carriedStoreRecords() throws(FormatError) -> (format: String, records: StoreRecords)? {
    try StoreCarry.read(folder: path)
  }
}
