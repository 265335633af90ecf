internal import Archive
internal import FileIO
public import SessionCoding
internal import SessionModel

/// One state of a session in a vault.
public struct VaultRevision: Sendable {
  /// The session as it was.
  public var entry: BundleEntry
  /// The first and the last snapshot in which it is the newest state.
  public var first: VaultSnapshot
  /// See ``first``.
  public var last: VaultSnapshot
  /// Whether a pack holds it.
  public var isThere: Bool

  /// A file of the session.
  public struct File: Sendable, Hashable {
    /// Its place below the store's folder.
    public var place: String
    /// The number of bytes.
    public var size: UInt64
    /// The SHA-256 of its bytes.
    public var digest: String
    /// When it last changed, as RFC 3339; nil when that is not known.
    public var modified: String?
  }
}

extension Vault {
  /// The revisions of the sessions that are meant, oldest first, session by session.
  ///
  /// - Parameter session: An identifier, or a unique beginning of one.
  /// - Throws: `.notFound`.
  public func history(of session: String) throws(FormatError) -> [VaultRevision] {
    let snapshots = try snapshots()
    var revisions: [VaultSnapshot.State: VaultRevision] = [:]
    for snapshot in snapshots {
      for (state, entry) in zip(snapshot.states, entries(of: snapshot))
      where entry.kind == .session && entry.sourceID.hasPrefix(session) {
        if revisions[state] == nil {
          revisions[state] = VaultRevision(
            entry: entry, first: snapshot, last: snapshot, isThere: entry.bundle != nil)
        }
        revisions[state]?.last = snapshot
      }
    }
    let found = Set(revisions.values.map(\.entry.sourceID))
    let wanted = found.contains(session) ? [session] : found
    guard wanted.count == 1, let id = wanted.first else {
      throw FormatError(
        .notFound,
        found.isEmpty
          ? "no session \(session) in the vault" : "\(found.count) sessions start with \(session)",
        at: .file(path: path),
        advice: "`carryover vault show \(path)` lists them")
    }
    return revisions.values.filter { $0.entry.sourceID == id }.sorted {
      let (a, b) = ($0.entry, $1.entry)
      return (a.tool, a.store, a.revision, $0.first.name)
        < (b.tool, b.store, b.revision, $1.first.name)
    }
  }

  /// The sessions of the newest snapshot, those that changed last first.
  public func sessions() throws(FormatError) -> [BundleEntry] {
    let entries = entries(of: try snapshot(name(of: nil))).filter { $0.kind == .session }
    return entries.sorted { first, second in
      switch (first.time, second.time) {
      case (let a?, let b?): b < a || !(a < b) && first.path < second.path
      case (nil, nil): first.path < second.path
      case (let a, _): a != nil
      }
    }
  }

  /// The files of a revision, those included that lie with another session.
  ///
  /// - Throws: `.damaged` when no pack holds it, and what reading reports.
  public func files(of revision: VaultRevision) throws(FormatError) -> [VaultRevision.File] {
    let entry = revision.entry
    var note: SourceNote?
    try pack(of: entry.place)?.forEachFile(below: entry.path) { (file) throws(FormatError) in
      guard file.path == "\(entry.path)/\(BundleLayout.sourceNote)" else { return }
      note = SourceNote(try file.readAll(limit: 64 << 20))
    }
    guard let note else {
      throw FormatError(
        .damaged, "no pack holds \(entry.path)", at: .file(path: path),
        advice: "see what else is wrong with `carryover verify \(path)`")
    }
    return note.files.map { file in
      VaultRevision.File(
        place: file.relativePath, size: file.size, digest: file.digest,
        modified: file.modified.map {
          Timestamp(seconds: $0.seconds, nanoseconds: $0.nanoseconds).rfc3339
        })
    }
  }
}
