import SessionCoding
import SessionValidation
import Testing

@Suite struct RulesListTests {
  @Test func `identifiers are unique`() {
    let ids = Rules.all.map { $0.info.id }
    #expect(Set(ids).count == ids.count)
  }

  @Test(arguments: Rules.all.map { $0.info })
  func `a rule is documented`(_ info: RuleInfo) throws {
    #expect(info.id.wholeMatch(of: #/session\.[a-z]+(-[a-z]+)*/#) != nil)
    for text in [info.summary, info.consequence, info.repair ?? "none"] {
      #expect(!text.isEmpty && text.count <= 100)
      #expect(!text.hasSuffix(".") && !text.contains("\n"))
    }
  }

  @Test(arguments: Rules.all.map { $0.info })
  func `a rule has a session that keeps it and one that breaks it`(_ info: RuleInfo) {
    let breaking = RuleCase.all.filter { $0.rule == info.id && !$0.expected.isEmpty }
    #expect(!breaking.isEmpty)
    #expect(breaking.flatMap(\.expected).contains { $0.severity == info.severity })
    for ruleCase in breaking {
      let findings = ruleCase.sample.findings().filter { $0.rule == info.id }
      #expect(findings.allSatisfy { $0.repair == info.repair })
    }
  }

  @Test func `cases name rules that exist`() {
    let ids = Set(Rules.all.map { $0.info.id })
    for ruleCase in RuleCase.all {
      #expect(ids.isSuperset(of: ruleCase.others.union([ruleCase.rule])))
    }
  }
}
