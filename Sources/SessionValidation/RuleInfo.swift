public import SessionCoding

/// What a rule says of itself; help and documents are made from it.
public struct RuleInfo: Sendable, Hashable {
  /// The stable identifier, such as `session.parent-exists`.
  public var id: String
  /// How bad it usually is when the rule is broken.
  public var severity: Severity
  /// What must hold, one line without a final full stop.
  public var summary: String
  /// What happens when it does not, one line without a final full stop.
  public var consequence: String
  /// What `--repair` does about it; nil when nothing is safe to do.
  public var repair: String?

  /// Creates a description.
  public init(
    id: String, severity: Severity, summary: String, consequence: String, repair: String? = nil
  ) {
    self.id = id
    self.severity = severity
    self.summary = summary
    self.consequence = consequence
    self.repair = repair
  }
}
