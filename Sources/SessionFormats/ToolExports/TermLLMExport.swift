internal import FileIO
internal import JSONText
public import SessionCoding
internal import SessionModel

/// What term-llm exports as Markdown, as far as it can be read back.
///
/// `formats/term-llm.md` §12 states the layout. Identifiers and times of messages, images and files
/// are not in it, arguments are respelled, nothing is escaped; the database says everything.
public struct TermLLMExport: SessionFormat {
  /// The format's identifier.
  public static let id = "term-llm-export"

  /// Creates the format.
  public init() {}

  /// What the format says of itself.
  public var info: FormatInfo {
    FormatInfo(
      id: Self.id, name: "term-llm export",
      summary: "Markdown that term-llm exported, one .md file",
      carry: "none: the format is read only")
  }

  static let dialect = ToolExportDialect<TermLLMExportLayout> { lines in
    lines.first?.hasPrefix("# Session: ") == true
      && lines.contains { $0.hasPrefix("> Exported from [term-llm](") }
  }

  /// Whether a location holds such files.
  public func recognizes(_ path: String) -> Bool {
    TranscriptFiles.recognizes(path, Self.dialect)
  }

  /// Opens a file or folder for reading.
  public func open(_ path: String, options: ReadOptions) throws(FormatError) -> any SessionSource {
    try TranscriptSource(path: path, dialect: Self.dialect, options: options)
  }
}

/// The layout of term-llm's exports.
enum TermLLMExportLayout: ToolExportLayout {
  static var id: String { TermLLMExport.id }

  static func role(ofHeading line: String) -> Role? {
    switch line {
    case "### User": .user
    case "### Assistant": .assistant
    case "### System": .system
    default: nil
    }
  }

