internal import JSONText
internal import SessionModel

/// Gives tool calls identifiers that are there, unique and short enough, and results those of their calls.
struct CodexCalls {
  /// The longest identifier that the service accepts.
  private static let longest = 64

  private struct Open {
    var id: JSONString
    var isCustom: Bool
  }

  /// Calls without a result, by a hash of the identifier they came with.
  private var open: [UInt64: [Open]] = [:]
  /// The last call of each identifier, for second results.
  private var last: [UInt64: Open] = [:]
  private var used: Set<UInt64> = []
  private var count = 0

  /// Notes a call and gives it its identifier.
  mutating func take(_ call: Block.ToolCall) -> Block.ToolCall {
    count += 1
    var call = call
    let type = call.extras.codexText(CodexExtra.type)
    if type == "web_search_call" || type == "image_generation_call" { return call }
    let key = CodexID.hash(call.id.string, seed: 3)
    var id = call.id
    if id.isEmpty {
      id = JSONString("call_\(count)")
    } else if id.utf8Count > Self.longest {
      id = JSONString("call_\(CodexID.short(from: id.string))")
    }
    let stem = id.string.prefix(48)
    var number = 2
    while !used.insert(CodexID.hash(id.string, seed: 4)).inserted {
      id = JSONString("\(stem)_\(number)")
      number += 1
    }
    let entry = Open(id: id, isCustom: type == "custom_tool_call")
    open[key, default: []].append(entry)
    last[key] = entry
    if id != call.id { call.id = id }
    return call
  }

  /// Whether there was a call of an identifier.
  func isKnown(_ id: JSONString) -> Bool { last[CodexID.hash(id.string, seed: 3)] != nil }

  /// Gives a result the identifier of its call.
  mutating func take(_ result: Block.ToolResult) -> Block.ToolResult {
    var result = result
    let key = CodexID.hash(result.callID.string, seed: 3)
    var entry = last[key]
    if var waiting = open[key], !waiting.isEmpty {
      entry = waiting.removeFirst()
      open[key] = waiting.isEmpty ? nil : waiting
    }
    if result.extras.codexText(CodexExtra.type) != "tool_search_output" {
      result.extras = []
      if entry?.isCustom == true {
        result.extras.addCodex(CodexExtra.type, text: "custom_tool_call_output")
      }
    }
    if let entry, entry.id != result.callID { result.callID = entry.id }
    return result
  }
}
