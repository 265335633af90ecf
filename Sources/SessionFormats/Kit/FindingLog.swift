internal import SessionCoding
internal import SessionModel

/// What a format's rules find in one session; bounded, so that hostile input costs no memory.
struct FindingLog: Sendable {
  /// More of one rule are counted, not told one by one.
  private static let mostTold = 100

  private let format: String
  private var told: [Finding] = []
  private var counts: [String: Int] = [:]
  private var rest: [String: Finding] = [:]

  /// - Parameter format: The identifier that the names of rules begin with.
  init(_ format: String) { self.format = format }

  /// Notes something that is wrong; what is wrong is kept verbatim by conversions.
  ///
  /// - Parameter repair: What sets it right.
  mutating func add(
    _ rule: String, _ severity: Severity, _ place: Place, _ message: @autoclosure () -> String,
    repair: String? = nil
  ) {
    counts[rule, default: 0] += 1
    let count = counts[rule] ?? 0
    guard count <= Self.mostTold + 1 else { return }
    let finding = Finding(
      rule: "\(format).\(rule)", severity: severity, place: place, message: message(),
      repair: repair, isSalvaged: true)
    if count <= Self.mostTold { told.append(finding) } else { rest[rule] = finding }
  }

  /// What was noted, in order; then how many more there are of a rule.
  var findings: [Finding] {
    told
      + rest.sorted { $0.key < $1.key }.map { rule, first in
        var finding = first
        finding.message = "and \((counts[rule] ?? 0) - Self.mostTold) more from here on"
        return finding
      }
  }
}
