import JSONText
import SessionCoding
import SessionModel

extension RuleCase {
  /// A text with a byte that is not UTF-8.
  private static let inexact = JSONString(decodedUTF8: [0x61, 0xFF])

  static let content: [RuleCase] = [
    RuleCase(
      "session.role-known", "a word of another tool",
      expected: [.init(.info, line(8), "the role “bashExecution” is not known")]
    ) { $0.append(.message(.said("a", .other("bashExecution"), "ls"))) },
    RuleCase("session.first-role", "the model on the side, out of use, or before a checkpoint") {
      $0.entries.insert(Entry(.message(.said("a", .assistant, "a"))), at: 1)
      $0.changeMessage(line: 2) { $0.flags = .sideChain }
      $0.entries.insert(
        Entry(.message(.said("b", .assistant, "a")), isEffective: false), at: 2)
    },
    RuleCase(
      "session.first-role", "the model begins",
      expected: [
        .init(.info, line(2), "the first message in use has the role “assistant”")
      ]
    ) { $0.entries.insert(Entry(.message(.said("a", .assistant, "Hi"))), at: 1) },
    RuleCase(
      "session.first-role", "the model begins after a checkpoint",
      expected: [
        .init(.info, line(8), "the first message in use has the role “tool”")
      ], others: ["session.user-text-present"]
    ) {
      $0.retireMessages()
      $0.append(.checkpoint(Checkpoint(messages: [.said(nil, .tool, "a")])))
    },
    RuleCase("session.user-text-present", "in a checkpoint only") {
      $0.entries.removeSubrange(1...4)
      $0.append(.checkpoint(Checkpoint(messages: [.said(nil, .user, "Hello")])))
    },
    RuleCase(
      "session.user-text-present", "blank text and tool results only",
      expected: [
        .init(
          .warning, line(1),
          "what the tool goes on with has no text of the person; tools drop such sessions")
      ]
    ) { $0.changeMessage(line: 2) { $0.blocks = [.text(Block.Text(" \u{2028}\u{A0}\n"))] } },
    RuleCase("session.text-exact", "U+FFFD that was meant") {
      $0.append(.message(.said("a", .user, "\u{FFFD}")))
    },
    RuleCase(
      "session.text-exact", "in a text, in a tool's answer, in a checkpoint, in a metric",
      expected: [
        .init(
          .warning, line(2),
          "the text in block 1 of the message holds invalid UTF-8 or half of a surrogate pair"),
        .init(
          .warning, line(4),
          "2 texts, first the text in block 2 of the message, "
            + "hold invalid UTF-8 or half of a surrogate pair"),
        .init(
          .warning, line(8),
          "the text in block 1 of the checkpoint's message 1 "
            + "holds invalid UTF-8 or half of a surrogate pair"),
        .init(
          .warning, line(9),
          "the tool's error text holds invalid UTF-8 or half of a surrogate pair"),
      ], others: ["session.tool-id-present"]
    ) {
      $0.changeMessage(line: 2) { $0.blocks = [.text(Block.Text(inexact))] }
      $0.changeMessage(line: 4) {
        $0.blocks += [
          .thinking(Block.Thinking(inexact)),
          .toolResult(
            Block.ToolResult(callID: "", content: [.file(Block.File(name: inexact))])),
        ]
      }
      $0.append(
        .checkpoint(Checkpoint(messages: [.said(nil, .user, inexact)])), isEffective: false)
      var metric = MetricRecord(kind: "tool")
      metric.toolError = inexact
      $0.append(.metric(metric))
    },
    RuleCase("session.damage", "a record of an unknown type") {
      $0.append(.opaque(OpaqueRecord(format: "f", type: "new", bytes: [1, 2])))
    },
    RuleCase(
      "session.damage", "a record that does not decode",
      expected: [.init(.error, line(8), "the line ends early; 2 bytes kept verbatim")]
    ) {
      $0.append(
        .opaque(OpaqueRecord(format: "f", damage: "the line ends early", bytes: [1, 2])))
    },
  ]
}
