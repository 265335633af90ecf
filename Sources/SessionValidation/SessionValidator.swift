public import SessionCoding
public import SessionModel

/// Runs all format-independent rules over one session in one pass.
///
/// Memory grows with the number of messages, by some tens of bytes each; content is never kept.
///
///     var validator = SessionValidator(head: reader.head)
///     while let entry = try reader.next() { validator.observe(entry) }
///     let findings = validator.finish()
public struct SessionValidator: Sendable {
  /// How many findings of one rule are kept; the others are counted in one more finding.
  public static let findingsPerRule = 100

  private var rules: [any Rule]
  /// The rules that look at entries of a kind, by the number of the kind's bit.
  private let observers: [[Int]]
  private var session: SessionIndex
  private var log = FindingLog(limit: findingsPerRule)
  private var isFinished = false

  /// Starts with the head that the reader resolved.
  public init(head: SessionHead) {
    rules = Rules.all.map { $0.init() }
    observers = Self.observers
    session = SessionIndex(head: head)
  }

  /// What was found so far, in the order in which it was found.
  public var findings: [Finding] { log.findings }

  /// Checks the next entry; ignored after ``finish()``.
  public mutating func observe(_ entry: Entry) {
    guard !isFinished else { return }
    session.observe(entry)
    let kind = EntryKinds(entry.content)
    Self.observe(
      entry, session, observers[kind.rawValue.trailingZeroBitCount], &rules, &log)
  }

  /// Ends the session; calling it again changes nothing.
  ///
  /// - Returns: everything that was found.
  public mutating func finish() -> [Finding] {
    if !isFinished {
      isFinished = true
      Self.finish(session, &rules, &log)
      log.summarise()
    }
    return log.findings
  }

  /// The safe repairs for what was found; complete after ``finish()``.
  public var repairs: RepairPlan { RepairPlan(session) }

  private static let observers: [[Int]] = (0..<EntryKinds.all.rawValue.nonzeroBitCount).map { bit in
    Rules.all.indices.filter { Rules.all[$0].observed.rawValue & 1 << bit != 0 }
  }

  // Static, because a method's closures would hold all of `self` while the rules change.
  private static func observe(
    _ entry: Entry, _ session: SessionIndex, _ observers: [Int], _ rules: inout [any Rule],
    _ log: inout FindingLog
  ) {
    for index in observers {
      rules[index].observe(entry, in: session) { log.add($0) }
    }
  }

  private static func finish(
    _ session: SessionIndex, _ rules: inout [any Rule], _ log: inout FindingLog
  ) {
    for index in rules.indices {
      rules[index].finish(session) { log.add($0) }
    }
  }
}
