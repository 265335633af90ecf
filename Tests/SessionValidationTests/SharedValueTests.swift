import JSONText
import SessionModel
import Testing

/// Values of one reference behave as values.
@Suite struct SharedValueTests {
  @Test func `A copy that is changed leaves the first as it was`() {
    let message = Message(id: "a", role: .user, blocks: [.text(Block.Text("x"))], turn: 1)
    var otherMessage = message
    otherMessage.id = "b"
    otherMessage.blocks.append(.text(Block.Text("y")))
    otherMessage.flags.insert(.hidden)
    #expect(
      message == Message(id: "a", role: .user, blocks: [.text(Block.Text("x"))], turn: 1))
    #expect(
      otherMessage
        == Message(
          id: "b", role: .user, blocks: [.text(Block.Text("x")), .text(Block.Text("y"))], turn: 1,
          flags: .hidden))
    #expect(message != otherMessage)

    var head = SessionHead(id: "s")
    let firstHead = head
    head.tags.append("t")
    head.usage = TokenUsage(input: 1)
    #expect(firstHead == SessionHead(id: "s"))
    #expect(head.tags == ["t"] && head.usage?.input == 1 && head != firstHead)

    var usage = UsageRecord(turn: 1, usage: TokenUsage(input: 1))
    let firstUsage = usage
    usage.usage.output = 2
    #expect(firstUsage == UsageRecord(turn: 1, usage: TokenUsage(input: 1)))
    #expect(usage == UsageRecord(turn: 1, usage: TokenUsage(input: 1, output: 2)))

    var metric = MetricRecord(kind: "llm")
    let firstMetric = metric
    metric.duration = 7
    #expect(firstMetric == MetricRecord(kind: "llm") && metric.duration == 7)
    #expect(metric != firstMetric)
  }

  @Test func `Equal values hash alike, whatever memory they are in`() {
    let first = Message(id: "a", role: .user)
    var second = Message(id: "b", role: .user)
    second.id = "a"
    #expect(first == second && first.hashValue == second.hashValue)
  }

  @Test func `Tasks that change their copies do not meet`() async {
    let message = Message(role: .assistant, blocks: [.text(Block.Text("x"))])
    let turns = await withTaskGroup(of: Int64?.self) { group in
      for number in 0..<200 {
        group.addTask {
          var copy = message
          copy.turn = Int64(number)
          copy.blocks.append(.text(Block.Text("y")))
          return copy.blocks.count == 2 ? copy.turn : nil
        }
      }
      return await group.reduce(into: Set<Int64?>()) { $0.insert($1) }
    }
    #expect(turns == Set((0..<200).map { Int64($0) }))
    #expect(message.turn == nil && message.blocks.count == 1)
  }
}
