import JSONText
import SessionModel
import Testing

/// A change that makes any valid session break one rule.
struct Mutation: CustomTestStringConvertible, Sendable {
  let rule: String
  let name: String
  /// Applies it; false when the session has nothing it could change.
  let apply: @Sendable (inout Sample, inout SeededGenerator) -> Bool

  var testDescription: String { "\(rule): \(name)" }

  init(
    _ rule: String, _ name: String,
    _ apply: @escaping @Sendable (inout Sample, inout SeededGenerator) -> Bool
  ) {
    self.rule = rule
    self.name = name
    self.apply = apply
  }
}

extension Sample {
  /// Lines whose message is of the main conversation and meets a condition.
  func lines(where condition: (Message) -> Bool = { _ in true }) -> [Int] {
    entries.indices.compactMap { index in
      guard case .message(let message) = entries[index].content,
        !message.flags.contains(.sideChain), condition(message)
      else { return nil }
      return index + 1
    }
  }

  fileprivate func messageID(line: Int) -> String? {
    if case .message(let message) = entries[line - 1].content { message.id } else { nil }
  }
}

extension Entry {
  fileprivate var repeatsMessages: Bool {
    if case .checkpoint(let checkpoint) = content { checkpoint.messages != nil } else { false }
  }
}

extension Mutation {
  static let all: [Mutation] = [
    Mutation("session.message-id-unique", "repeats an identifier") { sample, random in
      guard let line = sample.lines(where: { $0.id != nil }).randomElement(using: &random)
      else { return false }
      sample.append(.message(Message(id: sample.messageID(line: line), role: .user)))
      return true
    },
    Mutation("session.sequence-order", "moves a message to the end") { sample, random in
      guard let line = sample.lines().dropLast().randomElement(using: &random) else {
        return false
      }
      sample.entries = sample.placed
      sample.entries.append(sample.entries.remove(at: line - 1))
      return true
    },
    Mutation("session.parent-exists", "breaks a link") { sample, random in
      guard let line = sample.lines().randomElement(using: &random) else { return false }
      sample.changeMessage(line: line) { $0.parent = "gone" }
      return true
    },
    Mutation("session.parent-acyclic", "closes a path to a cycle") { sample, random in
      let lines = sample.lines(where: { $0.id != nil })
      guard let first = lines.randomElement(using: &random) else { return false }
      let path = lines.filter { $0 >= first }.prefix(Int.random(in: 1...9, using: &random))
      for (line, parent) in zip(path, Array(path.dropFirst()) + [first]) {
        let id = sample.messageID(line: parent)
        sample.changeMessage(line: line) { $0.parent = id }
      }
      return true
    },
    Mutation("session.tool-call-answered", "removes a result") { sample, random in
      let results = sample.lines(where: \.holdsOnlyToolResults)
      guard let line = results.randomElement(using: &random) else { return false }
      // A checkpoint that repeats the result would still answer the call.
      guard !sample.entries[line...].contains(where: \.repeatsMessages) else { return false }
      sample.changeMessage(line: line) { $0.blocks = [] }
      return true
    },
    Mutation("session.tool-result-has-call", "removes a call") { sample, random in
      let calls = sample.lines { message in
        message.blocks.contains { if case .toolCall = $0 { true } else { false } }
      }
      guard let line = calls.randomElement(using: &random) else { return false }
      sample.changeMessage(line: line) { $0.blocks = [] }
      return true
    },
    Mutation("session.tool-result-unique", "repeats a result") { sample, random in
      let results = sample.lines(where: \.holdsOnlyToolResults)
      guard let line = results.randomElement(using: &random) else { return false }
      var entry = sample.entries[line - 1]
      if case .message(var message) = entry.content {
        message.id = nil
        entry.content = .message(message)
      }
      sample.entries.insert(entry, at: line)
      return true
    },
    Mutation("session.usage-total", "lowers the total") { sample, random in
      sample.append(.usage(UsageRecord(usage: TokenUsage(input: .max))))
      return true
    },
    Mutation("session.last-head-wins", "reads an outdated head") { sample, random in
      sample.append(.headChange(sample.head))
      sample.head.title = "Outdated"
      return true
    },
    Mutation("session.checkpoint-keeps-effective", "keeps what was compacted") { sample, _ in
      sample.append(.checkpoint(Checkpoint(messages: [.said(nil, .system, "Summary")])))
      return sample.lines().contains { sample.entries[$0 - 1].isEffective }
    },
    Mutation("session.checkpoint-refers-to-messages", "names no message") { sample, _ in
      sample.append(.checkpoint(Checkpoint(summaryMessage: "gone")))
      return true
    },
    Mutation("session.text-exact", "spoils a text") { sample, random in
      guard let line = sample.lines().randomElement(using: &random) else { return false }
      sample.changeMessage(line: line) {
        $0.blocks.append(.text(Block.Text(JSONString(decodedUTF8: [0xC0]))))
      }
      return true
    },
    Mutation("session.message-time-order", "turns a clock back") { sample, random in
      guard let last = sample.lines(where: { $0.time != nil }).last else { return false }
      sample.entries.append(sample.entries[last - 1])
      sample.changeMessage(line: sample.entries.count) {
        $0.id = nil
        $0.time = at(-1)
      }
      return true
    },
    Mutation("session.turn-order", "counts back") { sample, random in
      sample.append(.usage(UsageRecord(turn: 0, usage: TokenUsage())))
      return true
    },
  ]
}