  static func readHead(_ lines: [String], into head: inout SessionHead) {
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("# Session: ") { head.title = unescaped(line.dropFirst(11)) }
      if line.hasPrefix("<summary>"), index + 2 < lines.count {
        let name = line.hasPrefix("<summary>MCP") ? "mcp" : "tools"
        add(name, lines[index + 2], to: &head)
      }
      guard line.hasPrefix("| **"), line.hasSuffix(" |"), let middle = line.firstRange(of: "** | ")
      else {
        if line.hasPrefix("| "), line.contains(" user / ") { add("metrics", line, to: &head) }
        continue
      }
      let value = unescaped(line[middle.upperBound...].dropLast(2))
      switch line[..<middle.lowerBound].dropFirst(4) {
      case "Agent": head.agent = value
      case "Provider": head.provider = value
      case "Model": head.model = value
      case "Mode": head.mode = value
      case "Created": head.created = SpelledTime.read(value)
      case "Working Directory":
        head.workspace =
          value.hasPrefix("`") && value.hasSuffix("`") && value.count > 1
          ? String(value.dropFirst().dropLast()) : value
      default: break
      }
    }
  }

  private static func unescaped(_ cell: Substring) -> String {
    String(cell).replacing("\\|", with: "|")
  }

  private static func add(_ name: String, _ value: String, to head: inout SessionHead) {
    var json = JSONWriter()
    json.string(value)
    head.extras.append(Extra(format: id, key: name, value: RawJSON(json.bytes[...])))
  }

  static func messages(
    _ role: Role, _ lines: [String], ids: inout ToolExportIDs, guesses: inout [String]
  ) -> [Message] {
    ids.closeTurn()
    guard role == .assistant else {
      return [
        Message(
          role: role, blocks: text(lines[...]).map { [.text(Block.Text(JSONString($0)))] } ?? [])
      ]
    }
    var messages = [Message(role: .assistant)]
    var results = Message(role: .tool)
    var text: [String] = []
    var index = 0
    func add(_ block: Block) {
      // Text after results is a new answer.
      if !results.blocks.isEmpty {
        messages.append(results)
        results.blocks = []
        messages.append(Message(role: .assistant))
      }
      messages[messages.count - 1].blocks.append(block)
    }
    func flush() {
      if let text = self.text(text[...]) { add(.text(Block.Text(JSONString(text)))) }
      text = []
    }
    while index < lines.count {
      if let tool = tool(lines, at: index) {
        flush()
        index = tool.end
        if tool.isResultOnly {
          let call = ids.result(of: tool.name)
          results.blocks.append(result(tool, call.id))
          continue
        }
        let id = ids.call(tool.name)
        messages[messages.count - 1].blocks.append(
          .toolCall(
            Block.ToolCall(id: id, name: JSONString(tool.name), arguments: tool.arguments)))
        if tool.output != nil {
          _ = ids.result(of: tool.name)
          results.blocks.append(result(tool, id))
        }
        guesses.append("the identifier of the call of \(tool.name) is made up")
      } else if let (block, end) = reasoning(lines, at: index) {
        flush()
        add(block)
        guesses.append("the reasoning is taken to end with its first paragraph")
        index = end
      } else {
        text.append(lines[index])
        index += 1
      }
    }
    flush()
    if !results.blocks.isEmpty { messages.append(results) }
    return messages
  }

  /// A folded tool block.
  private struct Tool {
    var name: String
    var arguments: RawJSON?
    var output: String?
    var isError = false
    var isResultOnly = false
    var end: Int
  }

  private static func result(_ tool: Tool, _ id: JSONString) -> Block {
    .toolResult(
      Block.ToolResult(
        callID: id, name: JSONString(tool.name),
        content: [.text(Block.Text(JSONString(tool.output ?? "")))], isError: tool.isError))
  }

  private static func tool(_ lines: [String], at start: Int) -> Tool? {
    guard lines[start] == "<details>", start + 1 < lines.count,
      lines[start + 1].hasPrefix("<summary>"), lines[start + 1].hasSuffix("</summary>")
    else { return nil }
    let name = String(lines[start + 1].dropFirst(9).dropLast(10))
    // The block ends at the first end tag after a closing fence or an empty line.
    var end = start + 2
    while end < lines.count {
      let isEnd =
        lines[end] == "</details>"
        && (lines[end - 1].isEmpty && (lines[end - 2] == "```" || end - 2 == start + 1))
      if isEnd { break }
      end += 1
    }
    guard end < lines.count else { return nil }
    var tool = Tool(name: name, end: end + 1)
    var body = lines[(start + 2)..<end]
    if name.hasSuffix(" (result)") {
      tool.name = String(name.dropLast(9))
      tool.isResultOnly = true
    }
    let label = body.firstIndex { $0 == "**Result:**" || $0 == "**Error:**" }
    if let label, label + 1 < end, lines[label + 1].hasPrefix("```"),
      let close = body.lastIndex(of: "```"), close > label + 1
    {
      tool.output = lines[(label + 2)..<close].joined(separator: "\n")
      tool.isError = lines[label] == "**Error:**"
      body = body[..<label]
    }
    if let open = body.firstIndex(of: "```json"), let close = body.lastIndex(of: "```"),
      close > open
    {
      let text = lines[(open + 1)..<close].joined(separator: "\n")
      if !text.isEmpty { tool.arguments = compact(ChatArguments.read(Array(text.utf8))) }
    }
    return tool
  }

  /// The layout of arguments is the export's own.
  private static func compact(_ json: RawJSON) -> RawJSON {
    var writer = JSONWriter()
    writer.compact(json.bytes)
    return RawJSON(writer.bytes[...])
  }

  private static func reasoning(_ lines: [String], at start: Int) -> (Block, Int)? {
    let line = lines[start]
    let isRaw = line == "_Raw reasoning (explicitly included):_"
    guard isRaw || line.hasPrefix("_Reasoning summary:"), line.hasSuffix("_") else { return nil }
    var end = start + 1
    while end < lines.count, lines[end].isEmpty { end += 1 }
    let first = end
    while end < lines.count, !lines[end].isEmpty { end += 1 }
    var text = lines[first..<end].joined(separator: "\n")
    if !isRaw {
      let title = line.dropFirst(19).dropLast().drop { $0 == " " }
      if !title.isEmpty { text = "**\(title)**\n\n\(text)" }
    }
    return (
      .thinking(Block.Thinking(JSONString(text), kind: isRaw ? "raw" : "summary")), end
    )
  }
}
