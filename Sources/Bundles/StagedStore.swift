internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A store put together again in a private folder from what a bundle holds of it.
struct StagedStore {
  /// A file of the store that lists or names its sessions.
  struct File {
    var place: String
    var merging: StoreFile.Merging
    var digest: String
  }

  let format: any SessionFormat
  let tool: String
  /// The name of the original store's file or folder.
  let name: String
  /// Whether sessions are files that can be moved to their places, else rows of one database.
  let isOfFiles: Bool
  /// Where the store is.
  let path: String
  /// The sessions in it.
  var sessions: [StagedSession] = []
  /// The sessions' files, by their places.
  var placed: [ExactPath: SourceNote.File] = [:]
  /// The folders that were made for these.
  var folders: Set<ExactPath> = []
  /// The files that belong to no session.
  var storeFiles: [File] = []
  /// What of the store as a whole is missing.
  var findings: [Finding] = []
  /// The sessions that are not in it because others have newer states of their files; each comes back
  /// by itself.
  var superseded: Set<String> = []
  /// What could not be put into it.
  var failures: [(id: String, reason: String)] = []
  /// Differences of rows that had to be written otherwise, by session.
  var changedRows: [String: Int] = [:]
  /// The sessions that came without their carry, because its header cannot be read.
  var unreadableCarries: Set<String> = []
  /// The sessions whose carry stands at the end now, and perhaps did not.
  var movedCarries: Set<String> = []
  /// What belongs to the store as a whole: its own records, and those of others that it keeps.
  private var own = StoreRecords()
  private var carried: [(format: String, records: StoreRecords)] = []
  let profile: String?

  /// What is left out because it grants access, which a bundle of ours does not hold.
  var omissions: [Omission] { carried.reduce(own.omissions) { $0 + $1.records.omissions } }

  /// - Parameters:
  ///   - staged: The sessions of one store, all of them files or all of them rows.
  ///   - record: What belongs to the store as a whole, when that is restored too.
  ///   - formats: All formats that are known.
  ///   - folder: A private folder of its own.
  init(
    _ staged: [StagedSession], record: StagedSession?, format: any SessionFormat,
    formats: [any SessionFormat], folder: String
  ) throws(FormatError) {
    self.format = format
    tool = format.info.id
    profile = staged.lazy.compactMap(\.note.profile).first
    let original = staged.first?.note.store ?? ""
    let last = original.split(separator: "/").last.map(String.init) ?? ""
    name = BagPath.isComponent(last) ? last : tool
    isOfFiles = !staged.contains { $0.note.how == "rows" }
    path = isOfFiles ? folder : folder + "/" + name
    try writing { () throws(FileError) in try createDirectory(folder) }
    for session in staged {
      if let damage = session.damage { failures.append((session.note.id, damage)) }
    }
    let intact = staged.filter { $0.damage == nil }
    if isOfFiles { try placeFiles(intact) }
    if let damage = record?.damage {
      note(damage)
    } else if let record {
      try read(record, formats)
    }
    if !isOfFiles { try writeRows(intact) }
  }

  /// Notes that something of the store as a whole does not come back; the sessions do without it.
  mutating func note(_ problem: String) {
    findings.append(
      Finding(
        rule: "archive.store", severity: .error, place: nil,
        message: "an index or another file of the store is not restored: \(problem)"))
  }

  /// What the format opens: the store, or the one file that was given as a store.
  var location: String {
    guard isOfFiles, let main = sessions.first?.note.files.first?.relativePath,
      sessions.allSatisfy({
        $0.note.path == $0.note.store
          && $0.note.files.first.map { ExactPath($0.relativePath) } == ExactPath(main)
      })
    else { return path }
    return path + "/" + main
  }

  /// The identifiers by which the format opens the sessions here, by those that they had.
  ///
  /// They differ where a tool's names depend on what else is in the store.
  func identifiers(in source: any SessionSource) throws(FormatError) -> [String: String] {
    var listed: Set<String> = []
    var byFile: [ExactPath: String] = [:]
    for session in try source.list() {
      listed.insert(session.id)
      if let main = try source.files(of: session.id)?.first {
        byFile[ExactPath(main.relativePath)] = session.id
      }
    }
    var identifiers: [String: String] = [:]
    for session in sessions {
      let id = session.note.id
      let main = session.note.files.first.flatMap { byFile[ExactPath($0.relativePath)] }
      identifiers[id] = listed.contains(id) ? id : main ?? id
    }
    return identifiers
  }

