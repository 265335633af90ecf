import JSONText
import SessionCoding
import SessionModel
import SessionValidation
import Testing

extension Sample {
  /// The sample after all safe repairs, and what they say of themselves.
  func repaired() -> (sample: Sample, findings: [Finding]) {
    var repair = SessionRepair(repairs())
    var copy = self
    copy.head = repair.repaired(head)
    copy.entries = placed.map { repair.repaired($0) }
    return (copy, repair.findings)
  }

  fileprivate func parent(line: Int) -> String? {
    if case .message(let message) = entries[line - 1].content { message.parent } else { nil }
  }
}

@Suite struct RepairTests {
  @Test func `a valid session stays as it is`() {
    let (sample, findings) = Sample.valid.repaired()
    #expect(findings == [])
    #expect(sample.entries.map(\.content) == Sample.valid.entries.map(\.content))
    #expect(sample.head == Sample.valid.head)
    #expect(Sample.valid.repairs().isEmpty)
  }

  @Test func `a missing parent becomes the message before`() {
    var sample = Sample.valid
    sample.changeMessage(line: 4) { $0.parent = "gone" }
    sample.entries[3].origin = Origin(format: "f", bytes: [1])
    sample.entries[4].origin = Origin(format: "f", bytes: [2])
    let (repaired, findings) = sample.repaired()
    #expect(repaired.parent(line: 4) == "m2")
    #expect(repaired.entries[3].origin == nil)
    #expect(repaired.entries[4].origin == sample.entries[4].origin)
    #expect(
      findings == [
        Finding(
          rule: "session.parent-exists", severity: .info, place: line(4),
          message: "repaired: follows the message before it, “m2”, "
            + "instead of “gone”, which does not exist")
      ])
    #expect(repaired.findings() == [])
  }

  @Test func `side conversations are repaired within themselves`() {
    var sample = Sample.valid
    sample.append(.message(.said("s1", .user, "a")))
    sample.append(.message(.said("s2", .user, "a", after: "gone")))
    sample.append(.message(.said("m5", .user, "a", after: "gone")))
    sample.changeMessage(line: 8) { $0.flags = .sideChain }
    sample.changeMessage(line: 9) { $0.flags = .sideChain }
    let repaired = sample.repaired().sample
    #expect(repaired.parent(line: 9) == "s1")
    #expect(repaired.parent(line: 10) == "m4")
  }

  @Test func `the first message, and one after a nameless one, get no parent`() {
    var sample = Sample.valid
    sample.changeMessage(line: 2) { $0.parent = "gone" }
    sample.append(.message(.said(nil, .user, "a")))
    sample.append(.message(.said("m5", .user, "a", after: "gone")))
    let (repaired, findings) = sample.repaired()
    #expect(repaired.parent(line: 2) == nil)
    #expect(repaired.parent(line: 9) == nil)
    #expect(findings.count == 2)
    #expect(repaired.findings() == [])
  }

  @Test func `a repair never closes a cycle`() {
    var sample = Sample.valid
    sample.append(.message(.said("b", .user, "a", after: "a")))
    sample.append(.message(.said("a", .user, "a", after: "gone")))
    sample.append(.message(.said("d", .user, "a", after: "c")))
    sample.append(.message(.said("c", .user, "a", after: "gone too")))
    let repaired = sample.repaired().sample
    #expect(repaired.parent(line: 9) == nil)
    #expect(repaired.parent(line: 11) == nil)
    #expect(repaired.findings() == [])
  }

  @Test func `a repair that others made possible does not close a cycle`() {
    // x hangs on y's tree after the first repair, so y must not hang on x.
    var sample = Sample.valid
    sample.append(.message(.said("below-y", .user, "a", after: "y")))
    sample.append(.message(.said("x", .user, "a", after: "gone")))
    sample.append(.message(.said("y", .user, "a", after: "gone")))
    let repaired = sample.repaired().sample
    #expect(repaired.parent(line: 9) == "below-y")
    #expect(repaired.parent(line: 10) == nil)
    #expect(repaired.findings() == [])
  }

  @Test func `cycles stay`() {
    var sample = Sample.valid
    sample.append(.message(.said("a", .user, "a", after: "b")))
    sample.append(.message(.said("b", .user, "a", after: "a")))
    sample.append(.message(.said("c", .user, "a", after: "gone")))
    let repaired = sample.repaired().sample
    #expect(repaired.parent(line: 8) == "b")
    #expect(repaired.parent(line: 9) == "a")
    #expect(repaired.parent(line: 10) == "b")
    #expect(repaired.findings().map(\.rule) == ["session.parent-acyclic"])
  }

  @Test func `times in the wrong order become equal, in the head record in force too`() {
    var sample = Sample.valid
    sample.head.updated = at(-5)
    var older = sample.head
    older.updated = at(-6)
    sample.entries[0].content = .headChange(older)
    sample.entries.insert(Entry(.headChange(sample.head)), at: 1)
    let (repaired, findings) = sample.repaired()
    #expect(repaired.head.updated == sample.head.created)
    #expect(repaired.entries[0].content == .headChange(older))
    #expect(repaired.entries[1].content == .headChange(repaired.head))
    #expect(findings.map(\.rule) == ["session.created-before-updated"])
    #expect(findings.map(\.severity) == [.info])
    #expect(repaired.findings() == [])
  }

  @Test func `random damage is repaired, and repairing again does nothing`() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(seed: seed)
    var repairs = 0
    for round in 0..<150 {
      var sample = RandomSession.sample(&random)
      sample.entries = sample.placed
      // Children before their parents, so that some messages before are descendants.
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let lines = sample.lines()
        if let a = lines.randomElement(using: &random), let b = lines.randomElement(using: &random)
        {
          sample.entries.swapAt(a - 1, b - 1)
        }
      }
      for line in sample.lines() where random.chance(20) {
        sample.changeMessage(line: line) { $0.parent = "gone" }
      }
      let before = sample.findings().filter { $0.rule == "session.parent-exists" }.count
      let (repaired, findings) = sample.repaired()
      repairs += findings.count
      let note: Comment = "seed \(seed), round \(round)"
      #expect(findings.count == before, note)
      #expect(repaired.entries.count == sample.entries.count, note)
      let after = Set(repaired.findings().map(\.rule))
      #expect(after.isDisjoint(with: ["session.parent-exists", "session.parent-acyclic"]), note)
      #expect(repaired.repairs().isEmpty, note)
    }
    #expect(repairs > 0, "seed \(seed)")
  }
}
