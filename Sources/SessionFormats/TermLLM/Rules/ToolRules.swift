import JSONText
import SessionCoding
import SessionModel

/// Rules on tool calls and their results (invariants 15, 16 and 17).
struct ToolRules {
  private var open: [JSONString: Int64] = [:]
  private var seen: Set<JSONString> = []
  private(set) var calls: Int64 = 0

  mutating func check(_ message: Message, row: Int64, _ log: inout RuleLog) {
    let place = (table: "messages", row: row)
    for block in message.blocks {
      switch block {
      case .toolCall(let call):
        calls += 1
        if call.id.isEmpty {
          log.add("tool-id", .warning, place, "a tool call has no identifier")
        } else if !seen.insert(call.id).inserted {
          log.add("tool-id", .warning, place, "a tool call repeats identifier \"\(call.id)\"")
        }
        open[call.id] = row
      case .toolResult(let result):
        if !seen.contains(result.callID) {
          log.add(
            "tool-result-call", .warning, place, "a tool result has no call before it")
        }
        open[result.callID] = nil
      default: break
      }
    }
  }

  func finish(_ log: inout RuleLog) {
    for row in open.values.sorted() {
      log.add(
        "tool-call-result", .warning, ("messages", row), "a tool call has no result")
    }
  }
}
