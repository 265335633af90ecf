internal import JSONText
internal import SessionCoding
internal import SessionModel

/// One turn of `llm logs`: sections in the order in which llm prints them.
struct LLMTurn {
  private(set) var model: String?
  private(set) var resolved: String?
  private(set) var prompt: String?
  private(set) var usage: TokenUsage?
  private(set) var messages: [Message] = []
  private(set) var guesses: [String] = []
  private var extras: [Extra] = []

  /// Headings in their order; a heading that would go back is part of the text before it.
  private static let order = [
    "## Prompt", "### Prompt fragments", "## Options", "## System", "### System fragments",
    "## Schema", "### Tools", "### Tool results", "### Attachments", "## Reasoning", "## Response",
    "### Tool calls", "## Token usage",
  ]

  init(_ lines: [String]) {
    var sections: [(rank: Int, lines: [String])] = [(-1, [])]
    var fence: CodeFence?
    for line in lines {
      let bytes = Array(line.utf8)[...]
      if let open = fence {
        if open.closes(with: bytes) { fence = nil }
      } else if let rank = Self.order.firstIndex(of: line), Self.follows(rank, sections) {
        sections.append((rank, []))
        continue
      } else {
        if line.hasPrefix("## ") || line.hasPrefix("### ") {
          guesses.append("the heading \"\(line)\" is read as text")
        }
        fence = CodeFence(opening: bytes)
      }
      sections[sections.count - 1].lines.append(line)
    }
    build(sections)
  }

  private static func follows(_ rank: Int, _ sections: [(rank: Int, lines: [String])]) -> Bool {
    let last = sections[sections.count - 1]
    guard rank > last.rank else { return false }
    // Calls stand at the very beginning of a response.
    if order[rank] == "### Tool calls" {
      return order[max(0, last.rank)] == "## Response" && last.lines.allSatisfy(\.isEmpty)
    }
    return true
  }

  private mutating func build(_ sections: [(rank: Int, lines: [String])]) {
    var user = Message(role: .user)
    var system: Message?
    var results = Message(role: .tool)
    var assistant = Message(role: .assistant)
    for section in sections {
      let text = ChatText.trimmed(section.lines)
      guard section.rank >= 0 else {
        readModel(section.lines)
        continue
      }
      switch Self.order[section.rank] {
      case "## Prompt":
        if text != "-- none --", !text.isEmpty {
          prompt = text
          user.blocks.append(.text(Block.Text(JSONString(text))))
        }
      case "## System":
        system = Message(role: .system, blocks: [.text(Block.Text(JSONString(text)))])
      case "### Tool results": results.blocks = Self.results(section.lines)
      case "### Attachments":
        for line in section.lines {
          if let block = Self.attachment(line) { user.blocks.append(block) }
        }
      case "## Reasoning":
        assistant.blocks.append(
          .thinking(Block.Thinking(JSONString(Self.reasoning(section.lines)))))
      case "## Response":
        if !text.isEmpty { assistant.blocks.append(.text(Block.Text(JSONString(text)))) }
      case "### Tool calls":
        let (calls, rest) = Self.calls(section.lines)
        assistant.blocks += calls
        if !rest.isEmpty { assistant.blocks.append(.text(Block.Text(JSONString(rest)))) }
      case "## Token usage": readUsage(section.lines)
      case let name:
        add(String(name.drop { $0 == "#" || $0 == " " }), text)
      }
    }
    user.extras = extras
    messages = [system].compactMap { $0 }
    if !results.blocks.isEmpty { messages.append(results) }
    if !user.blocks.isEmpty || (!extras.isEmpty && results.blocks.isEmpty) {
      messages.append(user)
    } else if !extras.isEmpty, !results.blocks.isEmpty {
      messages[messages.count - 1].extras = extras
    }
    if !assistant.blocks.isEmpty || usage != nil { messages.append(assistant) }
  }

  /// Keeps a section that the model has no place for.
  private mutating func add(_ name: String, _ text: String) {
    var json = JSONWriter()
    json.string(text)
    extras.append(
      Extra(
        format: LLMMarkdown.id, key: name.lowercased().replacing(" ", with: "-"),
        value: RawJSON(json.bytes[...])))
  }

  /// Reads `Model: **NAME** (resolved: **NAME**)`.
  private mutating func readModel(_ lines: [String]) {
    guard let line = lines.first(where: { $0.hasPrefix("Model: **") }) else { return }
    let names = line.components(between: "**")
    model = names.first
    resolved = names.count > 1 ? names[1] : nil
  }

  /// Reads `40 input, 30 output, …`.
  private mutating func readUsage(_ lines: [String]) {
    guard let line = lines.first(where: { !$0.isEmpty }) else { return }
    var counts = TokenUsage()
    for part in line.split(separator: ",").prefix(2) {
      let words = part.split(separator: " ")
      guard words.count == 2, let count = Int64(words[0].replacing(",", with: "")) else { continue }
      if words[1] == "input" { counts.input = count }
      if words[1] == "output" { counts.output = count }
    }
    guard counts != TokenUsage() else { return }
    usage = counts
    if let start = line.firstRange(of: "`{"), let end = line.utf8.lastIndex(of: UInt8(ascii: "`")),
      start.lowerBound < end,
      let details = JSONDocument(
        ifValid:
          Array(line[line.index(after: start.lowerBound)..<end].utf8)),
      let cached = details.root["cache_read_tokens"]?.int64
    {
      usage?.cacheRead = cached
    }
  }

