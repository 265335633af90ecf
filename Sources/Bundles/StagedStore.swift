internal import Archive
internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// A store put together again in a private folder from what a bundle holds of it.
struct StagedStore {
  let format: any SessionFormat
  let tool: String
  /// The name of the original store's file or folder.
  let name: String
  /// Where the store is; to be opened with the format.
  let path: String
  /// The sessions in it, and the files of those that have files of their own.
  private(set) var sessions: [(session: StagedSession, places: [String])] = []
  /// What could not be put into it.
  private(set) var failures: [(id: String, reason: String)] = []
  /// Differences of rows that had to be written otherwise, by session.
  private(set) var changedRows: [String: Int] = [:]
  /// The sessions that came without their carry, because its header cannot be read.
  private(set) var unreadableCarries: Set<String> = []
  /// The sessions whose carry stands at the end now, and perhaps did not.
  private(set) var movedCarries: Set<String> = []
  /// What belongs to the store as a whole: its own records, and those of others that it keeps.
  private var own = StoreRecords()
  private var carried: [(format: String, records: StoreRecords)] = []
  private let profile: String?

  /// What is left out because it grants access, which a bundle of ours does not hold.
  var omissions: [Omission] { carried.reduce(own.omissions) { $0 + $1.records.omissions } }

  /// Whether sessions are files that can be moved to their places.
  var isOfFiles: Bool { sessions.allSatisfy { !$0.places.isEmpty } && !sessions.isEmpty }

