internal import Archive
internal import FileIO
internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Takes the originals of sessions out of a store.
struct SessionExtract: Sendable {
  let source: any SessionSource
  let tool: String
  /// The store's place, as an absolute path.
  let storePath: String
  let storeKey: String
  let folder: TemporaryDirectory
  /// ``stamp(ofStore:)``, taken before the store was opened: what changes later is then seen.
  let storeStamp: String?
  let digests = SharedDigests()

  /// By what a session's files are known again: their sizes, times, numbers, modes and places; nil when
  /// these cannot be told.
  private func stamp(ofFiles files: [PlannedFile]) throws(FormatError) -> String? {
    var parts: [String] = []
    for planned in files {
      let status = try reading { () throws(FileError) in try FileStatus(path: planned.file.path) }
      guard let status, Self.isSettled(status) else { return nil }
      let mode = String(status.permissions, radix: 8)
      parts.append("\(Self.stamp(status)):\(mode):\(planned.file.relativePath)")
    }
    // The places of many files are long.
    return BundleLayout.digestStart(parts.joined(separator: "\n"), 32)
  }

  /// The same, or that of the store where the session is rows of it.
  func stamp(of files: [PlannedFile]?) throws(FormatError) -> String? {
    guard let files, !files.isEmpty else { return storeStamp }
    return try stamp(ofFiles: files)
  }

  /// Size, time and number of a store that is one file, with its log.
  static func stamp(ofStore place: String) -> String? {
    var parts: [String] = []
    for path in [place, place + "-wal"] {
      let status: FileStatus?
      do throws(FileError) {
        status = try FileStatus(path: path)
      } catch {
        // Without a stamp the store is read.
        return nil
      }
      guard let status else { continue }
      guard status.kind == .file, isSettled(status) else { return nil }
      parts.append(stamp(status))
    }
    return parts.isEmpty ? nil : parts.joined(separator: ",")
  }

  /// Whether a file was left alone for two seconds; else it may change again without a new time.
  private static func isSettled(_ status: FileStatus) -> Bool {
    status.modified.seconds < SystemClock.now.seconds - 2
  }

  private static func stamp(_ status: FileStatus) -> String {
    "\(status.size):\(status.modified.seconds).\(status.modified.nanoseconds):\(status.inode)"
  }

  /// Looks for media in the original of a session, which is not kept.
  ///
  /// - Parameter number: What the session is called among the others.
  func note(
    mediaOf summary: SessionSummary, _ files: [PlannedFile]?, number: Int, in media: SharedMedia
  ) throws(FormatError) {
    guard let files else {
      let reader = try source.reader(for: summary.id)
      while let entry = try reader.next() {
        if let origin = entry.origin { try media.note(record: origin.bytes, of: number) }
      }
      return
    }
    for planned in files where planned.holder == nil {
      let file = try reading { () throws(FileError) in
        try RandomAccessFile(path: planned.file.path)
      }
      var scan = MediumScan()
      var offset: UInt64 = 0
      while true {
        let piece = try reading { () throws(FileError) in
          try file.read(at: offset, count: PayloadFile.pieceSize)
        }
        if piece.isEmpty { break }
        offset += UInt64(piece.count)
        try scan.look(at: piece[...]) { (_, text) throws(FormatError) in
          try media.note(text, of: number)
        }
      }
    }
  }

  /// The original of one session, for a folder in the bag.
  func session(
    _ summary: SessionSummary, _ files: [PlannedFile]?, for folder: String, number: Int
  ) throws(FormatError) -> (note: SourceNote, files: [PayloadFile]) {
    guard let files else { return try rows(of: summary, number) }
    var names = RawNames(in: folder, taken: [BundleLayout.sourceNote])
    var note = note(id: summary.id, how: "copy")
    if let main = files.first { note.path = try BackupPlan.absolute(main.file.path) }
    var held: [PayloadFile] = []
    for planned in files {
      if let holder = planned.holder {
        var file = try self.file(
          planned.file, name: "", digest: digests.digest(of: planned.file.path))
        file.holder = holder
        note.files.append(file)
      } else {
        let name = names.name(for: planned.file.relativePath)
        let (payload, file) = try copy(of: planned.file, named: name)
        held.append(payload)
        note.files.append(file)
      }
    }
    return (note, held)
  }

