public import SessionModel

/// How bad a finding is.
public enum Severity: String, Sendable, Hashable, Comparable, CaseIterable {
  /// Worth knowing.
  case info
  /// Wrong display, order or a likely surprise.
  case warning
  /// The tool fails on it or loses data.
  case error

  /// The order from low to high.
  public static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .info: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// Something that a rule or a reader found to be wrong.
public struct Finding: Sendable, Hashable {
  /// The stable identifier of the rule, such as `ggcode.line-decodes`.
  public var rule: String
  /// How bad it is.
  public var severity: Severity
  /// Where it is.
  public var place: Place?
  /// What is wrong, as a sentence without a final full stop.
  public var message: String
  /// The safe repair that `--repair` applies, when there is one.
  public var repair: String?
  /// Whether conversion keeps what is damaged verbatim, so that an error need not stop it.
  public var isSalvaged: Bool

  /// Creates a finding.
  public init(
    rule: String, severity: Severity, place: Place? = nil, message: String,
    repair: String? = nil, isSalvaged: Bool = false
  ) {
    self.rule = rule
    self.severity = severity
    self.place = place
    self.message = message
    self.repair = repair
    self.isSalvaged = isSalvaged
  }

  /// Whether the session must not be written: an error whose damage is not kept verbatim.
  public var stopsWriting: Bool { severity == .error && !isSalvaged }
}
