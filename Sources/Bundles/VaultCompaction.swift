internal import Archive
public import Conversion
internal import FileIO
public import SessionCoding
internal import SessionModel

/// Drops from a vault what no snapshot names.
///
/// Packs of which all is needed stay as they are; what is needed of the others goes into a new pack,
/// which is checked before they are removed. Whatever the moment at which this ends, each state that a
/// snapshot names is in a pack.
public struct VaultCompaction: Sendable {
  /// The vault's folder.
  public var vault: String
  /// Whether nothing is written, and the report tells what would be dropped.
  public var isDryRun = false
  /// The file with the key of an encrypted vault.
  public var identity: String?
  /// The public keys for which an encrypted vault is written, or files that hold some.
  public var recipients: [String] = []
  /// The program's name and version.
  public var agent = "carryover"

  /// Creates a compaction.
  public init(of vault: String) { self.vault = vault }

  /// What became of it.
  public struct Report: Sendable {
    /// The number of states of sessions that were dropped.
    public var dropped = 0
    /// The number of packs that were removed.
    public var removed = 0
    /// The number of packs that were written.
    public var written = 0
    /// The size of the packs before and after; for a dry run without what is written anew.
    public var before: UInt64 = 0
    /// See ``before``.
    public var after: UInt64 = 0
    /// Packs that are damaged, so that they were left alone, and why.
    public var left: [(path: String, reason: String)] = []
  }

  /// Runs it.
  ///
  /// - Throws: `.busy` when another run is at work, `.damaged` when a snapshot cannot be read: nothing
  ///   is dropped then.
  public func run(interruption: Interruption = Interruption()) throws(FormatError) -> Report {
    // Nobody writes while this is referred to.
    let writer = try VaultWriter(
      vault, creates: false, isDurable: true, identity: identity,
      recipients: isDryRun ? nil : recipients)
    var report = Report()
    let opened = writer.vault
    var needed: Set<VaultSnapshot.State> = []
    for snapshot in try opened.snapshots() { needed.formUnion(snapshot.states) }
    guard !needed.isEmpty else { throw FormatError(withoutSnapshot: opened) }
    for (path, reason) in opened.unreadable { report.left.append((path, reason)) }

    var unused: [Bundle] = []
    var partly: [(pack: Bundle, kept: [BundleEntry])] = []
    for pack in opened.packs {
      let kept = pack.entries.filter {
        needed.contains($0.place) && opened.pack(of: $0.place)?.path == pack.path
      }
      report.before += try Self.size(of: pack.path)
      let dropped = pack.entries.count { $0.kind == .session && !needed.contains($0.place) }
      if kept.count == pack.entries.count { continue }
      if !kept.isEmpty, !pack.hasIndex {
        report.left.append((pack.path, "it is cut short, or the index beside it is missing"))
        continue
      }
      report.dropped += dropped
      if kept.isEmpty { unused.append(pack) } else { partly.append((pack, kept)) }
    }
    report.after = report.before
    report.removed = unused.count + partly.count
    for pack in unused { report.after -= try Self.size(of: pack.path) }
    guard !isDryRun, report.removed > 0 else { return report }
    if !partly.isEmpty {
      let size = try write(partly, with: writer, interruption)
      report.written = 1
      report.after += size
      for (pack, _) in partly { report.after -= try Self.size(of: pack.path) }
    }
    for pack in unused + partly.map(\.pack) {
      try writing { () throws(FileError) in
        try removeFile(pack.path)
        for suffix in [MemberIndex.packedSuffix, MemberIndex.digestSuffix] {
          try removeFile(pack.path + suffix)
        }
        if opened.isEncrypted { try removeFile(PackTags.path(of: pack.path)) }
      }
    }
    return report
  }

  private static func size(of path: String) throws(FormatError) -> UInt64 {
    try reading { () throws(FileError) in try FileStatus(path: path)?.size ?? 0 }
  }

  /// Writes what is kept of some packs into a new one, and checks that.
  private func write(
    _ packs: [(pack: Bundle, kept: [BundleEntry])], with writer: VaultWriter,
    _ interruption: Interruption
  ) throws(FormatError) -> UInt64 {
    let name = writer.nextName
    let stage = try writing { () throws(FileError) in try TemporaryDirectory() }
    var archive = try ArchiveOutput(at: writer.stagePath(name, stage))
    var entries: [BundleEntry] = []
    var contents: Set<String> = ["raw"]
    for (pack, kept) in packs {
      let folder = try writing { () throws(FileError) in try TemporaryDirectory() }
      var copy = PackCopy(pack, in: folder)
      for entry in kept {
        try interruption.check()
        try archive.add(try copy.files(of: entry))
        entries.append(entry)
      }
      let known = archive.manifest.digests
      try archive.add(blobs: try copy.blobs().filter { known[$0.path] == nil })
      contents.formUnion(pack.contents)
    }
    let tags = BagTags(
      agent: agent, manifest: archive.manifest, payloadBytes: archive.payloadBytes,
      entries: entries, contents: contents, omissions: [], group: nil, number: 1)
    let staged = try archive.finish(tags, interruption)
    var check = BagCheck(path: writer.path, depth: .standard)
    check.elsewhere = Set(writer.vault.entries.map(\.identity))
    try check.run(try staged.bundle(), interruption)
    if let problem = check.findings.first(where: { $0.severity == .error }) {
      throw FormatError(
        .damaged,
        "what was written is not as it should be, so nothing was dropped: "
          + problem.message, at: .file(path: writer.path),
        advice: "check the disk, and the vault with `carryover verify`")
    }
    return try writer.publish(staged, as: name)
  }
}

