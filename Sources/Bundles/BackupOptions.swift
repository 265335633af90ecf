public import Conversion
public import SessionCoding

/// A store to back up.
public struct BackupSource: Sendable {
  /// The store's format.
  public var format: any SessionFormat
  /// Where it is.
  public var path: String
  /// Identifiers or unique prefixes of the sessions to take; empty means all.
  public var sessions: [String]
  /// Which of these are taken.
  public var filter: SessionFilter

  /// Whether all of the store is taken.
  var isWhole: Bool { sessions.isEmpty && filter.isEmpty }

  /// Creates a description.
  public init(
    format: any SessionFormat, path: String, sessions: [String] = [],
    filter: SessionFilter = SessionFilter()
  ) {
    self.format = format
    self.path = path
    self.sessions = sessions
    self.filter = filter
  }
}

/// The switches of a backup.
public struct BackupOptions: Sendable {
  /// The format of `session.jsonl`; nil to leave it out.
  public var canonical: (any WritableSessionFormat)?
  /// The format of `transcript.md`; nil to leave it out.
  public var transcript: (any WritableSessionFormat)?
  /// An earlier bundle; what it or its predecessors hold unchanged is only referred to.
  public var since: String?
  /// The public keys for which the bundle is encrypted, or files that hold some; empty for none.
  public var recipients: [String] = []
  /// The file with the key of ``since``, or of the vault, where that is encrypted.
  public var identity: String?
  /// Whether an archive that exists is replaced.
  public var replaces = false
  /// Whether each session that is written is restored from the bundle and compared before that is
  /// published.
  public var proves = true
  /// Whether sessions are read also where a vault knows their files again by size and time.
  public var readsUnchanged = false
  /// How many sessions to work on at the same time.
  public var jobs = 1
  /// Whether data is forced to disk before it is published.
  public var isDurable = true
  /// The limits of reading.
  public var readOptions = ReadOptions()
  /// The program's name and version for `bag-info.txt`.
  public var agent = "carryover"

  /// The default switches: originals only.
  public init() {}
}
