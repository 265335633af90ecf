internal import Archive
internal import FileIO
internal import SessionCoding
internal import SessionModel

/// A vault that one run adds to.
///
/// A pack is published first, then the snapshot that names what is in it: that is the moment at which
/// the run counts. What is there already is never changed. A pack that no snapshot names, because a run
/// was cut off, does no harm; `vault compact` drops it.
final class VaultWriter: Sendable {
  let path: String
  /// The vault as it was when the run began.
  let vault: Vault
  /// For whom what is added is encrypted; empty for a vault that is not.
  let recipients: [String]
  private let isDurable: Bool
  private let lock: HeldLock
  private let isNew: Bool

  /// Keeps a lock on the marker, which is the same however the vault is named, as long as it is referred
  /// to.
  private final class HeldLock: Sendable {
    let lock: FileLock
    init(_ path: String) throws(FileError) {
      lock = try FileLock(path: path + "/" + Vault.marker, blocking: false)
    }
  }

  /// Opens a vault.
  ///
  /// - Parameters:
  ///   - creates: Whether a vault that is not there is made.
  ///   - identity: The file with the key of an encrypted vault.
  ///   - recipients: For whom what is added is encrypted, empty for a vault that is not; nil where
  ///     nothing is added.
  /// - Throws: `.busy` when another run is at work, `.notWritable` when something else is there, or a
  ///   vault that is encrypted where this is not to be, or the other way round.
  init(
    _ path: String, creates: Bool, isDurable: Bool, identity: String?, recipients: [String]?
  ) throws(FormatError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
    self.isDurable = isDurable
    self.recipients = recipients ?? []
    if !creates { _ = try Vault(path, identity: identity) }
    try Self.checkPlace(path)
    // Before anything is made.
    if let identity, !self.recipients.isEmpty {
      try AgeEncryption.check(identity, opens: self.recipients)
    }
    let isEncrypted = !self.recipients.isEmpty
    do throws(FileError) {
      try createDirectory(path)
      lock = try HeldLock(path)
      // The marker first: with it the next run goes on with what this one leaves.
      isNew = try FileStatus(path: path + "/" + Vault.marker)?.size == 0
      if isNew {
        try lock.lock.write(Self.markerText(isEncrypted: isEncrypted))
        if isDurable { try synchronize(path) }
      }
    } catch {
      throw FormatError(writing: error)
    }
    if let recipients, try Vault.isEncrypted(path) == recipients.isEmpty {
      throw FormatError(vault: path, isEncrypted: recipients.isEmpty)
    }
    do throws(FileError) {
      for folder in [Vault.packFolder, Vault.snapshotFolder] {
        try createDirectory(path + "/" + folder)
      }
      try Self.write(
        Self.readMeText(isEncrypted: isEncrypted), to: path + "/" + Vault.readMe, durable: isDurable
      )
    } catch {
      throw FormatError(writing: error)
    }
    vault = try Vault(path, identity: identity)
  }

  /// Refuses a place where something other than a vault is.
  private static func checkPlace(_ path: String) throws(FormatError) {
    guard !Vault.recognizes(path) else { return }
    let isFree = try writing { () throws(FileError) in
      switch try FileStatus(path: path)?.kind {
      case nil: true
      case .directory:
        try !listDirectory(path).contains { !TemporaryFiles.isTemporaryName($0.name) }
      default: throw FileError(.exists, path: path, operation: "opening the vault")
      }
    }
    guard !isFree else { return }
    var error = FormatError(
      .notWritable, "the folder holds something other than a vault", at: .file(path: path),
      advice: "choose another one")
    error.isAboutTarget = true
    throw error
  }

  private static func write(
    _ text: String, to path: String, durable: Bool
  ) throws(FileError) {
    guard try FileStatus(path: path) == nil else { return }
    var output = try AtomicOutput(replacing: path)
    try output.write(text)
    try output.commit(durable: durable)
  }

  /// A name for a pack and a snapshot: the time, and later than all that are there.
  var nextName: String {
    let taken = vault.names + vault.packs.map(\.path) + vault.unreadable.map(\.path)
    let last = taken.compactMap { Self.seconds(in: $0) }.max() ?? .min
    return Self.name(at: max(SystemClock.now.seconds, last == .min ? last : last + 1))
  }

  /// `20260301T090000Z`.
  private static func name(at seconds: Int64) -> String {
    let time = Timestamp(seconds: seconds).rfc3339
    return time.filter { $0 != "-" && $0 != ":" }
  }

