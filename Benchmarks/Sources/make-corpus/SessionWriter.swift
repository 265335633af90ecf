/// Writes one ggcode session in the classic record layout, turn by turn, up to a size.
///
/// A turn is a user message, then rounds of an assistant message with tool calls and a user message
/// with their results, each followed by meta, usage and metric records as the tool appends them.
struct SessionWriter {
  let id: String
  let title: String
  let created: String
  private(set) var updated: String
  private(set) var messages = 0

  private static let zeroUsage =
    #""token_usage":{"input_tokens":0,"output_tokens":0,"cache_read_tokens":0,"cache_write_tokens":0}"#
  private static let zeroTimes =
    #""created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z""#

  private var random: SeededGenerator
  private var clock: Clock
  private var turn = 0
  private var call = 0
  private var usage = Usage()

  private struct Usage {
    var input = 0
    var output = 0
    var cacheRead = 0
    var cacheWrite = 0

    static func += (sum: inout Usage, other: Usage) {
      sum.input += other.input
      sum.output += other.output
      sum.cacheRead += other.cacheRead
      sum.cacheWrite += other.cacheWrite
    }

    var json: String {
      #"{"input_tokens":\#(input),"output_tokens":\#(output),"cache_read_tokens":\#(cacheRead),"#
        + #""cache_write_tokens":\#(cacheWrite),"#
        + #""prompt_tokens_total":\#(input + cacheRead + cacheWrite)}"#
    }
  }

  init(number: Int, seed: UInt64) {
    random = SeededGenerator(seed: seed &+ UInt64(number) &* 0x2545_F491_4F6C_DD1D)
    clock = Clock(session: number)
    let hex = String(random.next() | 1 << 63, radix: 16)
    id = "\(clock.stamp)-\(hex)"
    title = "Fix <form> \(number) & the \\\"price\\\" label"
    created = clock.text(milliseconds: 250)
    updated = created
  }