  /// The places at which the format itself finds what was put here; a bundle may name any other.
  func statedPlaces(_ options: ReadOptions) throws(FormatError) -> Set<ExactPath> {
    let source = try format.open(location, options: options)
    var places = Set(try source.storeFiles().map { ExactPath($0.file.relativePath) })
    for session in try source.list() {
      places.formUnion(try source.files(of: session.id)?.map { ExactPath($0.relativePath) } ?? [])
    }
    return places
  }

  /// The files of a session, to be moved from here.
  func files(of session: StagedSession) -> [FilePlacing.File] {
    session.note.files.map { file in
      FilePlacing.File(
        source: path + "/" + file.relativePath, place: file.relativePath,
        digest: placed[ExactPath(file.relativePath)]?.digest ?? file.digest)
    }
  }

  /// The places of files that several sessions have in common.
  var sharedPlaces: Set<ExactPath> {
    var seen: Set<ExactPath> = []
    return Set(
      sessions.flatMap { $0.note.files.map { ExactPath($0.relativePath) } }
        .filter { !seen.insert($0).inserted })
  }

  /// Whether a destination that is not there yet is meant to be a file and not a folder.
  func isFile(_ place: String) -> Bool {
    let holdsOne = (format as? any WritableSessionFormat)?.holdsOneSession(at: place) ?? false
    guard format.info.isSingleFile || holdsOne, let main = sessions.first?.note.files.first else {
      return false
    }
    func ending(_ path: String) -> Substring? {
      let name = path.split(separator: "/").last ?? ""
      return name.lastIndex(of: ".").map { name[$0...] }
    }
    return ending(place) != nil && ending(place) == ending(main.relativePath)
  }

  /// The file of all sessions, when it is one.
  var onlyFile: FilePlacing.File? {
    let files = Set(sessions.flatMap { $0.note.files.map { ExactPath($0.relativePath) } })
    guard files.count == 1 else { return nil }
    return sessions.first.flatMap { self.files(of: $0).first }
  }

  /// Gives a target what belongs to the store as a whole.
  func restoreRecords(to target: any SessionTarget) throws(FormatError) {
    if !own.records.isEmpty { try target.restoreStoreRecords(own.records) }
    for (format, kept) in carried where !kept.records.isEmpty {
      try target.carryStoreRecords(kept.records, of: format)
    }
  }

  /// Whether there is something for ``restoreRecords(to:)``.
  var hasRecords: Bool {
    !own.records.isEmpty || carried.contains { !$0.records.records.isEmpty }
  }

  private mutating func read(
    _ record: StagedSession, _ formats: [any SessionFormat]
  ) throws(FormatError) {
    var own: [[UInt8]] = []
    var carried: [String: [[UInt8]]] = [:]
    for file in record.note.files where file.merging != nil { try place(file, of: record) }
    let files = Set(record.note.files.filter { $0.merging != nil }.map(\.name))
    for (name, path) in record.files.sorted(by: { $0.key < $1.key }) where !files.contains(name) {
      let bytes = try reading { () throws(FileError) in try readFile(path) }
      let isList = name.hasSuffix(".jsonl")
      let records =
        isList
        ? bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
          .map { Array($0) + [0x0A] } : [bytes]
      if name.hasPrefix("records") {
        own += records
      } else if name.hasPrefix("carried-") {
        var format = name.dropFirst("carried-".count)
        if isList {
          format = format.dropLast(6)
        } else if let hyphen = format.lastIndex(of: "-") {
          format = format[..<hyphen]
        }
        carried[String(format), default: []] += records
      }
    }
    self.own = StoreRecords(own, of: format)
    self.carried = carried.sorted { $0.key < $1.key }.map { id, records in
      let known = formats.first { $0.info.id == id }
      return (
        id,
        known.map { StoreRecords(records, of: $0) }
          ?? StoreRecords(omitting: records.count, ofUnknown: id)
      )
    }
  }
}
