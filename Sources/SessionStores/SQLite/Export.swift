internal import JSONText
internal import SessionModel

/// A session as Markdown, in the tool's layout.
///
/// Original: `ExportToMarkdown`.
///
/// Depends on nothing but its arguments. Tool output and text are not escaped; images and files are
/// left out.
public func exportToMarkdown(
  _ session: Session, _ messages: [Message], _ options: ExportOptions = ExportOptions()
) -> String {
  var export = Export(options: options)
  export.head(session)
  for message in messages { export.message(message) }
  export.endTurn()
  return export.text
}

/// An export being written.
private struct Export {
  let options: ExportOptions
  var text = ""
  private var isTurnOpen = false
  /// Text of the turn that tool calls will follow.
  private var buffer = ""
  /// Calls of the turn without an answer, in order.
  private var calls: [Call] = []

  private struct Call {
    var id: String
    var name: String
    var arguments: JSONValue?
  }

  init(options: ExportOptions) { self.options = options }

  mutating func head(_ session: Session) {
    text += "# Session: \(cell(title(session)))\n\n"
    text += "> Exported from [term-llm](https://github.com/samsaffron/term-llm)\n\n"
    text += "## Setup\n\n| | |\n|---|---|\n"
    if !session.agent.isEmpty { text += "| **Agent** | \(cell(session.agent)) |\n" }
    text += "| **Provider** | \(cell(session.provider)) |\n"
    text += "| **Model** | \(cell(session.model)) |\n"
    let mode = session.mode.rawValue
    text += "| **Mode** | \(mode.isEmpty ? "chat" : mode) |\n"
    text += "| **Created** | \(minute(session.createdAt)) UTC |\n"
    if !session.cwd.isEmpty { text += "| **Working Directory** | `\(cell(session.cwd))` |\n" }
    text += "\n"
    details("Tools", session.tools)
    details("MCP Servers", session.mcp)
    text += "## Metrics\n\n| Turns | Tool Calls | Tokens |\n|-------|------------|--------|\n"
    text += "| \(session.userTurns) user / \(session.llmTurns) LLM | \(session.toolCalls) | "
    text +=
      session.inputTokens == 0 && session.outputTokens == 0
      ? "-" : "\(short(session.inputTokens)) in / \(short(session.outputTokens)) out"
    text += " |\n\n---\n\n## Conversation\n\n"
  }

  private mutating func details(_ title: String, _ content: String) {
    if content.isEmpty { return }
    text += "<details>\n<summary>\(title)</summary>\n\n\(content)\n\n</details>\n\n"
  }

  private func title(_ session: Session) -> String {
    if options.release == .documented {
      return session.name.isEmpty ? shortID(session.id) : session.name
    }
    return session.preferredShortTitle ?? shortID(session.id)
  }

  private func cell(_ text: String) -> String {
    String(
      text.unicodeScalars.reduce(into: String.UnicodeScalarView()) { result, scalar in
        switch scalar {
        case "|": result.append(contentsOf: "\\|".unicodeScalars)
        case "\n": result.append(" ")
        default: result.append(scalar)
        }
      })
  }

  private func minute(_ time: Timestamp) -> String {
    var text: [UInt8] = []
    Timestamp(seconds: time.seconds).appendDateAndTime(separator: UInt8(ascii: " "), to: &text)
    return String(decoding: text.prefix(16), as: UTF8.self)
  }

  private func short(_ count: Int64) -> String {
    func scaled(_ unit: Int64, _ letter: String) -> String {
      if count % unit == 0 { return "\(count / unit)\(letter)" }
      return Decimal1.text(Double(count) / Double(unit)) + letter
    }
    if count < 1_000 { return "\(count)" }
    return count < 1_000_000 ? scaled(1_000, "K") : scaled(1_000_000, "M")
  }

  mutating func message(_ message: Message) {
    switch message.role {
    case "system":
      guard options.includesSystem else { return }
      endTurn()
      text += "### System\n\n\(message.textContent)\n\n---\n\n"
    case "user":
      endTurn()
      text += "### User\n\n\(message.textContent)\n\n---\n\n"
    case "assistant":
      endTurn()
      isTurnOpen = true
      text += "### Assistant\n\n"
      var lackArguments = message.parts.callsLackingArguments[...]
      for part in message.parts.elements { assistantPart(part, &lackArguments) }
    case "tool":
      flush()
      for part in message.parts.elements where part["Type"]?.string?.equals("tool_result") == true {
        if let result = part["ToolResult"], !result.isNull { self.result(result) }
      }
    default: break
    }
  }

  private mutating func assistantPart(
    _ part: JSONValue, _ lackArguments: inout ArraySlice<Bool>
  ) {
    let type = part["Type"]?.string?.string ?? ""
    if type == "text" {
      if options.release == .current { buffer += Reasoning(part).markdown(options) }
      let text = part["Text"]?.string?.string ?? ""
      if !text.isEmpty { buffer += text + "\n\n" }
    } else if type == "tool_call", let call = part["ToolCall"], !call.isNull {
      let id = call["ID"]?.string?.string ?? ""
      let lacksArguments = lackArguments.popFirst() ?? false
      let entry = Call(
        id: id, name: call["Name"]?.string?.string ?? "",
        arguments: lacksArguments ? nil : call["Arguments"])
      if let index = calls.firstIndex(where: { $0.id == id }) {
        calls[index] = entry
      } else {
        calls.append(entry)
      }
    }
  }

  private mutating func flush() {
    text += buffer
    buffer = ""
  }

  private mutating func result(_ result: JSONValue) {
    let id = result["ID"]?.string?.string ?? ""
    let content = result["Content"]?.string?.string ?? ""
    guard let index = calls.firstIndex(where: { $0.id == id }) else {
      let name = result["Name"]?.string?.string ?? ""
      text += "<details>\n<summary>\(name) (result)</summary>\n\n"
      text += "**Result:**\n```\n\(content)\n```\n\n</details>\n\n"
      return
    }
    let isError = result["IsError"]?.bool == true
    tool(calls.remove(at: index), "**\(isError ? "Error" : "Result"):**\n```\n\(content)\n```\n\n")
  }

  private mutating func tool(_ call: Call, _ answer: String) {
    text += "<details>\n<summary>\(call.name)</summary>\n\n"
    text += "```json\n\(call.arguments.map(IndentedJSON.text) ?? "")\n```\n\n"
    text += answer + "</details>\n\n"
  }

  /// Ends the assistant's turn, if one is open.
  mutating func endTurn() {
    guard isTurnOpen else { return }
    flush()
    for call in calls { tool(call, "") }
    calls = []
    text += "---\n\n"
    isTurnOpen = false
  }
}

extension Session {
  /// The first that is not blank of name, short title and summary.
  ///
  /// Original: `PreferredShortTitle`.
  public var preferredShortTitle: String? {
    preferred([name, generatedShortTitle, summary])
  }

  /// The first that is not blank of name, titles and summary.
  ///
  /// Original: `PreferredLongTitle`.
  public var preferredLongTitle: String? {
    preferred([name, generatedLongTitle, generatedShortTitle, summary])
  }

  private func preferred(_ titles: [String]) -> String? {
    titles.lazy.map(\.trimmingUnicodeWhiteSpace).first { !$0.isEmpty }
  }
}
