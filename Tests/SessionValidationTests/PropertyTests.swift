import SessionCoding
import SessionModel
import SessionValidation
import Testing

@Suite struct PropertyTests {
  /// New in every run; a failure prints it.
  private static let seed = UInt64.random(in: .min ... .max)

  @Test func `valid sessions have no findings`() {
    var random = SeededGenerator(seed: Self.seed)
    print("seed \(Self.seed)")
    for round in 0..<300 {
      let sample = RandomSession.sample(&random)
      let findings = sample.findings()
      #expect(findings.isEmpty, "seed \(Self.seed), round \(round): \(findings)")
      #expect(sample.repairs().isEmpty, "seed \(Self.seed), round \(round)")
    }
  }

  @Test(arguments: Mutation.all)
  func `what breaks a rule is found by it`(_ mutation: Mutation) {
    var random = SeededGenerator(seed: Self.seed)
    var applied = 0
    for round in 0..<60 {
      var sample = RandomSession.sample(&random)
      guard mutation.apply(&sample, &random) else { continue }
      applied += 1
      let rules = Set(sample.findings().map(\.rule))
      #expect(rules.contains(mutation.rule), "seed \(Self.seed), round \(round): \(rules)")
    }
    #expect(applied > 0, "seed \(Self.seed)")
  }

  @Test func `entries in place order give the same findings in every run`() {
    var random = SeededGenerator(seed: Self.seed)
    for _ in 0..<40 {
      var sample = RandomSession.sample(&random)
      for _ in 0..<5 {
        _ = Mutation.all.randomElement(using: &random)?.apply(&sample, &random)
      }
      #expect(sample.findings() == sample.findings(), "seed \(Self.seed)")
    }
  }
}
