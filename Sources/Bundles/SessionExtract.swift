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

  /// Size, time and number of a session's files, when it has files of its own.
  func stamp(of id: String) throws(FormatError) -> String? {
    guard let originals = try source.originals(of: id) else { return nil }
    var parts: [String] = []
    for file in originals {
      let status = try reading { () throws(FileError) in try FileStatus(path: file.path) }
      guard let status, file.range == nil else { return nil }
      parts.append(
        "\(status.size):\(status.modified.seconds).\(status.modified.nanoseconds):\(status.inode)")
    }
    return parts.joined(separator: ",")
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
      guard status.kind == .file else { return nil }
      parts.append(
        "\(status.size):\(status.modified.seconds).\(status.modified.nanoseconds):\(status.inode)")
    }
    return parts.isEmpty ? nil : parts.joined(separator: ",")
  }

  /// Looks for media in the original of a session, which is not kept.
  ///
  /// - Parameter number: What the session is called among the others.
  func note(mediaOf summary: SessionSummary, number: Int, in media: SharedMedia)
    throws(FormatError)
  {
    guard let originals = try source.originals(of: summary.id) else {
      let reader = try source.reader(for: summary.id)
      while let entry = try reader.next() {
        if let origin = entry.origin { try media.note(record: origin.bytes, of: number) }
      }
      return
    }
    for original in originals {
      let file = try reading { () throws(FileError) in
        try RandomAccessFile(path: original.path)
      }
      let range = original.range ?? 0..<file.size
      var scan = MediumScan()
      var offset = range.lowerBound
      while offset < min(range.upperBound, file.size) {
        let piece = try reading { () throws(FileError) in
          try file.read(
            at: offset,
            count: Int(min(UInt64(PayloadFile.pieceSize), range.upperBound - offset)))
        }
        if piece.isEmpty { break }
        offset += UInt64(piece.count)
        try scan.look(at: piece[...]) { (_, text) throws(FormatError) in
          try media.note(text, of: number)
        }
      }
    }
  }

  /// The original of one session.
  func session(_ summary: SessionSummary, entry: BundleEntry, number: Int) throws(FormatError)
    -> (note: SourceNote, files: [PayloadFile])
  {
    if let originals = try source.originals(of: summary.id) {
      return try copies(of: originals, summary)
    }
    return try rows(of: summary, number)
  }

  private func copies(of originals: [OriginalFile], _ summary: SessionSummary)
    throws(FormatError) -> (SourceNote, [PayloadFile])
  {
    var files: [PayloadFile] = []
    var notes: [SourceNote.File] = []
    var taken: Set<String> = ["source.json", "records.jsonl", "carry.jsonl"]
    for (index, original) in originals.enumerated() {
      let name = Self.name(for: original.relativePath, index, &taken)
      let status = try reading { () throws(FileError) in try FileStatus(path: original.path) }
      let file = try PayloadFile(
        path: "raw/" + name, file: original.path, range: original.range)
      files.append(file)
      notes.append(
        SourceNote.File(
          name: name, relativePath: original.relativePath, size: file.size, digest: file.digest,
          modified: status.map {
            "\($0.modified.seconds).\(Self.padded($0.modified.nanoseconds))"
          }))
    }
    let note = SourceNote(
      tool: tool, profile: source.profile, id: summary.id, how: "copy",
      path: originals.first?.path ?? storePath, store: storePath, files: notes)
    return (note, files)
  }

  private static func padded(_ nanoseconds: Int32) -> String {
    let text = String(nanoseconds)
    return String(repeating: "0", count: max(0, 9 - text.count)) + text
  }

  /// The file's own name where it keeps the path rules and is free.
  private static func name(for place: String, _ index: Int, _ taken: inout Set<String>) -> String {
    let last = place.split(separator: "/").last.map(String.init) ?? ""
    let name = BagPath.isComponent(last) ? last : "original-\(index + 1)"
    if taken.insert(BagPath.folded(name)).inserted { return name }
    let other = "original-\(index + 1)-\(BundleLayout.digestStart(place, 16))"
    taken.insert(other)
    return other
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

  private func note(id: String, how: String, _ files: [PayloadFile]) -> SourceNote {
    SourceNote(
      tool: tool, profile: source.profile, id: id, how: how, path: storePath, store: storePath,
      files: files.map { file in
        let name = String(file.path.dropFirst("raw/".count))
        return SourceNote.File(
          name: name, relativePath: name, size: file.size, digest: file.digest, modified: nil)
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
  func store(entry: BundleEntry) throws(FormatError) -> PreparedSession? {
    var files = Self.files(of: try source.storeRecords().records, name: "records")
    if let carried = try source.carriedStoreRecords(), BagPath.isComponent(carried.format) {
      files += Self.files(of: carried.records.records, name: "carried-" + carried.format)
    }
    guard !files.isEmpty else { return nil }
    return PreparedSession(
      entry: entry, note: note(id: "", how: "records", files), files: files)
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
