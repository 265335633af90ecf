import SessionCoding
import SessionModel

extension RuleCase {
  /// The head and what must agree with it.
  static let heads: [RuleCase] = [
    RuleCase("session.last-head-wins", "an outdated head before it") {
      var old = $0.head
      old.title = "Old"
      old.updated = at(1)
      $0.entries.insert(Entry(.headChange(old)), at: 0)
    },
    RuleCase("session.last-head-wins", "a later one that the tool does not use") {
      var other = $0.head
      other.title = "Other"
      $0.append(.headChange(other), isEffective: false)
    },
    RuleCase("session.last-head-wins", "fields that the last one leaves out") {
      var last = SessionHead(id: "s-1")
      last.title = ""
      last.updated = .goZero
      $0.append(.headChange(last))
    },
    RuleCase("session.last-head-wins", "the same instant in another zone") {
      $0.head.updated?.offset = 3_600
    },
    RuleCase(
      "session.last-head-wins", "an outdated head was read",
      expected: [
        .init(
          .error, line(8), "the title was read as “Title”, but the last head record says “New”"),
        .init(
          .error, line(8), "the model was read as absent, but the last head record says “m”"),
        .init(
          .error, line(8),
          "the last change was read as 2023-11-14T22:15:00Z, "
            + "but the last head record says 2023-11-14T22:15:01Z"),
      ]
    ) {
      var last = $0.head
      last.title = "New"
      last.updated = at(101)
      $0.append(.headChange(last))
      $0.head.model = nil
    },
    RuleCase("session.usage-total", "no total, or no such field in it") {
      $0.entries[5].content = .usage(UsageRecord(usage: TokenUsage(input: 99, cacheRead: 99)))
      $0.head.usage?.input = nil
      $0.head.usage?.cacheRead = nil
    },
    RuleCase(
      "session.usage-total", "records that hold more than the total",
      expected: [
        .init(
          .warning, line(1), "the usage records hold 11 input tokens, the session's total is 10"),
        .init(
          .warning, line(1),
          "the usage records hold 9223372036854775807 output tokens, the session's total is 5"),
      ]
    ) {
      $0.append(.usage(UsageRecord(usage: TokenUsage(input: 1, output: .max))))
    },
    RuleCase(
      "session.title-present", "no title",
      expected: [.init(.info, .file(path: "s.jsonl"), "the session has no title")]
    ) {
      $0.entries.removeFirst()
      $0.head.title = ""
    },
    RuleCase("session.id-form", "all that is legal") {
      $0.head.id = String(repeating: "a", count: 119) + "Z09._:-zA"
    },
    RuleCase(
      "session.id-form", "no identifier",
      expected: [.init(.warning, line(1), "the session has no identifier")]
    ) { $0.head.id = "" },
    RuleCase(
      "session.id-form", "one character too long",
      expected: [
        .init(
          .warning, line(1),
          "the session's identifier “\(String(repeating: "a", count: 60))…” "
            + "is too long or has illegal characters")
      ]
    ) { $0.head.id = String(repeating: "a", count: 129) },
    RuleCase(
      "session.id-form", "a path, and what could drive a terminal",
      expected: [
        .init(
          .warning, line(1),
          "the session's identifier “../a\u{FFFD}[2J” is too long or has illegal characters")
      ]
    ) { $0.head.id = "../a\u{1B}[2J" },
  ]
}