  /// - Parameters:
  ///   - staged: The sessions of one store.
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
    let hasRows = staged.contains { $0.note.how == "rows" }
    let isBuilt = hasRows && format is any WritableSessionFormat
    path = isBuilt ? folder + "/" + name : folder
    try writing { () throws(FileError) in try createDirectory(folder) }
    if let record, record.damage == nil { try read(record, formats) }
    for session in staged {
      if let damage = session.damage { failures.append((session.note.id, damage)) }
    }
    let intact = staged.filter { $0.damage == nil }
    if isBuilt {
      try writeRows(intact)
    } else {
      try placeFiles(intact)
    }
  }

  // MARK: Files

  private mutating func placeFiles(_ staged: [StagedSession]) throws(FormatError) {
    var taken: Set<String> = []
    for session in staged {
      let files = Self.files(of: session)
      let places = files.map(\.place)
      guard places.allSatisfy(Self.isInside), Set(places).count == places.count,
        taken.isDisjoint(with: places.map(BagPath.folded))
      else {
        failures.append((session.note.id, "its original place is not one to write to"))
        continue
      }
      taken.formUnion(places.map(BagPath.folded))
      do throws(FormatError) {
        try place(files, of: session)
      } catch  where !error.concernsAll {
        failures.append((session.note.id, error.description))
        continue
      }
      sessions.append((session, places))
    }
    try writeRecords(to: path)
  }

  private func place(
    _ files: [(name: String, place: String)], of session: StagedSession
  ) throws(FormatError) {
    try writing { () throws(FileError) in
      for file in files {
        guard let source = session.file(file.name) else { continue }
        let target = path + "/" + file.place
        if let slash = target.lastIndex(of: "/") {
          try createDirectory(String(target[..<slash]))
        }
        try renameFile(source, to: target)
      }
    }
  }

  /// The files of a session, and where they go.
  private static func files(of session: StagedSession) -> [(name: String, place: String)] {
    guard session.note.how == "rows" else {
      return session.note.files.map { ($0.name, $0.relativePath) }
    }
    // Several sessions of one text that is only read come back in a text each.
    return [("records.jsonl", BundleLayout.component(for: session.note.id) + ".md")]
  }

  /// Whether a place named in a bundle stays below the folder it is meant for.
  static func isInside(_ place: String) -> Bool {
    !place.isEmpty && !place.utf8.contains(0)
      && place.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .allSatisfy { part in
          !part.isEmpty && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
        }
  }

  /// Gives a store its records, and lets its format list the sessions that are there.
  func writeRecords(to place: String) throws(FormatError) {
    guard let writable = format as? any WritableSessionFormat else { return }
    let target = try writable.target(at: place, options: WriteOptions(isDurable: false))
    try restoreRecords(to: target)
    try target.publish()
  }

  private func restoreRecords(to target: any SessionTarget) throws(FormatError) {
    if !own.records.isEmpty { try target.restoreStoreRecords(own.records) }
    for (format, kept) in carried where !kept.records.isEmpty {
      try target.carryStoreRecords(kept.records, of: format)
    }
  }

  private mutating func read(
    _ record: StagedSession, _ formats: [any SessionFormat]
  ) throws(FormatError) {
    var own: [[UInt8]] = []
    var carried: [String: [[UInt8]]] = [:]
    for name in record.names.sorted() {
      let bytes = try reading { () throws(FileError) in
        try readFile(record.folder + "/" + name)
      }
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

  // MARK: Rows

  private mutating func writeRows(_ staged: [StagedSession]) throws(FormatError) {
    guard let writable = format as? any WritableSessionFormat else { return }
    let target = try writable.target(
      at: path, options: WriteOptions(profile: profile, isDurable: false))
    do throws(FormatError) {
      for session in staged {
        do throws(FormatError) {
          try writeRows(of: session, to: target)
          sessions.append((session, []))
        } catch {
          if error.concernsAll { throw error }
          failures.append((session.note.id, error.description))
        }
      }
      try restoreRecords(to: target)
      try target.publish()
    } catch {
      target.discard()
      throw error
    }
    try compareRows()
  }

  private mutating func writeRows(of session: StagedSession, to target: any SessionTarget)
    throws(FormatError)
  {
    let writer = try target.writer(
      for: SessionHead(id: session.note.id), id: session.note.id)
    var records = Fingerprint()
    do throws(FormatError) {
      try Self.forEachLine(of: session, "records.jsonl") { (line) throws(FormatError) in
        records.update(line)
        _ = try writer.write(
          Entry(
            .opaque(OpaqueRecord(format: tool, bytes: line)),
            origin: Origin(format: tool, bytes: line)))
      }
      try writer.finishEntries()
      var header: CarryHeader?
      var isFirst = true
      try Self.forEachLine(of: session, "carry.jsonl") { (line) throws(FormatError) in
        let bytes = Array(line.last == 0x0A ? line.dropLast() : line)
        if isFirst {
          header = StoredCarryHeader(json: bytes).header
          if header == nil { unreadableCarries.insert(session.note.id) }
          let isMoved = !format.info.holdsRows && header?.target != records
          if isMoved { movedCarries.insert(session.note.id) }
        } else {
          try writer.appendCarry(bytes)
        }
        isFirst = false
      }
      try writer.publish(header: header)
    } catch {
      writer.discard()
      throw error
    }
  }

  private static func forEachLine(
    of session: StagedSession, _ name: String,
    _ body: (ArraySlice<UInt8>) throws(FormatError) -> Void
  ) throws(FormatError) {
    guard let file = session.file(name) else { return }
    var lines = try reading { () throws(FileError) in try LineReader(path: file) }
    while true {
      let line = try reading { () throws(FileError) in try lines.next(keepingLineFeed: true) }
      guard let line else { return }
      try body(line.bytes[...])
    }
  }

  /// Proves that the store gives the rows that the bundle holds.
  private mutating func compareRows() throws(FormatError) {
    guard !sessions.isEmpty else { return }
    let source = try format.open(path, options: .unlimited)
    var proven: [(session: StagedSession, places: [String])] = []
    for (session, places) in sessions {
      let problem: String?
      do throws(FormatError) {
        problem = try compareRows(of: session, with: source.reader(for: session.note.id))
      } catch {
        problem = error.description
      }
      if let problem {
        failures.append((session.note.id, problem))
      } else {
        proven.append((session, places))
      }
    }
    sessions = proven
  }

  /// What differs of a session's rows; nil when nothing does that matters.
  private mutating func compareRows(
    of session: StagedSession, with reader: any SessionReader
  ) throws(FormatError) -> String? {
    var rest: ArraySlice<UInt8> = []
    var isAtEnd = false
    func nextRow() throws(FormatError) -> ArraySlice<UInt8>? {
      while true {
        if let end = rest.firstIndex(of: 0x0A) {
          defer { rest = rest[(end + 1)...] }
          return rest[...end]
        }
        guard !isAtEnd, let entry = try reader.next() else {
          isAtEnd = true
          defer { rest = [] }
          return rest.isEmpty ? nil : rest
        }
        if let origin = entry.origin { rest = rest.isEmpty ? origin.bytes : rest + origin.bytes }
      }
    }
    var problem: String?
    try Self.forEachLine(of: session, "records.jsonl") { (line) throws(FormatError) in
      guard let row = try nextRow() else {
        problem = "rows are missing when it is read back"
        return
      }
      if row.elementsEqual(line) { return }
      if Self.says(row, atLeast: line) {
        changedRows[session.note.id, default: 0] += 1
      } else {
        problem = "a row differs when it is read back"
      }
    }
    if problem == nil, try nextRow() != nil { problem = "there are more rows than were written" }
    return problem
  }

  /// Whether a row has every column of another one, and perhaps more that a later schema added.
  private static func says(_ row: ArraySlice<UInt8>, atLeast other: ArraySlice<UInt8>) -> Bool {
    guard let row = JSONDocument(ifValid: Array(row)),
      let other = JSONDocument(ifValid: Array(other)),
      row.root.kind == .object, other.root.kind == .object
    else { return false }
    return other.root.members.allSatisfy { key, value in
      row.root[name: key.string]?.raw.elementsEqual(value.raw) ?? false
    }
  }
}
