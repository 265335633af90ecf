import JSONText
import SessionCoding
import SessionModel

/// Rules on tool calls and their results (invariants 15, 16 and 17).
struct ToolRules {
  /// Calls without a result, with their numbers.
  private var open: [JSONString: (number: Int64, place: Place)] = [:]
  private var seen: Set<JSONString> = []
  private(set) var calls: Int64 = 0

  mutating func check(_ message: Message, _ place: Place, _ log: inout FindingLog) {
    for block in message.blocks {
      switch block {
      case .toolCall(let call):
        calls += 1
        if call.id.isEmpty {
          log.add("tool-id", .warning, place, "a tool call has no identifier")
        } else if !seen.insert(call.id).inserted {
          log.add("tool-id", .warning, place, "a tool call repeats identifier \"\(call.id)\"")
        }
        open[call.id] = (calls, place)
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

  func finish(_ log: inout FindingLog) {
    for (_, place) in open.values.sorted(by: { $0.number < $1.number }) {
      log.add("tool-call-result", .warning, place, "a tool call has no result")
    }
  }
}
