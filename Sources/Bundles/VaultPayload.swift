internal import Archive
internal import FileIO
internal import SessionCoding

/// Tells whether what a vault says that it holds is there.
struct VaultPayload: Sendable {
  private let vault: VaultFolder
  /// The files of sessions and stores that the manifest names, by their folders.
  private let files: [String: [String]]
  private let current: [BundleEntry.Identity: BundleEntry]
  private let hasBlobs: Bool

  /// Looks at a bundle; nil for one that is no vault.
  init?(_ bundle: Bundle) {
    guard case .folder(let vault) = bundle.storage else { return nil }
    self.vault = vault
    let manifest = BagManifest(bundle.tags[BundleLayout.manifest] ?? []) { _, _ in }
    files = Dictionary(grouping: manifest.digests.keys) { BundleLayout.folder(of: $0) ?? "" }
    current = Dictionary(bundle.current.map { ($0.identity, $0) }) { first, _ in first }
    hasBlobs = !bundle.blobs.isEmpty
  }

  /// Whether all files of an entry are there, with their sizes; also those that other sessions hold, and
  /// its media.
  func holds(_ entry: BundleEntry) throws(FormatError) -> Bool {
    guard try holdsFolder(of: entry) else { return false }
    for id in entry.holders {
      var identity = entry.identity
      identity.id = id
      guard let holder = current[identity], try holdsFolder(of: holder) else { return false }
    }
    return true
  }

  private func holdsFolder(of entry: BundleEntry) throws(FormatError) -> Bool {
    var bytes: UInt64 = 0
    for path in files[entry.path] ?? [] {
      guard let size = try size(of: path) else { return false }
      bytes += size
    }
    guard bytes == entry.bytes else { return false }
    guard hasBlobs else { return true }
    guard let path = try vault.file("\(entry.path)/\(BundleLayout.sourceNote)"),
      let note = SourceNote(try reading { () throws(FileError) in try readFile(path) })
    else { return false }
    for cut in note.files.flatMap(\.cuts) {
      guard try size(of: BundleLayout.blob(cut.blob)) == cut.size else { return false }
    }
    return true
  }

  /// The size of a file of the vault; nil when it is not there.
  func size(of path: String) throws(FormatError) -> UInt64? {
    guard let file = try vault.file(path) else { return nil }
    return try reading { () throws(FileError) in try FileStatus(path: file)?.size }
  }

  /// Whether files, by their paths in the vault, are all that an entry has, or more.
  func isCovered(_ entry: BundleEntry, by paths: [String]) -> Bool {
    Set(paths).isSuperset(of: files[entry.path] ?? [])
  }
}
