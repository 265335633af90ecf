internal import Archive
internal import FileIO
internal import JSONText
public import SessionCoding
internal import SessionModel

/// A vault: a folder of packs, each an archive of sessions, and of snapshots, each a list of what the
/// packs hold of them.
///
/// Packs and snapshots are written once and then only read. A snapshot names states of sessions, not
/// packs, so that packs can be rewritten.
public struct Vault: Sendable {
  static let marker = "vault.json"
  static let packFolder = "packs"
  static let snapshotFolder = "snapshots"
  static let readMe = "README.md"
  static let stampFile = "stamps.jsonl.gz"

  /// The folder.
  public let path: String
  /// Whether its packs and lists are encrypted.
  let isEncrypted: Bool
  /// The file with the key.
  private let identity: String?
  /// The packs that can be opened.
  let packs: [Bundle]
  /// The packs that cannot, and why.
  let unreadable: [(path: String, reason: String)]
  /// The names of all snapshots, oldest first.
  public let names: [String]
  private let located: [VaultSnapshot.State: (pack: Int, entry: BundleEntry)]

  /// Whether a folder is a vault.
  static func recognizes(_ path: String) -> Bool {
    // A guess: whoever opens it says why it cannot be read.
    (try? FileStatus(path: path + "/" + marker))??.kind == .file
  }

  /// Whether the marker of a vault says that its packs and lists are encrypted.
  static func isEncrypted(_ path: String) throws(FormatError) -> Bool {
    let marker = try reading { () throws(FileError) in
      try readFile(path + "/" + Self.marker, limit: 1 << 20)
    }
    guard let root = JSONDocument(ifValid: marker)?.root, root["v"]?.int64 == 1 else {
      throw FormatError(
        .damaged, "this is no marker of a vault that this version reads",
        at: .file(path: path + "/" + Self.marker))
    }
    guard let encryption = root["encryption"] else { return false }
    guard encryption.string?.string == "age" else {
      throw FormatError(
        .notReadable, "the vault is encrypted in a way that this version does not know",
        at: .file(path: path), advice: "use a newer version")
    }
    return true
  }

  /// Opens a vault.
  ///
  /// - Parameter identity: The file with the key of an encrypted one.
  /// - Throws: `.notRecognised` for another folder, `.notReadable` for an encrypted one without its key;
  ///   packs that cannot be opened are no failure.
  public init(_ path: String, identity: String? = nil) throws(FormatError) {
    self.path = path
    self.identity = identity
    guard Self.recognizes(path) else {
      throw FormatError(
        .notRecognised, "this is no vault: it has no \(Self.marker)", at: .file(path: path))
    }
    isEncrypted = try Self.isEncrypted(path)
    let (packFolder, snapshotFolder) = (
      path + "/" + Self.packFolder, path + "/" + Self.snapshotFolder
    )
    let suffixes = [BundleLayout.suffix, BundleLayout.suffix + AgeEncryption.suffix]
    let suffix = suffixes[isEncrypted ? 1 : 0]
    names = try Self.files(
      in: snapshotFolder, Self.snapshotSuffix(isEncrypted: isEncrypted))
    let packNames = try Self.files(in: packFolder, suffix)
    guard !isEncrypted || identity != nil || names.isEmpty && packNames.isEmpty else {
      throw FormatError(encrypted: path, "the vault is encrypted")
    }
    var packs: [Bundle] = []
    var unreadable: [(path: String, reason: String)] = []
    var problem: FormatError?
    for name in packNames {
      let file = "\(packFolder)/\(name)\(suffix)"
      do throws(FormatError) {
        packs.append(
          try isEncrypted ? Bundle(encryptedPack: file, identity: identity ?? "") : Bundle(file))
      } catch {
        unreadable.append((file, error.description))
        problem = problem ?? error
      }
    }
    let other = suffixes[isEncrypted ? 0 : 1]
    for name in try Self.files(in: packFolder, other) {
      let reason = isEncrypted ? "it is not encrypted" : "it is encrypted"
      unreadable.append(("\(packFolder)/\(name)\(other)", "\(reason), unlike the vault"))
    }
    var located: [VaultSnapshot.State: (pack: Int, entry: BundleEntry)] = [:]
    for (index, pack) in packs.enumerated() {
      for var entry in pack.entries {
        // Of two packs that have it the one that is whole counts.
        if let known = located[entry.place], packs[known.pack].hasIndex || !pack.hasIndex {
          continue
        }
        // Two packs may be alike in all but that one is damaged.
        entry.bundle = pack.path
        located[entry.place] = (index, entry)
      }
    }
    self.packs = packs
    self.unreadable = unreadable
    self.located = located
    guard isEncrypted, packs.isEmpty, let problem else { return }
    // With the right key a list can be read, whatever the packs are like.
    guard let newest = names.last, (try? snapshot(newest)) != nil else { throw problem }
  }

