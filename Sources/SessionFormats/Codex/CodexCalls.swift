internal import JSONText
internal import SessionModel

/// Gives tool calls identifiers that are there, unique and short enough, and results those of their calls.
struct CodexCalls {
  /// The longest identifier that the service accepts.
  private static let longest = 64

  /// A call as it was written.
  private struct Written {
    var id: JSONString
    var isCustom: Bool
  }

  /// The identifiers that calls got.
  private var used: Set<JSONString> = []
  /// The last call that came with each identifier, for second results.
  private var last: [JSONString: Written] = [:]
  /// The calls without a result that came with each identifier, with what the screen shows of them.
  private var open: [JSONString: [(call: Written, shown: CodexScreenCall)]] = [:]
  private var count = 0

  /// A copy: the identifier must not keep its record in memory.
  private func copy(_ id: JSONString) -> JSONString { JSONString(id.string) }

  /// Notes a call and gives it its identifier.
  mutating func take(_ call: Block.ToolCall) -> Block.ToolCall {
    count += 1
    var call = call
    let type = call.extras.text(CodexExtra.type, of: Codex.id)
    if type == "web_search_call" || type == "image_generation_call" { return call }
    let stated = copy(call.id)
    var id = stated
    if id.isEmpty {
      id = JSONString("call_\(count)")
    } else if id.utf8Count > Self.longest {
      id = JSONString("call_\(CodexID.short(from: id.string))")
    }
    let stem = id.string.prefix(48)
    var suffix = 2
    while !used.insert(id).inserted {
      id = JSONString("\(stem)_\(suffix)")
      suffix += 1
    }
    let written = Written(id: id, isCustom: type == "custom_tool_call")
    open[stated, default: []].append((written, CodexScreenCall(call)))
    last[stated] = written
    if id != stated { call.id = id }
    return call
  }

  /// Whether there was a call of an identifier.
  func isKnown(_ id: JSONString) -> Bool { last[id] != nil }

  /// Gives a result the identifier of its call, and what the screen shows of that if it is the first.
  mutating func take(
    _ result: Block.ToolResult
  ) -> (result: Block.ToolResult, shown: CodexScreenCall?) {
    var result = result
    let key = copy(result.callID)
    var call = last[key]
    var shown: CodexScreenCall?
    if let waiting = open[key], let first = waiting.first {
      (call, shown) = first
      open[key] = waiting.count > 1 ? Array(waiting.dropFirst()) : nil
    }
    if let call, call.id != key { result.callID = call.id }
    if result.extras.text(CodexExtra.type, of: Codex.id) != "tool_search_output" {
      result.extras = []
      if call?.isCustom == true {
        result.extras.addCodex(CodexExtra.type, text: "custom_tool_call_output")
      }
    }
    return (result, shown)
  }
}