  private static func reasoning(_ lines: [String]) -> String {
    ChatText.trimmed(
      lines.filter { !$0.hasPrefix("<details><summary>") && $0 != "</details>" })
  }

  /// `- **name**: \`call id\`  ` and below it, indented by four, a fence or `key: value` lines.
  private static func items(_ lines: [String]) -> (
    items: [(name: String, id: String, body: [String])], rest: [String]
  ) {
    var items: [(name: String, id: String, body: [String])] = []
    var rest: [String] = []
    for line in lines {
      if rest.isEmpty, line.hasPrefix("- **"), let name = line.components(between: "**").first {
        items.append((name, line.components(between: "`").first ?? "", []))
      } else if rest.isEmpty, !items.isEmpty, line.hasPrefix("    ") || line.isEmpty {
        items[items.count - 1].body.append(String(line.dropFirst(4)))
      } else if !(items.isEmpty && rest.isEmpty && line.isEmpty) {
        rest.append(line)
      }
    }
    return (items, rest)
  }

  private static func calls(_ lines: [String]) -> (calls: [Block], rest: String) {
    let (items, rest) = items(lines)
    let calls = items.map { item -> Block in
      var json = JSONWriter()
      json.beginObject()
      var index = 0
      while index < item.body.count {
        let line = item.body[index]
        index += 1
        guard let colon = line.firstIndex(of: ":") else { continue }
        json.key(JSONString(String(line[..<colon])))
        let value = line[line.index(after: colon)...].drop { $0 == " " }
        if value.isEmpty, index < item.body.count,
          let fence = CodeFence(opening: Array(item.body[index].utf8)[...])
        {
          var text: [String] = []
          index += 1
          while index < item.body.count, !fence.closes(with: Array(item.body[index].utf8)[...]) {
            text.append(item.body[index])
            index += 1
          }
          index += 1
          json.string(text.joined(separator: "\n"))
        } else {
          let plain =
            value.hasPrefix("`") && value.hasSuffix("`") ? value.dropFirst().dropLast() : value
          let bytes = Array(String(plain).utf8)
          if let document = JSONDocument(ifValid: bytes), document.root.kind != .string {
            json.raw(bytes[...])
          } else {
            json.string(String(plain))
          }
        }
      }
      json.endObject()
      return .toolCall(
        Block.ToolCall(
          id: JSONString(item.id), name: JSONString(item.name),
          arguments: RawJSON(json.bytes[...])))
    }
    return (calls, ChatText.trimmed(rest))
  }

  private static func results(_ lines: [String]) -> [Block] {
    items(lines).items.map { item in
      var text: [String] = []
      var fence: CodeFence?
      var isError = false
      for line in item.body {
        let bytes = Array(line.utf8)[...]
        if let open = fence {
          if open.closes(with: bytes) { fence = nil } else { text.append(line) }
        } else if line.hasPrefix("**Error**") {
          isError = true
        } else {
          fence = CodeFence(opening: bytes)
        }
      }
      return .toolResult(
        Block.ToolResult(
          callID: JSONString(item.id), name: JSONString(item.name),
          content: [.text(Block.Text(JSONString(text.joined(separator: "\n"))))],
          isError: isError))
    }
  }

  /// ``1. **mime**: `path` `` or an address, or `` `<N bytes>` ``.
  private static func attachment(_ line: String) -> Block? {
    guard let dot = line.firstRange(of: ". **"), line[..<dot.lowerBound].allSatisfy(\.isNumber),
      let mime = line.components(between: "**").first, let colon = line.firstRange(of: "**: ")
    else { return nil }
    var place = line[colon.upperBound...]
    if place.hasPrefix("`"), place.hasSuffix("`") { place = place.dropFirst().dropLast() }
    var size: Int64?
    var path: String? = String(place)
    if place.hasPrefix("<"), place.hasSuffix(" bytes>") {
      size = Int64(place.dropFirst().dropLast(7))
      path = nil
    }
    if mime.hasPrefix("image/"), size == nil {
      return .image(Block.Image(mediaType: JSONString(mime), path: path.map { JSONString($0) }))
    }
    return .file(
      Block.File(mediaType: JSONString(mime), path: path.map { JSONString($0) }, size: size))
  }
}

extension String {
  /// The texts between pairs of a mark.
  fileprivate func components(between mark: String) -> [String] {
    var found: [String] = []
    var rest = self[...]
    while let start = rest.firstRange(of: mark)?.upperBound,
      let end = rest[start...].firstRange(of: mark)
    {
      found.append(String(rest[start..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return found
  }
}
