public import SessionCoding
public import SessionModel

/// One thing that must hold in a session, whatever its format.
///
/// A rule is a state machine: it sees every entry once, in order, then the end. It MUST keep no
/// message content, only what it needs of the index; what several rules need is in the
/// ``SessionIndex``. Findings MUST NOT depend on the iteration order of sets or dictionaries.
public protocol Rule: Sendable {
  /// What the rule says of itself.
  static var info: RuleInfo { get }

  /// The entries that the rule looks at; it is not asked about others.
  static var observed: EntryKinds { get }

  /// Starts before the first entry.
  init()

  /// Takes the next entry; the index already counts it.
  mutating func observe(_ entry: Entry, in session: SessionIndex, report: (Finding) -> Void)

  /// Ends the session.
  mutating func finish(_ session: SessionIndex, report: (Finding) -> Void)
}

extension Rule {
  /// All entries.
  public static var observed: EntryKinds { .all }

  /// Takes the entry without looking at it, for rules that judge the session at its end.
  public mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {}

  /// Ends without a finding, for rules that judge entry by entry.
  public mutating func finish(_ session: SessionIndex, report: (Finding) -> Void) {}

  /// A finding of this rule, with its default severity unless another one is given.
  static func finding(
    _ message: String, at place: Place?, severity: Severity? = nil, isSalvaged: Bool = false
  ) -> Finding {
    Finding(
      rule: info.id, severity: severity ?? info.severity, place: place, message: message,
      repair: info.repair, isSalvaged: isSalvaged)
  }
}
