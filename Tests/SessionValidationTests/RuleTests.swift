import SessionCoding
import SessionModel
import SessionValidation
import Testing

@Suite struct RuleTests {
  @Test func `the sample that cases change breaks no rule`() {
    #expect(Sample.valid.findings() == [])
  }

  @Test(arguments: RuleCase.all)
  func `a rule finds what breaks it, there and nothing else`(_ ruleCase: RuleCase) {
    let findings = ruleCase.sample.findings()
    let own = findings.filter { $0.rule == ruleCase.rule }
    #expect(
      own.map { RuleCase.Expectation($0.severity, $0.place, $0.message) } == ruleCase.expected)
    let others = Set(findings.map(\.rule)).subtracting([ruleCase.rule])
    #expect(others == ruleCase.others)
  }

  @Test func `an empty session has neither title nor text`() {
    let sample = Sample(head: SessionHead(id: "s"), entries: [])
    #expect(
      sample.findings().map(\.rule) == ["session.title-present", "session.user-text-present"])
    #expect(sample.findings().allSatisfy { $0.place == nil })
  }

  @Test func `only damage that is kept verbatim lets the session be written`() {
    for ruleCase in RuleCase.all {
      for finding in ruleCase.sample.findings() where finding.severity == .error {
        #expect(finding.isSalvaged == (finding.rule == "session.damage"), "\(finding)")
      }
    }
  }
}
