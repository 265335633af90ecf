internal import JSONText
internal import SessionModel

/// Gives tool calls identifiers that are there, unique and short enough, and results those of their calls.
struct CodexCalls {
  /// The longest identifier that the service accepts.
  private static let longest = 64

  /// A call as it was written: the number of its identifier, and its kind.
  private struct Written {
    var number: Int32
    var isCustom: Bool
  }

  private static let none = Written(number: -1, isCustom: false)

  /// All identifiers, those that calls came with and those that they got.
  private var identifiers = NumberedSet<JSONString>()
  /// The last call that came with each identifier, for second results; its number is −1 where none did.
  private var last: [Written] = []
  /// Whether a call got the identifier.
  private var isUsed: [Bool] = []
  /// The first call without a result, by the number of the identifier it came with; its number is −1
  /// where there is none.
  private var open: [Written] = []
  /// Those that came with the same identifier behind it.
  private var alsoOpen: [Int: [Written]] = [:]
  private var count = 0

  private mutating func number(of id: JSONString) -> Int {
    // A copy: the identifier must not keep its record in memory.
    let number = Int(identifiers.insert(JSONString(id.string)).number)
    if number == last.count {
      last.append(Self.none)
      open.append(Self.none)
      isUsed.append(false)
    }
    return number
  }

  /// Notes a call and gives it its identifier.
  mutating func take(_ call: Block.ToolCall) -> Block.ToolCall {
    count += 1
    var call = call
    let type = call.extras.codexText(CodexExtra.type)
    if type == "web_search_call" || type == "image_generation_call" { return call }
    let key = number(of: call.id)
    var id = call.id
    if id.isEmpty {
      id = JSONString("call_\(count)")
    } else if id.utf8Count > Self.longest {
      id = JSONString("call_\(CodexID.short(from: id.string))")
    }
    var chosen = number(of: id)
    if isUsed[chosen] {
      let stem = id.string.prefix(48)
      var suffix = 2
      repeat {
        id = JSONString("\(stem)_\(suffix)")
        chosen = number(of: id)
        suffix += 1
      } while isUsed[chosen]
    }
    isUsed[chosen] = true
    let written = Written(number: Int32(clamping: chosen), isCustom: type == "custom_tool_call")
    if open[key].number < 0 {
      open[key] = written
    } else {
      alsoOpen[key, default: []].append(written)
    }
    last[key] = written
    if chosen != key { call.id = id }
    return call
  }

  /// Takes the call that is open behind the first one.
  private mutating func nextOpen(_ key: Int) -> Written {
    guard !alsoOpen.isEmpty, var waiting = alsoOpen[key] else { return Self.none }
    let next = waiting.removeFirst()
    alsoOpen[key] = waiting.isEmpty ? nil : waiting
    return next
  }

  /// Whether there was a call of an identifier.
  func isKnown(_ id: JSONString) -> Bool {
    identifiers.find(id).map { last[Int($0)].number >= 0 } ?? false
  }

  /// Gives a result the identifier of its call.
  mutating func take(_ result: Block.ToolResult) -> Block.ToolResult {
    var result = result
    var call: Written?
    if let key = identifiers.find(result.callID).map({ Int($0) }), last[key].number >= 0 {
      call = last[key]
      if open[key].number >= 0 {
        call = open[key]
        open[key] = nextOpen(key)
      }
      if let call, Int(call.number) != key { result.callID = identifiers[Int(call.number)] }
    }
    if result.extras.codexText(CodexExtra.type) != "tool_search_output" {
      result.extras = []
      if call?.isCustom == true {
        result.extras.addCodex(CodexExtra.type, text: "custom_tool_call_output")
      }
    }
    return result
  }
}
