import JSONText
import SessionCoding
import SessionModel

extension RuleCase {
  private static let summary = Message(
    role: .system, blocks: [.text(Block.Text("Summary"))], flags: .compactionSummary)
  private static let retained = Message.said(nil, .user, "Hello")

  static let checkpoints: [RuleCase] = [
    RuleCase(
      "session.checkpoint-not-empty", "messages, or a summary by reference",
      others: ["session.user-text-present"]
    ) {
      $0.append(.checkpoint(Checkpoint(summaryMessage: "m4", lastMessage: "m3")))
      $0.retireMessages()
      $0.append(.checkpoint(Checkpoint(messages: [summary])))
    },
    RuleCase(
      "session.checkpoint-not-empty", "neither, or an empty list",
      expected: [8, 9].map {
        .init(
          .warning, line($0),
          "the checkpoint erases what came before: it has neither messages nor a summary")
      }, others: ["session.user-text-present"]
    ) {
      $0.retireMessages()
      $0.append(.checkpoint(Checkpoint(tokens: 1)))
      $0.append(.checkpoint(Checkpoint(messages: [])))
    },
    RuleCase("session.checkpoint-keeps-effective", "in use because it is referred to") {
      $0.append(.checkpoint(Checkpoint(summaryMessage: "m4")))
    },
    RuleCase("session.checkpoint-keeps-effective", "a checkpoint that is not in use") {
      $0.append(.checkpoint(Checkpoint(messages: [summary])), isEffective: false)
    },
    RuleCase("session.checkpoint-keeps-effective", "in use after it, or on the side") {
      $0.retireMessages()
      $0.append(.message(.said("a", .user, "aside")))
      $0.changeMessage(line: 8) { $0.flags = .sideChain }
      $0.append(.checkpoint(Checkpoint(messages: [summary, retained])))
      $0.append(.message(.said("b", .user, "more")))
    },
    RuleCase(
      "session.checkpoint-keeps-effective", "in use before it",
      expected: [
        .init(
          .warning, line(4),
          "the last checkpoint replaces 2 messages that the tool still uses, this one first")
      ], others: ["session.user-text-present"]
    ) {
      $0.retireMessages()
      $0.entries[3].isEffective = true
      $0.entries[4].isEffective = true
      $0.append(.checkpoint(Checkpoint(messages: [summary])))
    },
    RuleCase("session.checkpoint-refers-to-messages", "messages before and after it") {
      $0.append(.checkpoint(Checkpoint(summaryMessage: "m9", lastMessage: "m4")))
      $0.append(.message(.said("m9", .user, "Summary")))
    },
    RuleCase(
      "session.checkpoint-refers-to-messages", "a message of its own",
      others: ["session.user-text-present"]
    ) {
      var named = summary
      named.id = "sum"
      $0.retireMessages()
      $0.append(.checkpoint(Checkpoint(messages: [named], summaryMessage: "sum")))
    },
    RuleCase(
      "session.checkpoint-refers-to-messages", "messages that do not exist",
      expected: [
        .init(.warning, line(8), "the checkpoint's summary “x1” does not exist"),
        .init(.warning, line(8), "the checkpoint's last message “x2” does not exist"),
      ]
    ) {
      $0.append(.checkpoint(Checkpoint(summaryMessage: "x1", lastMessage: "x2")))
    },
    RuleCase("session.checkpoint-repeats-messages", "summary, reply and what occurs before") {
      $0.retireMessages()
      $0.append(
        .checkpoint(
          Checkpoint(messages: [
            .said(nil, .user, "A summary"), .said(nil, .assistant, "Understood"), retained,
            .calls(nil, "c1"), .answers(nil, "c1"),
          ])))
      // A later checkpoint may retain what an earlier one introduced.
      $0.append(
        .checkpoint(
          Checkpoint(messages: [
            summary, retained, .said(nil, .assistant, "Understood"),
          ])))
    },
    RuleCase("session.checkpoint-repeats-messages", "a message whose end was cut") {
      $0.retireMessages()
      let beginning = String(repeating: "Done. ", count: 22)
      $0.entries[4].content = .message(.said(nil, .assistant, JSONString(beginning + "All of it.")))
      $0.append(
        .checkpoint(
          Checkpoint(messages: [
            summary, retained, .said(nil, .assistant, JSONString(beginning + "…")),
          ])))
    },
    RuleCase(
      "session.checkpoint-repeats-messages", "messages that do not occur before",
      expected: [
        .init(
          .info, line(8), "2 of the checkpoint's 4 messages do not occur before it")
      ]
    ) {
      $0.retireMessages()
      $0.append(
        .checkpoint(
          Checkpoint(messages: [
            summary, retained, .said(nil, .assistant, "Hello"), .said(nil, .user, "New"),
          ])))
    },
    RuleCase("session.checkpoint-token-count", "zero") {
      $0.append(.checkpoint(Checkpoint(summaryMessage: "m4", tokens: 0)))
    },
    RuleCase(
      "session.checkpoint-token-count", "negative",
      expected: [.init(.warning, line(8), "the checkpoint's token count is -1")]
    ) {
      $0.append(.checkpoint(Checkpoint(summaryMessage: "m4", tokens: -1)))
    },
  ]
}
