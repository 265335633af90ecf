import JSONText
import SessionCoding
import SessionModel

extension RuleCase {
  static let parents: [RuleCase] = [
    RuleCase("session.parent-exists", "an event, a later message, a checkpoint's message") {
      $0.append(.event(EventRecord(format: "f", kind: "k", id: "e1")))
      $0.append(.message(.said("a", .user, "a", after: "e1")))
      $0.append(.message(.said("b", .user, "a", after: "c")))
      $0.append(.message(.said("c", .user, "a", after: "m4")))
      $0.append(.checkpoint(Checkpoint(messages: [.said("d", .user, "Hello")])), isEffective: false)
      $0.append(.message(.said("e", .user, "a", after: "d")))
    },
    RuleCase(
      "session.parent-exists", "a parent that does not exist, for two messages",
      expected: [
        .init(.warning, line(3), "the parent “x” does not exist"),
        .init(.warning, line(8), "the parent “x” does not exist"),
      ]
    ) {
      $0.changeMessage(line: 3) { $0.parent = "x" }
      $0.append(.message(.said(nil, .user, "a", after: "x")))
    },
    RuleCase("session.parent-acyclic", "a tree with its leaves first") {
      $0.append(.message(.said("d", .user, "a", after: "b")))
      $0.append(.message(.said("c", .user, "a", after: "b")))
      $0.append(.message(.said("b", .user, "a", after: "a")))
      $0.append(.message(.said("a", .user, "a")))
    },
    RuleCase(
      "session.parent-acyclic", "its own parent, and two that follow each other",
      expected: [
        .init(.error, line(2), "the message is its own ancestor, in a cycle of 1 message"),
        .init(.error, line(8), "the message is its own ancestor, in a cycle of 2 messages"),
      ]
    ) {
      $0.changeMessage(line: 2) { $0.parent = "m1" }
      $0.append(.message(.said("a", .user, "a", after: "b")))
      $0.append(.message(.said("b", .user, "a", after: "a")))
      $0.append(.message(.said("c", .user, "a", after: "b")))
    },
    RuleCase(
      "session.parent-acyclic", "a way into a cycle that begins later",
      expected: [
        .init(.error, line(9), "the message is its own ancestor, in a cycle of 3 messages")
      ]
    ) {
      $0.append(.message(.said("in", .user, "a", after: "a")))
      $0.append(.message(.said("a", .user, "a", after: "c")))
      $0.append(.message(.said("b", .user, "a", after: "a")))
      $0.append(.message(.said("c", .user, "a", after: "b")))
    },
    RuleCase(
      "session.parent-acyclic", "a cycle through an identifier seen in an event",
      expected: [
        .init(.error, line(9), "the message is its own ancestor, in a cycle of 2 messages")
      ]
    ) {
      $0.append(.event(EventRecord(format: "f", kind: "k", id: "b")))
      $0.append(.message(.said("a", .user, "a", after: "b")))
      $0.append(.message(.said("b", .user, "a", after: "a")))
    },
  ]
}
