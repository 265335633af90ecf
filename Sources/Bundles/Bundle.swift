internal import Archive
internal import FileIO
public import SessionCoding
internal import SessionModel

/// A bundle opened for reading: an archive, a folder that one was unpacked to, or a snapshot of a vault.
public struct Bundle: Sendable {
  /// Where it is.
  public let path: String
  /// The labels of `bag-info.txt`.
  let info: BagInfo
  /// The catalogue, all revisions.
  public let entries: [BundleEntry]
  /// The tag files by name.
  let tags: [String: [UInt8]]
  let storage: Storage

  enum Storage: Sendable {
    case folder(BagFolder)
    case archive(ArchiveFile, MemberIndex?)
    case vault(Vault)
  }

  /// The bundle's own name among others: its identifier.
  public var identifier: String { info["External-Identifier"] ?? "" }
  /// What all bundles of one series share.
  public var group: String { info["Bag-Group-Identifier"] ?? "" }
  /// The number of the bundle in its series.
  public var number: Int {
    (info["Bag-Count"]?.split(separator: " ").first).flatMap { Int($0) } ?? 1
  }
  /// Whether parts of it can be read without the rest.
  var hasIndex: Bool {
    if case .archive(_, let index) = storage { index != nil } else { true }
  }
  /// Removes the decrypted copy, if there is one, until it is needed again.
  func close() {
    if case .archive(let archive, _) = storage { archive.close() }
  }
  /// The latest state of each session.
  public var current: [BundleEntry] { BundleEntry.current(entries) }

  /// Opens a bundle.
  ///
  /// - Parameters:
  ///   - snapshot: Which snapshot of a vault; nil for the newest.
  ///   - identity: The file with the key of an encrypted bundle, which is decrypted to a private folder.
  /// - Throws: `.notFound`, `.notRecognised` when there is no bag, and what reading reports.
  public init(
    _ path: String, snapshot: String? = nil, identity: String? = nil
  ) throws(FormatError) {
    let storage: Storage
    let tags: [String: [UInt8]]
    let status = try reading { () throws(FileError) in try FileStatus(path: path) }
    guard let status else {
      throw FormatError(.notFound, "there is no such bundle", at: .file(path: path))
    }
    if status.kind == .directory, Vault.recognizes(path) {
      let vault = try Vault(path, identity: identity)
      try self.init(vault, vault.snapshot(vault.name(of: snapshot)))
      return
    }
    if let snapshot {
      throw FormatError(
        .notFound, "there is no snapshot \(snapshot): this is no vault", at: .file(path: path),
        advice: "leave out --snapshot")
    }
    if status.kind == .directory {
      let folder = BagFolder(path: path)
      storage = .folder(folder)
      tags = try folder.tagFiles()
    } else {
      let archive = ArchiveFile(path, identity: identity)
      let file = try archive.open()
      // Without its index an archive is read from end to end; `verify` says what is wrong with the index.
      let index = MemberIndex(of: path)
      storage = .archive(archive, index?.archiveSize == file.size ? index : nil)
      tags = try Self.tagFiles(of: file)
    }
    try self.init(path, storage, tags)
  }

  /// Opens an archive that is not published yet.
  init(staged path: String, _ index: MemberIndex) throws(FormatError) {
    let archive = ArchiveFile(path)
    try self.init(path, .archive(archive, index), Self.tagFiles(of: archive.open()))
  }

  /// Opens a pack of an encrypted vault; its content is decrypted when it is read.
  ///
  /// - Parameter identity: The file with the key.
  init(encryptedPack path: String, identity: String) throws(FormatError) {
    let archive = ArchiveFile(path, identity: identity)
    if let beside = PackTags(of: path, identity: identity) {
      try self.init(path, .archive(archive, beside.index), beside.tags)
    } else {
      try self.init(path, .archive(archive, nil), Self.tagFiles(of: archive.open()))
    }
  }

  /// Opens a snapshot of a vault.
  init(_ vault: Vault, _ snapshot: VaultSnapshot) {
    path = vault.path
    storage = .vault(vault)
    tags = [:]
    info = BagInfo()
    entries = vault.entries(of: snapshot)
  }