  /// The end of the names of lists.
  static func snapshotSuffix(isEncrypted: Bool) -> String {
    VaultSnapshot.suffix + (isEncrypted ? AgeEncryption.suffix : "")
  }

  /// Where it is noted how files are known again.
  var stampPath: String { "\(path)/\(Self.stampFile)\(isEncrypted ? AgeEncryption.suffix : "")" }

  /// A file of the vault, decrypted if needed.
  func file(_ path: String) -> ArchiveFile { ArchiveFile(path, identity: identity) }

  /// The names of files in a folder, in order, without their ending.
  private static func files(in folder: String, _ suffix: String) throws(FormatError) -> [String] {
    let status = try reading { () throws(FileError) in try FileStatus(path: folder) }
    guard status != nil else { return [] }
    return try reading { () throws(FileError) in
      try listDirectory(folder).filter {
        $0.kind == .file && $0.isNameExact && $0.name.hasSuffix(suffix)
          && !TemporaryFiles.isTemporaryName($0.name)
      }.map { String($0.name.dropLast(suffix.count)) }.sorted(by: BagManifest.precedes)
    }
  }

  /// All states that packs hold, those included that no snapshot names.
  var entries: [BundleEntry] { located.values.map(\.entry) }

  /// The pack that holds a state; nil when none does.
  func pack(of state: VaultSnapshot.State) -> Bundle? { located[state].map { packs[$0.pack] } }

  /// Reads a snapshot.
  func snapshot(_ name: String) throws(FormatError) -> VaultSnapshot {
    try VaultSnapshot(name: name, file: file(snapshotPath(name)), at: snapshotPath(name))
  }

  func snapshotPath(_ name: String) -> String {
    "\(path)/\(Self.snapshotFolder)/\(name)\(Self.snapshotSuffix(isEncrypted: isEncrypted))"
  }

  /// All snapshots, oldest first.
  ///
  /// - Throws: `.damaged` for one that cannot be read.
  public func snapshots() throws(FormatError) -> [VaultSnapshot] {
    var snapshots: [VaultSnapshot] = []
    for name in names { snapshots.append(try snapshot(name)) }
    return snapshots
  }

  /// The name of the snapshot that is meant.
  ///
  /// - Parameter given: A name or a unique beginning of one; nil for the newest.
  /// - Throws: `.notFound`.
  func name(of given: String?) throws(FormatError) -> String {
    guard let given else {
      guard let newest = names.last else {
        throw FormatError(
          .notFound, "the vault has no snapshot", at: .file(path: path),
          advice: "a run of `carryover backup` makes one")
      }
      return newest
    }
    let found = names.contains(given) ? [given] : names.filter { $0.hasPrefix(given) }
    guard found.count == 1 else {
      throw FormatError(
        .notFound,
        found.isEmpty
          ? "the vault has no snapshot \(given)" : "\(found.count) snapshots start with \(given)",
        at: .file(path: path), advice: "see them with `carryover vault list \(path)`")
    }
    return found[0]
  }

  /// The entries of a snapshot, as its packs have them.
  ///
  /// What no pack holds has an entry without a bundle, so that it is missed by name.
  func entries(of snapshot: VaultSnapshot) -> [BundleEntry] {
    snapshot.states.map { located[$0]?.entry ?? BundleEntry(missing: $0) }
  }
}
