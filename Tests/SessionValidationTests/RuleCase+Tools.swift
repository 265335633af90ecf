import JSONText
import SessionCoding
import SessionModel

extension RuleCase {
  static let tools: [RuleCase] = [
    RuleCase("session.tool-result-has-call", "call and result in one message") {
      var message = Message.calls("a", "c2")
      message.blocks += Message.answers(nil, "c2").blocks
      $0.append(.message(message))
    },
    RuleCase("session.tool-result-has-call", "a call that only a checkpoint holds") {
      $0.retireMessages()
      $0.append(
        .checkpoint(Checkpoint(messages: [.said(nil, .user, "Sum"), .calls(nil, "c2")])))
      $0.append(.message(.answers("a", "c2")))
    },
    RuleCase(
      "session.tool-result-has-call", "no call, or only one after it",
      expected: [
        .init(
          .warning, line(8), "the tool result answers “c2”, which was not called before"),
        .init(.info, line(10), "the tool result answers “c3”, which was not called before"),
      ]
    ) {
      $0.append(.message(.answers("a", "c2")))
      $0.append(.message(.calls("b", "c2")))
      $0.append(.message(.answers("c", "c3")), isEffective: false)
    },
    RuleCase(
      "session.tool-result-has-call", "repeated by a checkpoint",
      expected: [
        .init(
          .warning, line(8), "the tool result answers “c2”, which was not called before")
      ]
    ) {
      $0.append(.message(.answers("a", "c2")))
      $0.retireMessages()
      $0.entries[7].isEffective = true
      $0.changeMessage(line: 8) { $0.flags = .sideChain }
      $0.append(
        .checkpoint(Checkpoint(messages: [.said(nil, .user, "Sum"), .answers(nil, "c2")])))
    },
    RuleCase(
      "session.tool-call-answered", "calls without a result",
      expected: [
        .init(.warning, line(8), "the call “c2” of “run” has no result"),
        .init(.info, line(9), "the call “c3” of “run” has no result"),
        .init(
          .info, line(11), "the call “c4” of “run” has no result; it is in the last turn"),
        .init(
          .info, line(11), "the call “c5” of “run” has no result; it is in the last turn"),
      ]
    ) {
      $0.append(.message(.calls("a", "c2")))
      $0.append(.message(.calls("b", "c3")), isEffective: false)
      $0.append(.message(.said("c", .user, "Go on")))
      var message = Message.calls("d", "c4")
      message.blocks += Message.calls(nil, "c5").blocks
      $0.append(.message(message))
    },
    RuleCase("session.tool-call-id-unique", "repeated by compaction") {
      $0.append(.message(.calls("a", "c1")))
      $0.changeMessage(line: 8) { $0.flags = .compactionTail }
      $0.append(.message(.answers("b", "c1")))
      $0.changeMessage(line: 9) { $0.flags = .compactionTail }
      $0.retireMessages()
      $0.append(
        .checkpoint(
          Checkpoint(messages: [
            .said(nil, .user, "Hello"), .calls(nil, "c1"), .answers(nil, "c1"),
          ])))
    },
    RuleCase(
      "session.tool-call-id-unique", "numbered anew in each turn",
      expected: [.init(.warning, line(8), "the call identifier “c1” was used before")]
    ) {
      $0.append(.message(.calls("a", "c1")))
      $0.append(.message(.answers("b", "c1")))
    },
    RuleCase(
      "session.tool-result-unique", "answered twice",
      expected: [.init(.warning, line(8), "the call “c1” was answered before")]
    ) { $0.append(.message(.answers("a", "c1"))) },
    RuleCase(
      "session.tool-id-present", "empty identifiers",
      expected: [
        .init(.warning, line(8), "the call of “run” has no identifier"),
        .init(.warning, line(9), "the tool result does not say which call it answers"),
      ]
    ) {
      $0.append(.message(.calls("a", "")))
      $0.append(.message(.answers("b", "")))
    },
  ]
}
