public import Conversion
public import SessionCoding

/// The switches of a restoration.
public struct RestoreOptions: Sendable {
  /// The format to write; nil for the one that each session came from.
  public var format: (any RestorableSessionFormat)?
  /// The profile of that format.
  public var profile: String?
  /// Only sessions of this format.
  public var tool: String?
  /// Identifiers or unique beginnings of the sessions to restore; empty means all.
  public var sessions: [String] = []
  /// What else narrows the sessions to restore.
  public var filter = SessionFilter()
  /// The snapshot of a vault, by its name or a unique beginning of it; nil for the newest.
  public var snapshot: String?
  /// The file with the key of an encrypted bundle.
  public var identity: String?
  /// Whether nothing is written, and the report tells what would be.
  public var isDryRun = false
  /// What to do with sessions that the destination has and that differ.
  public var onConflict = ConflictPolicy.skip
  /// Whether originals of other formats are kept beside what is written.
  public var carries = true
  /// Beginnings of workspace paths to replace; sessions are written anew then, and are no exact copies.
  public var mappedPaths: [(old: String, new: String)] = []
  /// Earlier bundles of the series that do not lie beside this one.
  public var bases: [String] = []
  /// The limits of reading.
  public var readOptions = ReadOptions()
  /// How many sessions to work on at the same time.
  public var jobs = 1
  /// Whether data is forced to disk before it is published.
  public var isDurable = true

  /// The default switches: everything, as it was.
  public init() {}

  /// Whether all sessions of the bundle are restored.
  var isWhole: Bool { sessions.isEmpty && filter.isEmpty }
}

/// What became of a restoration, one report per store.
public struct RestorationReport: Sendable {
  /// One store that was restored.
  public struct Store: Sendable {
    /// The format that the sessions came from.
    public var tool: String
    /// Where they went.
    public var destination: String
    /// What became of each.
    public var report: ConversionReport
    /// What would become of each file, when nothing was written.
    public var preview: [RestorePreview] = []
    /// The folders that sessions work in, and what they would be called; for a preview only.
    public var folders: [(old: String, new: String?)] = []
  }

  /// The stores.
  public var stores: [Store] = []

  /// A report on nothing yet.
  public init() {}

  /// The reports of all sessions.
  public var sessions: [SessionReport] { stores.flatMap(\.report.sessions) }
}
