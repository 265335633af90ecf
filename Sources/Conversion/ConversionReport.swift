public import SessionCoding

/// How faithful the written session is.
public enum Fidelity: String, Sendable, Hashable, Comparable, CaseIterable {
  /// The bytes are those of the original; in a database its rows.
  case exact
  /// A session that comes back: all of the original and, after it, what was added since.
  case continued
  /// All content is there or carried, and the way back is proven.
  case complete
  /// A session that comes back and was changed since, or whose original cannot be put together.
  case edited
  /// Something is neither shown nor carried; of a session that comes back, something that was said.
  case lossy

  /// The order from low to high.
  public static func < (a: Fidelity, b: Fidelity) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .exact: 0
    case .continued: 1
    case .complete: 2
    case .edited: 3
    case .lossy: 4
    }
  }
}

/// What became of one session.
public struct SessionReport: Sendable {
  /// What became of it.
  public enum Status: String, Sendable, Hashable, CaseIterable {
    case written, unchanged, skipped, failed
  }

  /// The session's identifier in the source.
  public var source: String
  /// Its identifier in the target; nil when none was given.
  public var target: String?
  /// What became of it.
  public var status: Status
  /// Why it was skipped or failed.
  public var reason: String?
  /// The code of the failure.
  public var failure: FormatError?
  /// How faithful the written session is; nil unless it was compared.
  public var fidelity: Fidelity?
  /// Entries read, by kind.
  public var entries = EntryCounts()
  /// What the target does not show.
  public var losses: [Loss] = []
  /// What was found to be wrong with the source.
  public var findings: [Finding] = []
  /// Workspace paths that were mapped.
  public var mappedPaths = 0
  /// How the target's tool goes on with the session, as a shell command.
  public var resume: String?
  /// Whether it was found unchanged by the size and time of its files, without being read.
  public var isQuick = false
  /// The files that it lies in at the target; empty where it is not there.
  public var files: [String] = []
  /// Bytes of the source session.
  public var byteCount: UInt64 = 0
  /// Whether the session comes back to the format that it came from.
  public var isReturn = false

  /// Creates a report.
  public init(source: String, status: Status) {
    self.source = source
    self.status = status
  }

  /// What is lost: neither shown by the target nor carried.
  ///
  /// Of a session that comes back it is what was said; see ``leftBehind``.
  public var lost: [Loss] { losses.filter { !$0.isCarried && (!isReturn || $0.isOfConversation) } }

  /// What the other tool states of a session beside what was said, and the one it comes back to does
  /// not.
  public var leftBehind: [Loss] {
    losses.filter { !$0.isCarried && isReturn && !$0.isOfConversation }
  }

  /// What the target does not show, but is carried.
  public var carried: [Loss] { losses.filter(\.isCarried) }
}

/// Numbers of entries by kind.
public struct EntryCounts: Sendable, Hashable {
  /// Kinds in the order of reports.
  public static let kinds = [
    "message", "checkpoint", "usage", "metric", "event", "head", "opaque",
  ]
  private var counts = [Int](repeating: 0, count: EntryCounts.kinds.count)

  /// Creates zero counts.
  public init() {}

  /// The numbers, in the order of ``kinds``.
  public var values: [(kind: String, count: Int)] {
    zip(Self.kinds, counts).map { (kind: $0, count: $1) }
  }

  /// The number of all entries.
  public var total: Int { counts.reduce(0, +) }

  /// The number of messages.
  public var messages: Int { counts[0] }

  /// Counts one more entry of a kind, by its position in ``kinds``.
  mutating func add(kind: Int) { counts[kind] += 1 }

  /// Adds all counts of another.
  public mutating func add(_ other: EntryCounts) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }
}

/// What became of a whole conversion.
public struct ConversionReport: Sendable {
  /// The source format and location.
  public var from: String
  /// The target format, with its profile.
  public var to: String
  /// One report per session, in the order of the source.
  public var sessions: [SessionReport]
  /// What was found to be wrong with the source as a whole.
  public var storeFindings: [Finding]
  /// What of the source as a whole was left out because it grants access.
  public var omissions: [Omission] = []
  /// Whether nothing was written because that was asked for.
  public var isDryRun: Bool

  /// Creates a report.
  public init(
    from: String, to: String, sessions: [SessionReport] = [], storeFindings: [Finding] = [],
    isDryRun: Bool = false
  ) {
    self.from = from
    self.to = to
    self.sessions = sessions
    self.storeFindings = storeFindings
    self.isDryRun = isDryRun
  }
}
