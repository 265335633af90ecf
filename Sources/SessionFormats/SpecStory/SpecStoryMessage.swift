internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The lines below one role heading.
struct SpecStoryMessage {
  private let heading: SpecStoryHeading
  let number: Int
  var lines: [String] = []

  init(_ heading: SpecStoryHeading, number: Int) {
    self.heading = heading
    self.number = number
  }

  /// The message, one for the answers of its tools, and so on in turn; and what was guessed.
  func parsed() -> (messages: [Message], guesses: [String]) {
    var guesses: [String] = []
    var messages: [Message] = [make(heading.role)]
    var text: [String] = []
    var fence: CodeFence?
    var index = 0
    func flushText() {
      let content = ChatText.trimmed(text)
      text = []
      guard !content.isEmpty else { return }
      append(.text(Block.Text(JSONString(content))), role: heading.role)
    }
    func append(_ block: Block, role: Role) {
      if messages[messages.count - 1].role != role { messages.append(make(role)) }
      messages[messages.count - 1].blocks.append(block)
    }
    while index < lines.count {
      let line = lines[index]
      let bytes = Array(line.utf8)[...]
      if let open = fence {
        if open.closes(with: bytes) { fence = nil }
        text.append(line)
        index += 1
        continue
      }
      if line.hasPrefix("<!-- message-id: ") || line.hasPrefix("[<!-- message-id: ") {
        if let start = line.firstRange(of: "message-id: ")?.upperBound,
          let end = line.firstRange(of: " -->")?.lowerBound, start < end
        {
          messages[0].id = String(line[start..<end])
        }
        index += 1
      } else if line.hasPrefix("<think>") {
        flushText()
        let end = lines[index...].firstIndex { $0.hasSuffix("</think>") } ?? lines.count - 1
        append(
          .thinking(Block.Thinking(JSONString(Self.thought(lines[index...end])))),
          role: heading.role)
        index = end + 1
      } else if line.hasPrefix("<tool-use ") {
        flushText()
        let end = Self.endOfTool(lines, from: index)
        let tool = SpecStoryTool(Array(lines[index...end]), id: "tool-\(number)-\(index)")
        append(.toolCall(tool.call), role: heading.role)
        if let result = tool.result { append(.toolResult(result), role: .tool) }
        guesses.append(
          "call and result of the tool \(tool.call.name.string) are told from how they are shown; "
            + "the identifier is made up")
        index = end + 1
      } else if line.hasPrefix("Tool use: **"), let tool = oldTool(at: &index) {
        flushText()
        append(.toolCall(tool), role: heading.role)
        guesses.append("the tool \(tool.name.string) is shown in the old way, without its input")
      } else {
        fence = CodeFence(opening: bytes)
        text.append(line)
        index += 1
      }
    }
    text = Self.withoutRule(text)
    flushText()
    return (messages, guesses)
  }

  private func make(_ role: Role) -> Message {
    Message(
      role: role, time: heading.time, model: role == .assistant ? heading.model : nil,
      flags: heading.isSideChain ? .sideChain : [])
  }

  private func oldTool(at index: inout Int) -> Block.ToolCall? {
    let line = lines[index]
    guard let start = line.firstRange(of: "**")?.upperBound,
      let end = line[start...].firstRange(of: "**")?.lowerBound
    else { return nil }
    let call = Block.ToolCall(
      id: JSONString("tool-\(number)-\(index)"), name: JSONString(String(line[start..<end])))
    index += 1
    return call
  }

  /// The last `---` separates exchanges and is no text.
  private static func withoutRule(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.isEmpty == true { lines.removeLast() }
    if lines.last == "---" { lines.removeLast() }
    return lines
  }

  /// `<think><details><summary>…</summary>`, the thought, `</details></think>`.
  private static func thought(_ lines: ArraySlice<String>) -> String {
    var text = lines.joined(separator: "\n")
    for lead in ["<think>", "<details>"] {
      while text.first?.isNewline == true { text.removeFirst() }
      if text.hasPrefix(lead) { text.removeFirst(lead.count) }
    }
    while text.first?.isNewline == true { text.removeFirst() }
    if text.hasPrefix("<summary>"), let end = text.firstRange(of: "</summary>") {
      text = String(text[end.upperBound...])
    }
    for tail in ["</think>", "</details>"] {
      while text.last?.isNewline == true { text.removeLast() }
      if text.hasSuffix(tail) { text.removeLast(tail.count) }
    }
    return ChatText.trimmed(
      text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  }

  /// The line that ends a tool, outside of its fences.
  private static func endOfTool(_ lines: [String], from start: Int) -> Int {
    var fence: CodeFence?
    for index in start..<lines.count {
      let bytes = Array(lines[index].utf8)[...]
      if let open = fence {
        if open.closes(with: bytes) { fence = nil }
      } else if lines[index].hasSuffix("</tool-use>") {
        return index
      } else {
        fence = CodeFence(opening: bytes)
      }
    }
    // A fence that never closes: the tag counts wherever it is.
    return lines[start...].firstIndex { $0.hasSuffix("</tool-use>") } ?? lines.count - 1
  }
}