  private func copy(
    of file: SessionFile, named name: String
  ) throws(FormatError) -> (PayloadFile, SourceNote.File) {
    var payload = try PayloadFile(path: "raw/" + name, file: file.path)
    let note = try self.file(file, name: name, digest: payload.digest)
    if let mode = note.mode, let modified = note.modified {
      payload.attributes = PayloadFile.Attributes(mode: mode, modified: modified)
    }
    var noted = note
    noted.size = payload.size
    return (payload, noted)
  }

  /// What is noted of a file of the store.
  private func file(
    _ file: SessionFile, name: String, digest: String
  ) throws(FormatError) -> SourceNote.File {
    let status = try reading { () throws(FileError) in try FileStatus(path: file.path) }
    return SourceNote.File(
      name: name, relativePath: file.relativePath, size: status?.size ?? 0, digest: digest,
      mode: status?.permissions, modified: status?.modified)
  }

  /// The rows of a session as its reader gives them, and what a conversion keeps beside it.
  private func rows(of summary: SessionSummary, _ number: Int) throws(FormatError)
    -> (SourceNote, [PayloadFile])
  {
    // A backup that lacks a record is none.
    if let missing = try source.leftOut(of: summary.id).findings.first {
      throw FormatError(.limit, missing.message, at: missing.place)
    }
    let reader = try source.reader(for: summary.id)
    let buffer = SpillBuffer(in: folder, name: "rows-\(number)")
    while let entry = try reader.next() {
      if let origin = entry.origin { try buffer.append(origin.bytes) }
    }
    var files = [try buffer.finish(path: BundleLayout.records)]
    if let carry = try carry(of: summary.id, number) { files.append(carry) }
    return (note(id: summary.id, how: "rows", files), files)
  }

  private func note(id: String, how: String, _ files: [PayloadFile] = []) -> SourceNote {
    SourceNote(
      tool: tool, profile: source.profile, id: id, how: how, path: storePath, store: storePath,
      files: files.map { file in
        let name = String(file.path.dropFirst("raw/".count))
        return SourceNote.File(
          name: name, relativePath: name, size: file.size, digest: file.digest)
      })
  }

  /// The carry of a converted session: the header, then a chunk per line.
  private func carry(of id: String, _ number: Int) throws(FormatError) -> PayloadFile? {
    guard let cursor = try source.reader(for: id).carry() else { return nil }
    let buffer = SpillBuffer(in: folder, name: "carry-\(number)")
    // As it is stored, so that what is damaged is not made less by a backup.
    try buffer.append((cursor.header.json + [0x0A])[...])
    while let chunk = try cursor.nextStoredChunk() { try buffer.append((chunk + [0x0A])[...]) }
    return try buffer.finish(path: BundleLayout.carry)
  }

  /// What belongs to no session; nil when there is nothing.
  ///
  /// It is the store's files where it has files, and records that belong to no session where it has none.
  func store(entry: BundleEntry) throws(FormatError) -> PreparedSession? {
    let storeFiles = try source.storeFiles()
    var files: [PayloadFile] = []
    if storeFiles.isEmpty {
      files += Self.files(of: try source.storeRecords().records, name: "records")
    }
    if let carried = try source.carriedStoreRecords(), BagPath.isComponent(carried.format) {
      files += Self.files(of: carried.records.records, name: "carried-" + carried.format)
    }
    var note = note(id: "", how: "records", files)
    var names = RawNames(in: entry.path, taken: files.map(\.path) + [BundleLayout.sourceNote])
    for storeFile in storeFiles {
      let name = names.name(for: "store/" + storeFile.file.relativePath)
      var (payload, file) = try copy(of: storeFile.file, named: name)
      file.merging = storeFile.merging
      files.append(payload)
      note.files.append(file)
    }
    guard !files.isEmpty else { return nil }
    return PreparedSession(entry: entry, note: note, files: files)
  }

  /// What is left out of that because it grants access.
  func omissions() throws(FormatError) -> [Omission] {
    try source.storeRecords().omissions + (source.carriedStoreRecords()?.records.omissions ?? [])
  }

  /// Records that are lines in one file, others in a file each.
  private static func files(of records: [[UInt8]], name: String) -> [PayloadFile] {
    guard !records.isEmpty else { return [] }
    let areLines = records.allSatisfy { record in
      record.last == 0x0A && !record.dropLast().contains(0x0A)
    }
    if areLines { return [PayloadFile(path: "raw/\(name).jsonl", bytes: Array(records.joined()))] }
    return records.enumerated().map { index, record in
      PayloadFile(path: "raw/\(name)-\(100_000 + index)", bytes: record)
    }
  }
}
