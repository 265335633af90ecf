import JSONText
import SessionCoding
import SessionModel

extension RuleCase {
  /// Order, identifiers, times, turns.
  static let order: [RuleCase] = [
    RuleCase("session.sequence-order", "several entries of one record") {
      $0.entries[2].place = line(2)
    },
    RuleCase("session.sequence-order", "another file, and rows in any order") {
      $0.entries[2].place = .line(path: "other.jsonl", line: 1, byte: 0)
      $0.entries[3].place = .row(path: "s.db", table: "messages", row: 9)
      $0.entries[4].place = .row(path: "s.db", table: "messages", row: 3)
    },
    RuleCase(
      "session.sequence-order", "entries swapped",
      expected: [
        .init(.warning, line(2), "comes after an entry that stands later in the file")
      ]
    ) {
      $0.entries[1].place = line(3)
      $0.entries[2].place = line(2)
    },
    RuleCase("session.message-id-unique", "messages without identifiers") { sample in
      sample.append(.message(.said(nil, .user, "a")))
      sample.append(.message(.said(nil, .assistant, "a")))
      sample.append(.message(.said("", .assistant, "a")))
      sample.append(.message(.said("", .assistant, "a")))
    },
    RuleCase("session.message-id-unique", "spellings of one character are different bytes") {
      $0.append(.message(.said("\u{E9}", .user, "a")))
      $0.append(.message(.said("e\u{301}", .assistant, "a")))
    },
    RuleCase(
      "session.message-id-unique", "an identifier twice",
      expected: [
        .init(.warning, line(8), "the message identifier “m2” was already used by entry 3")
      ]
    ) { $0.append(.message(.said("m2", .assistant, "again"))) },
    RuleCase("session.message-time-order", "equal times, none, derived and Go's zero") {
      $0.append(.message(.said("a", .assistant, "a", at: 4)))
      $0.append(.message(.said("b", .assistant, "a")))
      $0.append(.message(.said("c", .assistant, "a", at: 0)))
      $0.changeMessage(line: 10) { $0.time?.isSynthesised = true }
      $0.append(.message(.said("d", .assistant, "a")))
      $0.changeMessage(line: 11) { $0.time = .goZero }
    },
    RuleCase("session.message-time-order", "side conversations and repeated messages apart") {
      $0.append(.message(.said("a", .user, "a", at: 1)))
      $0.changeMessage(line: 8) { $0.flags = .sideChain }
      $0.append(.message(.said("b", .user, "a", at: 1)))
      $0.changeMessage(line: 9) { $0.flags = .compactionTail }
    },
    RuleCase(
      "session.message-time-order", "a time before that of the message before",
      expected: [
        .init(
          .info, line(8),
          "the message is of 2023-11-14T22:13:23Z, the one before it of 2023-11-14T22:13:24Z")
      ]
    ) {
      $0.append(.message(.said("a", .assistant, "a", at: 3)))
      $0.append(.message(.said("b", .assistant, "a", at: 3)))
    },
    RuleCase("session.created-before-updated", "no change since the beginning") {
      $0.head.updated = $0.head.created
      $0.entries[0].content = .headChange($0.head)
    },
    RuleCase("session.created-before-updated", "a derived time") {
      $0.entries[0].content = .headChange(SessionHead(id: "s-1"))
      $0.head.updated = at(-1)
      $0.head.updated?.isSynthesised = true
    },
    RuleCase(
      "session.created-before-updated", "changed before it began",
      expected: [
        .init(
          .warning, line(1),
          "the last change, 2023-11-14T22:13:19Z, is before the beginning, 2023-11-14T22:13:20Z")
      ]
    ) {
      $0.head.updated = at(-1)
      $0.entries[0].content = .headChange($0.head)
    },
    RuleCase("session.turn-order", "kinds of records apart") {
      $0.append(.usage(UsageRecord(turn: 5, usage: TokenUsage())))
      $0.append(.message(.said("a", .user, "a")))
      $0.changeMessage(line: 9) { $0.turn = 0 }
      $0.append(.message(.said("b", .user, "a")))
      $0.changeMessage(line: 10) { $0.turn = 2 }
    },
    RuleCase(
      "session.turn-order", "turns that go back, and a negative one",
      expected: [
        .init(.info, line(8), "the turn number is -1"),
        .init(.info, line(10), "turn 2 comes after turn 3"),
      ]
    ) {
      $0.append(.usage(UsageRecord(turn: -1, usage: TokenUsage())))
      $0.append(.usage(UsageRecord(turn: 3, usage: TokenUsage())))
      $0.append(.usage(UsageRecord(turn: 2, usage: TokenUsage())))
    },
  ]
}