extension FormatError {
  /// Without a snapshot nothing is needed, and all would be dropped.
  fileprivate init(withoutSnapshot vault: Vault) {
    self.init(
      .damaged, "the vault has no snapshot, so nothing tells what it has to keep",
      at: .file(path: vault.path), advice: "a run of `carryover backup` makes one")
    isAboutTarget = true
  }
}

/// Takes files out of a pack as they are, to go into another.
private struct PackCopy {
  private let pack: Bundle
  private let folder: TemporaryDirectory
  private let manifest: BagManifest
  /// The number of files in each folder, by the manifest.
  private let expected: [String: Int]
  private var count = 0
  private var needed: Set<String> = []

  init(_ pack: Bundle, in folder: TemporaryDirectory) {
    self.pack = pack
    self.folder = folder
    let manifest = BagManifest(pack.tags[BundleLayout.manifest] ?? []) { _, _ in }
    self.manifest = manifest
    expected = Dictionary(grouping: manifest.digests.keys) { BundleLayout.folder(of: $0) ?? "" }
      .mapValues(\.count)
  }

  /// The files of an entry, with their modes and times.
  mutating func files(of entry: BundleEntry) throws(FormatError) -> [PayloadFile] {
    var files: [PayloadFile] = []
    var note: SourceNote?
    try pack.forEachFile(below: entry.path) { (file) throws(FormatError) in
      let copy = try self.copy(file)
      if file.path == "\(entry.path)/\(BundleLayout.sourceNote)",
        case .bytes(let bytes) = copy.content
      {
        note = SourceNote(bytes)
      }
      files.append(copy)
    }
    for file in note?.files ?? [] {
      needed.formUnion(file.cuts.map(\.blob))
      guard let mode = file.mode, let modified = file.modified,
        let index = files.firstIndex(where: { $0.path == "\(entry.path)/raw/\(file.name)" })
      else { continue }
      files[index].attributes = PayloadFile.Attributes(mode: mode, modified: modified)
    }
    guard note != nil, files.count == expected[entry.path] else { throw damage(entry.path) }
    return files
  }

  /// The media that the files need; all, where transcripts refer to them.
  mutating func blobs() throws(FormatError) -> [PayloadFile] {
    let keepsAll = pack.contents.contains("transcript")
    guard keepsAll || !needed.isEmpty else { return [] }
    var blobs: [PayloadFile] = []
    try pack.forEachFile(below: BundleLayout.blobs) { (file) throws(FormatError) in
      let name = file.path.split(separator: "/").last.map(String.init) ?? ""
      guard keepsAll || needed.remove(name) != nil else { return }
      blobs.append(try copy(file))
    }
    return blobs
  }

  private mutating func copy(_ file: BundleFile) throws(FormatError) -> PayloadFile {
    let copy: PayloadFile
    if file.size <= PayloadFile.heldSize {
      copy = PayloadFile(path: file.path, bytes: try file.readAll())
    } else {
      count += 1
      let target = folder.path(of: String(count))
      var output = try writing { () throws(FileError) in try AtomicOutput(replacing: target) }
      while let piece = try file.next() {
        do throws(FileError) { try output.write(piece) } catch { throw FormatError(writing: error) }
      }
      do throws(FileError) {
        try output.commit(durable: false)
      } catch {
        throw FormatError(writing: error)
      }
      copy = try PayloadFile(path: file.path, file: target)
    }
    guard copy.digest == manifest.digests[file.path] else { throw damage(file.path) }
    return copy
  }

  private func damage(_ path: String) -> FormatError {
    FormatError(
      .damaged, "\(path) is not what the pack says, so nothing was dropped",
      at: .file(path: pack.path), advice: "see what is wrong with `carryover verify`")
  }
}

extension Bundle {
  /// The forms of sessions that are in it.
  fileprivate var contents: Set<String> {
    Set(
      (info["Session-Bag-Contents"] ?? "raw").split(separator: ",")
        .map { String($0.drop { $0 == " " }) })
  }
}
