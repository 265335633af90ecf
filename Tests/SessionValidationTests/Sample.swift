import JSONText
import SessionCoding
import SessionModel
import SessionValidation

/// A session in memory.
struct Sample {
  var head: SessionHead
  var entries: [Entry]

  /// A small session that breaks no rule.
  ///
  ///     line 1 head, 2 user, 3 assistant with call c1, 4 result c1, 5 assistant, 6 usage, 7 metric
  static var valid: Sample {
    var head = SessionHead(id: "s-1")
    head.title = "Title"
    head.workspace = "/w"
    head.model = "m"
    head.created = at(0)
    head.updated = at(100)
    head.usage = TokenUsage(input: 10, output: 5, cacheRead: 3, cacheWrite: 2, promptTotal: 13)
    var metric = MetricRecord(kind: "llm")
    metric.turn = 1
    let contents: [Entry.Content] = [
      .headChange(head),
      .message(.said("m1", .user, "Hello", at: 1)),
      .message(.calls("m2", "c1", after: "m1", at: 2)),
      .message(.answers("m3", "c1", after: "m2", at: 3)),
      .message(.said("m4", .assistant, "Done", after: "m3", at: 4)),
      .usage(UsageRecord(turn: 1, usage: TokenUsage(input: 10, output: 4))),
      .metric(metric),
    ]
    return Sample(head: head, entries: contents.map { Entry($0) })
  }

  /// Everything that the rules find; entry *n* stands in line *n* + 1 unless it says otherwise.
  func findings() -> [Finding] {
    var validator = validated()
    return validator.finish()
  }

  /// The safe repairs for it.
  func repairs() -> RepairPlan {
    var validator = validated()
    _ = validator.finish()
    return validator.repairs
  }

  private func validated() -> SessionValidator {
    var validator = SessionValidator(head: head)
    for entry in placed { validator.observe(entry) }
    return validator
  }

  /// The entries with their places.
  var placed: [Entry] {
    entries.enumerated().map { index, entry in
      var entry = entry
      if entry.place == nil { entry.place = line(index + 1) }
      return entry
    }
  }

  /// Changes the message of a line; does nothing to other entries.
  mutating func changeMessage(line: Int, _ change: (inout Message) -> Void) {
    guard case .message(var message) = entries[line - 1].content else { return }
    change(&message)
    entries[line - 1].content = .message(message)
  }

  mutating func append(_ content: Entry.Content, isEffective: Bool = true) {
    entries.append(Entry(content, isEffective: isEffective))
  }

  /// Takes all entries so far out of the tool's view.
  mutating func retireMessages() {
    for index in entries.indices {
      if case .message = entries[index].content { entries[index].isEffective = false }
    }
  }
}

/// The place of a line in the sample's file, each 100 bytes long.
func line(_ number: Int) -> Place {
  .line(path: "s.jsonl", line: number, byte: UInt64(number - 1) * 100)
}

/// A time some seconds after the sample began.
func at(_ seconds: Int64) -> Timestamp { Timestamp(seconds: 1_700_000_000 + seconds) }

extension Message {
  static func said(
    _ id: String?, _ role: Role, _ text: JSONString, after parent: String? = nil,
    at seconds: Int64? = nil
  ) -> Message {
    Message(
      id: id, parent: parent, role: role, blocks: [.text(Block.Text(text))],
      time: seconds.map { SessionValidationTests.at($0) })
  }

  static func calls(
    _ id: String?, _ call: JSONString, after parent: String? = nil, at seconds: Int64? = nil
  ) -> Message {
    Message(
      id: id, parent: parent, role: .assistant,
      blocks: [.toolCall(Block.ToolCall(id: call, name: "run", arguments: RawJSON("{}")))],
      time: seconds.map { SessionValidationTests.at($0) })
  }

  static func answers(
    _ id: String?, _ call: JSONString, after parent: String? = nil, at seconds: Int64? = nil
  ) -> Message {
    Message(
      id: id, parent: parent, role: .user,
      blocks: [.toolResult(Block.ToolResult(callID: call, content: [.text(Block.Text("ok"))]))],
      time: seconds.map { SessionValidationTests.at($0) })
  }
}
