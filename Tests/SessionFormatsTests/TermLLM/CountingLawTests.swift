import JSONText
import SessionCoding
import SessionModel
import Testing

@testable import SessionFormats

/// A small generator whose seed can be given again.
private struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

@Suite struct CountingLawTests {
  private func block(_ random: inout Random) -> Block {
    let texts = [
      "", "a", "[Context Compaction]", CompactionGroups.acknowledgement, "b\u{0}c", "é<&>",
    ]
    let text = JSONString(texts.randomElement(using: &random) ?? "")
    switch Int.random(in: 0..<7, using: &random) {
    case 0: return .thinking(Block.Thinking(text, signature: "s"))
    case 1:
      return .toolCall(Block.ToolCall(id: text, name: "t", arguments: RawJSON("{\"a\": 1}")))
    case 2:
      return .toolResult(Block.ToolResult(callID: text, content: [.text(Block.Text(text))]))
    case 3: return .image(Block.Image(mediaType: "image/png", base64: "AA=="))
    case 4: return .opaque(Block.OpaqueBlock(format: "x", type: "y", json: RawJSON("{}")))
    default: return .text(Block.Text(text))
    }
  }

  private func message(_ random: inout Random) -> Message {
    let roles: [Role] = [.user, .assistant, .assistant, .system, .tool, .developer, .other("x")]
    let flags: [MessageFlags] = [[], [], [], [], .compactionTail, .sideChain]
    let blocks = (0..<Int.random(in: 0..<4, using: &random)).map { _ in block(&random) }
    return Message(
      role: roles.randomElement(using: &random) ?? .user, blocks: blocks,
      flags: flags.randomElement(using: &random) ?? [])
  }

  private func entry(_ random: inout Random) -> Entry {
    let isEffective = Bool.random(using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      let messages = (0..<Int.random(in: 0..<4, using: &random)).map { _ in message(&random) }
      return Entry(.checkpoint(Checkpoint(messages: messages)), isEffective: isEffective)
    case 1:
      return Entry(
        .headChange(SessionHead(id: "s")), origin: Origin(format: "x", bytes: [123, 125]))
    case 2: return Entry(.usage(UsageRecord(usage: TokenUsage(input: 1))))
    default: return Entry(.message(message(&random)), isEffective: isEffective)
    }
  }

  /// The second seed has a session whose history is hidden without a compaction, and behind that a
  /// message that looks like one.
  @Test(arguments: ["46", "7"], [UInt64.random(in: 0 ... .max), 2_588_232_997_076_589_158])
  func `The writer tells how many entries reading back gives`(
    profile: String, seed: UInt64
  ) throws {
    let scratch = try Scratch()
    var random = Random(state: seed)
    let path = scratch.path + "/s.db"
    let target = try TermLLM().target(
      at: path, options: WriteOptions(profile: profile, isDurable: false))
    for session in 0..<200 {
      let id = "s\(session)"
      let writer = try target.writer(for: SessionHead(id: id), id: id)
      let entries = (0..<Int.random(in: 1..<12, using: &random)).map { _ in entry(&random) }
      var count = 0
      for entry in entries { count += try writer.write(entry) }
      try writer.finishEntries()
      let back = try writer.readBack()
      let found = try back.entries().count
      #expect(found == count, "seed \(seed), session \(session)")
      #expect(back.findings.isEmpty)
      try writer.publish(header: nil)
    }
    try target.publish()
    try expectSound(path)
  }
}
