import SessionCoding
import SessionModel
import Testing

/// A session and all that rules must find in it.
struct RuleCase: CustomTestStringConvertible, Sendable {
  /// The rule that the case is about.
  let rule: String
  let name: String
  /// What is expected of the rule, in order; nothing when the session keeps it.
  let expected: [Expectation]
  /// Other rules that the same change breaks.
  let others: Set<String>
  /// Changes the valid sample.
  let change: @Sendable (inout Sample) -> Void

  struct Expectation: Equatable, Sendable {
    let severity: Severity
    let place: Place?
    let message: String

    init(_ severity: Severity, _ place: Place?, _ message: String) {
      self.severity = severity
      self.place = place
      self.message = message
    }
  }

  init(
    _ rule: String, _ name: String, expected: [Expectation] = [], others: Set<String> = [],
    change: @escaping @Sendable (inout Sample) -> Void
  ) {
    self.rule = rule
    self.name = name
    self.expected = expected
    self.others = others
    self.change = change
  }

  var testDescription: String { "\(rule): \(name)" }

  var sample: Sample {
    var sample = Sample.valid
    change(&sample)
    return sample
  }
}