  /// The time that a name says.
  private static func seconds(in path: String) -> Int64? {
    let name = path.split(separator: "/").last?.split(separator: ".").first ?? ""
    guard name.utf8.count == 16, name.hasSuffix("Z") else { return nil }
    let digits = name.filter(\.isNumber)
    guard digits.count == 14 else { return nil }
    func part(_ start: Int, _ count: Int) -> Int64? {
      Int64(digits.dropFirst(start).prefix(count))
    }
    guard let year = part(0, 4), let month = part(4, 2), let day = part(6, 2),
      let hour = part(8, 2), let minute = part(10, 2), let second = part(12, 2)
    else { return nil }
    return CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second
    ).secondsSinceEpoch
  }

  /// Where a pack goes.
  func packPath(_ name: String) -> String {
    let suffix = BundleLayout.suffix + (recipients.isEmpty ? "" : AgeEncryption.suffix)
    return "\(path)/\(Vault.packFolder)/\(name)\(suffix)"
  }

  /// Where a pack is put together: what is to be encrypted stays in a private folder until then.
  func stagePath(_ name: String, _ folder: TemporaryDirectory) -> String {
    recipients.isEmpty ? packPath(name) : folder.path(of: name + BundleLayout.suffix)
  }

  /// Adds a pack, then what lies beside it.
  ///
  /// - Returns: The pack's size.
  func publish(_ staged: consuming StagedArchive, as name: String) throws(FormatError) -> UInt64 {
    let index = staged.index
    guard !recipients.isEmpty else {
      try staged.publish(replacing: false, durable: isDurable, isPack: true)
      return index.archiveSize
    }
    let path = packPath(name)
    let tags = try staged.bundle().tags
    let size = try staged.encrypt(
      to: path, for: recipients, replacing: false, durable: isDurable)
    try AgeEncryption.write(
      PackTags(tags: tags, index: index, packSize: size).bytes(for: path),
      to: PackTags.path(of: path), for: recipients, replacing: true, durable: isDurable)
    return size
  }

  /// Makes a list of entries the newest snapshot, unless the newest one is the same list.
  ///
  /// - Parameter latest: The newest one so far.
  /// - Returns: The name of the newest snapshot then, and whether it is a new one.
  func publish(
    _ entries: [BundleEntry], as name: String, after latest: VaultSnapshot?, agent: String
  ) throws(FormatError) -> (name: String, isNew: Bool) {
    let snapshot = VaultSnapshot(
      entries, name: name, at: Timestamp(seconds: SystemClock.now.seconds), agent: agent)
    if let latest, latest.states == snapshot.states { return (latest.name, false) }
    if !recipients.isEmpty {
      try AgeEncryption.write(
        snapshot.file, to: vault.snapshotPath(name), for: recipients, replacing: false,
        durable: isDurable)
      return (name, true)
    }
    try writing { () throws(FileError) in
      var output = try AtomicOutput(replacing: vault.snapshotPath(name))
      try output.write(snapshot.file)
      try output.commitIfAbsent(durable: isDurable)
    }
    return (name, true)
  }

  /// Ends without changing the vault; one that was new goes again.
  func discard() {
    guard isNew else { return }
    for file in [Vault.readMe, Vault.marker] { discardFile(path + "/" + file) }
    for folder in [Vault.packFolder, Vault.snapshotFolder] {
      discardEmptyDirectory(path + "/" + folder)
    }
    discardEmptyDirectory(path)
  }

  private static func markerText(isEncrypted: Bool) -> String {
    let encryption = isEncrypted ? ",\"encryption\":\"age\"" : ""
    return "{\"v\":1,\"layout\":\"x-session-vault/1\"\(encryption)}\n"
  }

  private static func readMeText(isEncrypted: Bool) -> String {
    isEncrypted ? encryptedReadMe : plainReadMe
  }

  private static let plainReadMe = """
    # Session vault

    `packs/` holds archives: each is what one run added, complete in itself, with a README.md that says
    how to read it. `snapshots/` holds a list for each run: the states of sessions that were the newest
    then, one in each line after the first; `path` is the folder of the session in one of the packs.
    `stamps.jsonl.gz` only saves time and can be deleted.

    Nothing but standard tools is needed to check a vault, and to get at what is in it:

        cd packs && sha256sum -c --quiet *.sha256
        gzip -dc snapshots/20260301T090000Z.jsonl.gz
        tar xzf packs/20260301T090000Z.tar.gz

    """

  private static let encryptedReadMe = """
    # Session vault, encrypted

    Everything in this vault is encrypted with age (age-encryption.org); what can be seen without the
    key is when it was added, and how large it is. `packs/` holds archives: each is what one run added,
    complete in itself, with a README.md that says how to read it; the small file `.tags.age` beside one
    repeats what it lists. `snapshots/` holds a list for each run: the states of sessions that were the
    newest then, one in each line after the first; `path` is the folder of the session in one of the
    packs. `stamps.jsonl.gz.age` only saves time and can be deleted.

    With the key in key.txt standard tools get at what is in it:

        cd packs && sha256sum -c --quiet *.sha256
        age -d -i key.txt snapshots/20260301T090000Z.jsonl.gz.age | gzip -d
        age -d -i key.txt packs/20260301T090000Z.tar.gz.age | tar xz

    """
}

extension FormatError {
  /// A vault is encrypted as a whole or not at all.
  fileprivate init(vault path: String, isEncrypted: Bool) {
    self.init(
      .notWritable,
      isEncrypted
        ? "the vault is encrypted, so nothing is added to it in the clear"
        : "the vault is not encrypted, so nothing is added to it encrypted",
      at: .file(path: path),
      advice: isEncrypted
        ? "give --encrypt RECIPIENT and --identity FILE"
        : "leave out --encrypt, or name a new vault")
    isAboutTarget = true
  }
}
