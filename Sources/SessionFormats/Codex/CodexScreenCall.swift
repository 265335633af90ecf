internal import JSONText
internal import SessionModel

/// What the screen shows of a tool call that another tool made.
///
/// On resume the program draws calls of MCP servers and of no other kind (seen with codex-cli 0.163.0),
/// so that is what the log of the screen says they were. What is long is cut: the model gets the whole
/// from the items.
struct CodexScreenCall {
  /// The server of calls that no server answered.
  private static let server = "migrated"
  /// The longest arguments that are shown as they are, and the longest text in longer ones.
  private static let (longestArguments, longestText) = (1_000, 200)
  private static let longestResult = 2_000
  private static let mostMembers = 20

  private var server = Self.server
  private var tool: String
  private var arguments: [UInt8]

  init(_ call: Block.ToolCall) {
    tool = call.name.string
    // Other tools name the tools of servers `mcp__server__tool`.
    let parts = tool.split(separator: "__", maxSplits: 2, omittingEmptySubsequences: false)
    if parts.count == 3, parts[0] == "mcp", !parts[1].isEmpty, !parts[2].isEmpty {
      (server, tool) = (String(parts[1]), String(parts[2]))
    }
    arguments = Self.shortened(call.arguments)
  }

  /// One line of JSON.
  private static func shortened(_ arguments: RawJSON?) -> [UInt8] {
    guard let arguments else { return Array("{}".utf8) }
    var json = JSONWriter(reserving: 256)
    guard let root = JSONDocument(ifValid: Array(arguments.bytes))?.root else {
      json.string(cut(arguments.string, longestText))
      return json.bytes
    }
    if root.kind == .string {
      json.string(cut(root.string?.string ?? "", longestArguments))
    } else if root.raw.count <= longestArguments {
      json.compact(root.raw[...])
    } else if root.kind == .object {
      json.beginObject()
      for (name, value) in root.members.prefix(mostMembers) {
        json.key(JSONString(cut(name.string, longestText)))
        if value.raw.count <= longestText {
          json.compact(value.raw[...])
        } else {
          let text = value.string?.string ?? String(decoding: value.raw, as: UTF8.self)
          json.string(cut(text, longestText))
        }
      }
      json.endObject()
    } else {
      json.string(cut(String(decoding: root.raw, as: UTF8.self), longestText))
    }
    return json.bytes
  }

  /// The beginning of a text that is longer than so many characters.
  private static func cut(_ text: String, _ longest: Int) -> String {
    let beginning = text.unicodeScalars.prefix(longest)
    return beginning.endIndex == text.unicodeScalars.endIndex ? text : String(beginning) + "…"
  }

  private static func text(of result: Block.ToolResult) -> String {
    let texts = result.content.compactMap { block -> String? in
      switch block {
      case .text(let text): text.text.string
      case .image: "[image]"
      case .file(let file): file.text?.string ?? "[file]"
      case .thinking, .toolCall, .toolResult, .opaque: nil
      }
    }
    return cut(texts.joined(separator: "\n"), longestResult)
  }

  private func writeResult(_ result: Block.ToolResult, _ json: inout JSONWriter) {
    json.object([:]) { json in
      json.array("content", [Self.text(of: result)]) { json, text in
        json.object(["type": "text", "text": JSONString(text)])
      }
      json.field("isError", result.isError)
    }
  }

  /// The members of the event `mcp_tool_call_end`.
  func writeEvent(_ result: Block.ToolResult, _ json: inout JSONWriter) {
    json.field("call_id", result.callID)
    json.key("invocation")
    json.object(["server": JSONString(server), "tool": JSONString(tool)]) {
      $0.field("arguments", RawJSON(arguments[...]))
    }
    json.field("duration", RawJSON(#"{"secs":0,"nanos":0}"#))
    json.key("result")
    json.object([:]) { json in
      json.key("Ok")
      writeResult(result, &json)
    }
  }

  /// The members of the item `McpToolCall`.
  func writeItem(_ result: Block.ToolResult, _ json: inout JSONWriter) {
    json.field("server", server)
    json.field("tool", tool)
    json.field("arguments", RawJSON(arguments[...]))
    json.field("status", result.isError ? "failed" : "completed")
    json.key("result")
    writeResult(result, &json)
  }
}
