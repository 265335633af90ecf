public import SessionCoding

/// What to do with a session that the target has already and that is not an earlier state of ours.
public enum ConflictPolicy: String, Sendable, CaseIterable {
  /// Leave it and report the session as skipped.
  case skip
  /// Replace it.
  case replace
  /// Write under another identifier.
  case rename
}

/// The switches of a conversion.
public struct ConversionOptions: Sendable {
  /// Identifiers or unique prefixes of the sessions to convert; empty means all.
  public var sessions: [String] = []
  /// Which of these are converted.
  public var filter = SessionFilter()
  /// What to do with conflicts.
  public var onConflict = ConflictPolicy.skip
  /// Whether the originals are kept beside what is written.
  public var carries = true
  /// Whether to stop before anything becomes visible.
  public var isDryRun = false
  /// Prefixes of workspace paths to replace; the longest match wins.
  public var mappedPaths: [(old: String, new: String)] = []
  /// Whether safe repairs are applied.
  public var repairs = false
  /// The folder in which runs keep what they found alike, so that later ones need not read it; nil to
  /// read everything and keep nothing.
  public var quickCheckFolder: String?
  /// Whether sessions are read also where their files say that nobody touched them.
  public var readsUnchanged = false
  /// The formats that sessions can come back through, when they went from tool to tool.
  public var formats: [any SessionFormat] = []
  /// How many sessions to convert at the same time.
  public var jobs = 1
  /// Sessions up to this size are kept in memory between writing and comparing; larger ones are read
  /// twice.
  var retainedBytes = 4 << 20

  /// Creates the default options.
  public init() {}

  /// The switches of a step on the way back, whose result is a scratch copy.
  var ofStep: ConversionOptions {
    var options = ConversionOptions()
    options.formats = formats
    options.retainedBytes = retainedBytes
    return options
  }
}