  private init(
    _ path: String, _ storage: Storage, _ tags: [String: [UInt8]]
  ) throws(FormatError) {
    self.path = path
    self.storage = storage
    self.tags = tags
    guard let declaration = tags[BundleLayout.declaration],
      BagDeclaration.version(declaration) != nil
    else {
      throw FormatError(
        .notRecognised, "this is no bundle: it has no bagit.txt of version 1.0",
        at: .file(path: path))
    }
    info = BagInfo(tags[BundleLayout.info] ?? [])
    entries = BundleEntry.read(tags[BundleLayout.index] ?? []) { _ in }
  }

  /// Whether a path holds a bundle.
  public static func recognizes(_ path: String) -> Bool {
    guard let status = try? FileStatus(path: path) else { return false }
    switch status.kind {
    case .directory:
      // A guess: whoever opens it says why it cannot be read.
      return Vault.recognizes(path)
        || (try? BagFolder(path: path).file(BundleLayout.declaration)) ?? nil != nil
    // A guess, as above.
    case .file: return BundleLayout.isArchive(path) && (try? Bundle(path)) != nil
    default: return false
    }
  }

  static func tagFiles(of file: RandomAccessFile) throws(FormatError)
    -> [String: [UInt8]]
  {
    let path = file.path
    var tags: [String: [UInt8]] = [:]
    let reader = try reading(path) { () throws(ArchiveError) in
      BagArchiveReader(TarReader(try ArchiveStream(file)))
    }
    // An archive of ours begins with these, another's may have them anywhere.
    let wanted = Set(BundleLayout.tags).subtracting([BundleLayout.readMe])
    while !wanted.isSubset(of: tags.keys),
      let entry = try reading(path, { () throws(ArchiveError) in try reader.next() })
    {
      guard BundleLayout.tags.contains(entry.path) else { continue }
      tags[entry.path] = try reading(path) { () throws(ArchiveError) in
        try reader.readAll(limit: 256 << 20)
      }
    }
    return tags
  }

  /// Walks the files of the bundle.
  ///
  /// - Parameters:
  ///   - folder: Only the files below it; the rest of an archive with an index is not read.
  ///   - known: Where in the archive they are, when that was looked up already.
  @discardableResult
  func forEachFile(
    below folder: String? = nil, in known: [Range<UInt64>]? = nil,
    _ body: (BundleFile) throws(FormatError) -> Void
  ) throws(FormatError) -> BundleWalk {
    switch storage {
    case .folder(let bag): return try bag.forEachFile(below: folder, body)
    // What a vault holds is read from its packs.
    case .vault: return BundleWalk()
    case .archive(let archive, let index):
      let file = try archive.open()
      var walk = BundleWalk()
      let ranges = known ?? folder.flatMap { folder in index?.ranges(below: folder + "/") } ?? []
      if ranges.isEmpty {
        try Self.walk(file, nil, below: folder, into: &walk, body)
      } else {
        for range in ranges { try Self.walk(file, range, below: folder, into: &walk, body) }
      }
      return walk
    }
  }

  private static func walk(
    _ file: RandomAccessFile, _ range: Range<UInt64>?, below folder: String?,
    into walk: inout BundleWalk, _ body: (BundleFile) throws(FormatError) -> Void
  ) throws(FormatError) {
    let path = file.path
    let stream = try reading(path) { () throws(ArchiveError) in
      try ArchiveStream(file, range: range)
    }
    let reader = BagArchiveReader(TarReader(stream, needsEnd: range == nil))
    while let entry = try reading(path, { () throws(ArchiveError) in try reader.next() }) {
      if let folder, !entry.path.hasPrefix(folder + "/") { continue }
      try body(
        BundleFile(path: entry.path, size: entry.size) { () throws(FormatError) in
          try reading(path) { () throws(ArchiveError) in try reader.read() }
        })
    }
    walk.root = reader.root
    walk.warnings += reader.warnings
  }
}
