import JSONText
import SessionCoding
import SessionModel
import SessionValidation
import Testing

@Suite struct ValidatorTests {
  @Test func `findings appear as entries come, and finishing twice changes nothing`() {
    var validator = SessionValidator(head: Sample.valid.head)
    for entry in Sample.valid.placed { validator.observe(entry) }
    #expect(validator.findings == [])
    let answer = Entry(.message(.answers("a", "c9")), place: line(8))
    validator.observe(answer)
    #expect(validator.findings.map(\.rule) == ["session.tool-result-has-call"])
    let findings = validator.finish()
    validator.observe(answer)
    #expect(validator.finish() == findings)
    #expect(validator.findings == findings)
  }

  @Test func `findings beyond the limit are counted`() {
    var sample = Sample.valid
    let limit = SessionValidator.findingsPerRule
    for number in 0..<(limit + 7) {
      sample.append(.message(.said("a\(number)", .other("x"), "a", after: "gone")))
    }
    let findings = sample.findings()
    for (rule, severity) in [
      ("session.role-known", Severity.info), ("session.parent-exists", .warning),
    ] {
      let own = findings.filter { $0.rule == rule }
      #expect(own.count == limit + 1)
      #expect(own.last == Finding(rule: rule, severity: severity, message: "and 7 more"))
    }
  }

  @Test func `hidden damage that is kept does not stop writing`() {
    var sample = Sample.valid
    for _ in 0..<(SessionValidator.findingsPerRule + 1) {
      sample.append(.opaque(OpaqueRecord(format: "f", damage: "bad", bytes: [])))
    }
    let last = sample.findings().last
    #expect(last?.message == "and 1 more")
    #expect(last?.severity == .error)
    #expect(last?.stopsWriting == false)
  }

  @Test func `hidden errors stop writing`() {
    var sample = Sample.valid
    for number in 0..<(SessionValidator.findingsPerRule + 1) {
      sample.append(.message(.said("a\(number)", .user, "a", after: "a\(number)")))
    }
    #expect(sample.findings().last?.message == "and 1 more")
    #expect(sample.findings().last?.stopsWriting == true)
  }

  @Test func `a long chain is walked, in either direction and closed`() {
    let count = 100_000
    func chain(_ parent: (Int) -> Int?) -> Sample {
      var sample = Sample(head: Sample.valid.head, entries: [])
      sample.entries.reserveCapacity(count)
      for number in 0..<count {
        sample.append(
          .message(.said("m\(number)", .user, "a", after: parent(number).map { "m\($0)" })))
      }
      return sample
    }
    #expect(chain { $0 == 0 ? nil : $0 - 1 }.findings() == [])
    let backward = chain { $0 == count - 1 ? nil : $0 + 1 }
    #expect(backward.findings() == [])
    let closed = chain { ($0 + 1) % count }.findings()
    #expect(
      closed.map(\.message)
        == ["the message is its own ancestor, in a cycle of 100000 messages"])
    // All but one descend from the first, whose parent is missing: it cannot follow any of them.
    let broken = chain { $0 + 1 }
    #expect(broken.findings().map(\.rule) == ["session.parent-exists"])
    #expect(broken.repaired().sample.findings() == [])
  }

  @Test func `a hundred thousand calls and results pass`() {
    var validator = SessionValidator(head: Sample.valid.head)
    validator.observe(Entry(.message(.said("m", .user, "Hello"))))
    for number in 0..<50_000 {
      validator.observe(Entry(.message(.calls("c\(number)", JSONString("\(number)")))))
      validator.observe(Entry(.message(.answers("r\(number)", JSONString("\(number)")))))
    }
    #expect(validator.finish() == [])
  }

  @Test func `a text deep within results is found`() {
    var block = Block.text(Block.Text(JSONString(decodedUTF8: [0xFF])))
    for _ in 0..<500 { block = .toolResult(Block.ToolResult(callID: "c1", content: [block])) }
    var sample = Sample.valid
    sample.changeMessage(line: 4) { $0.blocks = [block] }
    #expect(sample.findings().map(\.rule) == ["session.text-exact"])
  }
}
