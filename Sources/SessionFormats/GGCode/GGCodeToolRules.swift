internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Tool calls and their results, within what the tool loads.
struct GGCodeToolRules: GGCodeRuleGroup {
  private struct Call {
    var place: Place
    /// Whether something other than results followed the call.
    var isPassed = false
  }

  private var open: [ContentHash: Call] = [:]
  private var order: [ContentHash] = []
  private var answered: Set<ContentHash> = []

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    guard line.isEffective else { return }
    for message in line.messages { observe(message, line.place, &log) }
  }

  private mutating func observe(_ message: Message, _ place: Place, _ log: inout FindingLog) {
    if !message.holdsOnlyToolResults {
      for key in open.keys { open[key]?.isPassed = true }
    }
    for block in message.blocks {
      switch block {
      case .toolCall(let call):
        let key = ContentHash(Array(call.id.string.utf8)[...])
        if open.updateValue(Call(place: place), forKey: key) == nil { order.append(key) }
        answered.remove(key)
      case .toolResult(let result):
        let key = ContentHash(Array(result.callID.string.utf8)[...])
        if open.removeValue(forKey: key) != nil {
          answered.insert(key)
          continue
        }
        log.add(
          "tool-result", .warning, place,
          answered.contains(key)
            ? "a second result answers the tool call \"\(result.callID.string)\"; model services "
              + "may refuse the session"
            : "a result answers no tool call (\"\(result.callID.string)\"); model services may "
              + "refuse the session")
      default: break
      }
    }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {
    for key in order {
      guard let call = open.removeValue(forKey: key) else { continue }
      log.add(
        "tool-call", call.isPassed ? .warning : .info, call.place,
        call.isPassed
          ? "a tool call has no result; model services may refuse the session"
          : "the last turn's tool call has no result yet")
    }
  }
}