  /// Writes whole turns until `size` bytes are reached.
  mutating func write(size: Int, recordBytes: ClosedRange<Int>, to file: inout OutputFile) {
    var bytes: [UInt8] = []
    appendMeta(to: &bytes)
    while file.bytesWritten + bytes.count < size {
      appendTurn(recordBytes, left: size - file.bytesWritten - bytes.count, to: &bytes)
      if bytes.count > 1 << 20 {
        file.write(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    file.write(bytes)
  }

  private mutating func appendTurn(
    _ recordBytes: ClosedRange<Int>, left: Int, to bytes: inout [UInt8]
  ) {
    turn += 1
    let start = bytes.count
    appendMessage(role: "user", to: &bytes) { bytes, random in
      bytes += Array(#"{"type":"text","text":""#.utf8)
      TextSource.appendProse(random.size(40, 2_000), to: &bytes, using: &random)
      bytes += Array(#""}"#.utf8)
    }
    for _ in 0...random.below(6) where bytes.count - start < left {
      appendRound(recordBytes, to: &bytes)
    }
    appendMessage(role: "assistant", to: &bytes) { bytes, random in
      bytes += Array(#"{"type":"text","text":""#.utf8)
      TextSource.appendProse(random.size(200, 4_000), to: &bytes, using: &random)
      bytes += Array(#""}"#.utf8)
    }
    appendAccounts(to: &bytes)
  }

  private mutating func appendRound(_ recordBytes: ClosedRange<Int>, to bytes: inout [UInt8]) {
    let first = call + 1
    let calls = 1 + random.below(2)
    call += calls
    appendMessage(role: "assistant", to: &bytes) { bytes, random in
      bytes += Array(#"{"type":"text","text":""#.utf8)
      TextSource.appendProse(random.size(20, 600), to: &bytes, using: &random)
      bytes += Array(#"","reasoning_content":""#.utf8)
      TextSource.appendProse(random.size(50, 1_500), to: &bytes, using: &random)
      bytes += Array(#"","thinking_signature":"c2lnbmF0dXJlLTE="}"#.utf8)
      for number in first..<first + calls {
        bytes += Array(
          (#",{"type":"tool_use","tool_name":"read_file","tool_id":"call_\#(number)","#
            + #""input":{"path":"src/module_\#(random.below(400)).go","offset":\#(random.below(900)),"#
            + #""limit":200}}"#).utf8)
      }
    }
    appendAccounts(to: &bytes)
    appendMessage(role: "user", to: &bytes) { bytes, random in
      for number in first..<first + calls {
        if number > first { bytes.append(UInt8(ascii: ",")) }
        bytes += Array(#"{"type":"tool_result","tool_id":"call_\#(number)","output":""#.utf8)
        let size = random.size(recordBytes.lowerBound, recordBytes.upperBound) / calls
        TextSource.appendCode(size, to: &bytes, using: &random)
        bytes += Array((random.below(12) == 0 ? #"","is_error":true}"# : #""}"#).utf8)
      }
    }
    for _ in 0..<calls { appendToolMetric(to: &bytes) }
  }

  private mutating func appendMessage(
    role: String, to bytes: inout [UInt8],
    content: (inout [UInt8], inout SeededGenerator) -> Void
  ) {
    messages += 1
    clock.advance(1 + random.below(20))
    appendStart("message", to: &bytes)
    bytes += Array(#","message":{"role":"\#(role)","content":["#.utf8)
    content(&bytes, &random)
    bytes += Array("]}}\n".utf8)
  }

  private func appendStart(_ type: String, to bytes: inout [UInt8]) {
    bytes += Array(
      #"{"type":"\#(type)","session_id":"\#(id)",\#(Self.zeroUsage),\#(Self.zeroTimes)"#.utf8)
  }

  /// What the tool appends after a call to the model: a meta, a usage and a metric record.
  private mutating func appendAccounts(to bytes: inout [UInt8]) {
    let spent = Usage(
      input: 200 + random.below(4_000), output: 20 + random.below(900),
      cacheRead: random.below(60_000), cacheWrite: random.below(3_000))
    usage += spent
    updated = clock.text(milliseconds: random.below(1000))
    appendMeta(to: &bytes)
    appendStart("usage", to: &bytes)
    bytes += Array(
      (#","usage_entry":{"timestamp":"\#(updated)","turn_index":\#(turn),"model":"opus-test","#
        + #""vendor":"anthropic","endpoint":"default","usage":\#(spent.json)}}"# + "\n").utf8)
    appendStart("metric", to: &bytes)
    bytes += Array(
      (#","metric_event":{"timestamp":"\#(updated)","turn_index":\#(turn),"type":"llm","#
        + #""ttft":\#(1 + random.below(900_000_000)),"duration":\#(1 + random.below(2_000_000_000)),"#
        + #""model":"opus-test","vendor":"anthropic","endpoint":"default"}}"# + "\n").utf8)
  }

  private mutating func appendToolMetric(to bytes: inout [UInt8]) {
    appendStart("metric", to: &bytes)
    bytes += Array(
      (#","metric_event":{"timestamp":"\#(clock.text())","turn_index":\#(turn),"type":"tool","#
        + #""tool_name":"read_file","tool_success":true,"#
        + #""tool_duration":\#(1 + random.below(90_000_000))}}"# + "\n").utf8)
  }

  private func appendMeta(to bytes: inout [UInt8]) {
    let total = messages == 0 ? Self.zeroUsage : #""token_usage":\#(usage.json)"#
    bytes += Array(
      (#"{"type":"meta","session_id":"\#(id)","title":"\#(title)","workspace":"/home/dev/tea-shop","#
        + #""vendor":"anthropic","endpoint":"default","model":"opus-test",\#(total),"#
        + #""created_at":"\#(created)","updated_at":"\#(updated)"}"# + "\n").utf8)
  }

  /// The session's entry in `index.json`, which is written with `<`, `>` and `&` escaped.
  var indexEntry: String {
    var escaped = ""
    for character in title.unicodeScalars {
      switch character {
      case "<": escaped += "\\u003c"
      case ">": escaped += "\\u003e"
      case "&": escaped += "\\u0026"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return """
        {
          "id": "\(id)",
          "title": "\(escaped)",
          "created_at": "\(created)",
          "updated_at": "\(updated)",
          "msg_count": \(messages),
          "workspace": "/home/dev/tea-shop",
          "vendor": "anthropic",
          "endpoint": "default",
          "model": "opus-test"
        }
      """
  }
}
