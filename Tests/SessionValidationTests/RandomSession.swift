import JSONText
import SessionModel

/// Numbers that a seed determines (SplitMix64, after Sebastiano Vigna's public code).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// Makes sessions that break no rule.
struct RandomSession {
  private var sample: Sample
  private var random: SeededGenerator
  private var clock: Int64 = 0
  private var ids: [String] = []
  private var calls = 0
  private var turn: Int64 = 0
  private var used = TokenUsage(input: 0, output: 0)
  private let isTree: Bool

  static func sample(_ random: inout SeededGenerator) -> Sample {
    var session = RandomSession(random)
    session.fill()
    random = session.random
    return session.sample
  }

  private init(_ random: SeededGenerator) {
    self.random = random
    var head = SessionHead(id: "s-\(self.random.next())")
    head.title = "First"
    head.created = at(0)
    head.updated = at(0)
    sample = Sample(head: head, entries: [])
    isTree = self.random.chance(50)
    if self.random.chance(70) { sample.append(.headChange(head)) }
  }

  private mutating func fill() {
    for _ in 0..<Int.random(in: 1...12, using: &random) {
      addTurn()
      if random.chance(20) { restateHead() }
      if random.chance(20) { compact() }
      if random.chance(20) { addAside() }
    }
    clock += 1
    sample.head.updated = at(clock)
    sample.head.usage = used
    if random.chance(50) { restateHead() } else { sample.head.alignUpdated(with: sample.entries) }
  }

  private mutating func addTurn() {
    turn += 1
    add(.said(nil, .user, JSONString("Question \(turn)")))
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      var names: [JSONString] = []
      var message = Message(role: .assistant)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        calls += 1
        names.append(JSONString("call-\(calls)"))
        message.blocks += Message.calls(nil, names[names.count - 1]).blocks
      }
      add(message)
      names.shuffle(using: &random)
      for name in names { add(.answers(nil, name)) }
    }
    add(.said(nil, .assistant, JSONString("Answer \(turn)")))
    let tokens = TokenUsage(
      input: Int64.random(in: 0...1_000, using: &random), output: random.chance(50) ? 1 : nil)
    used = used.adding(tokens).adding(TokenUsage(output: random.chance(30) ? 1 : nil))
    sample.append(.usage(UsageRecord(turn: turn, usage: tokens)))
    if random.chance(30) {
      sample.append(.event(EventRecord(format: "f", kind: "k", id: "event-\(turn)")))
    }
  }

  private mutating func add(_ message: Message) {
    var message = message
    message.turn = turn
    clock += Int64.random(in: 0...3, using: &random)
    message.time = random.chance(90) ? at(clock) : nil
    if isTree || random.chance(80) { message.id = "m-\(sample.entries.count)" }
    // A tree may also go on from an earlier message, or from one by which a tool named an event.
    if isTree, let last = ids.last {
      message.parent = random.chance(90) ? last : ids.randomElement(using: &random)
    }
    if let id = message.id { ids.append(id) }
    sample.append(.message(message))
  }

  private mutating func addAside() {
    var message = Message.said("side-\(sample.entries.count)", .assistant, "Aside")
    message.flags = .sideChain
    message.time = at(clock / 2)
    sample.append(.message(message), isEffective: random.chance(50))
  }

  private mutating func restateHead() {
    clock += 1
    sample.head.title = "Title \(clock)"
    sample.head.model = random.chance(50) ? "model-\(clock)" : sample.head.model
    sample.head.updated = at(clock)
    sample.append(.headChange(sample.head))
  }

  private mutating func compact() {
    let messages: [Message] = sample.entries.compactMap { entry in
      guard case .message(let message) = entry.content, !message.flags.contains(.sideChain) else {
        return nil
      }
      return message
    }
    if random.chance(40), let last = ids.last {
      sample.append(.checkpoint(Checkpoint(summaryMessage: last, lastMessage: ids.first)))
    } else {
      sample.retireMessages()
      let summary = Message.said(nil, .system, "Summary", at: nil)
      let kept = messages.suffix(Int.random(in: 0...5, using: &random))
      sample.append(.checkpoint(Checkpoint(messages: [summary] + kept, tokens: 7)))
      sample.append(.message(.said(nil, .user, "Go on", at: nil)))
    }
  }
}

extension SessionHead {
  /// Takes the last change from the last statement of the head, as a reader would.
  fileprivate mutating func alignUpdated(with entries: [Entry]) {
    for entry in entries.reversed() {
      if case .headChange(let head) = entry.content {
        updated = head.updated
        return
      }
    }
  }
}
