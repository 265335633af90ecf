/// Writes one Claude Code session, turn by turn, up to a size.
///
/// A turn is a prompt, then rounds of an assistant message in several records (thinking now and then,
/// text, a tool call) and the tool's result; some prompts come with a picture.
struct ClaudeSessionWriter {
  let id: String
  private var random: SeededGenerator
  private var clock = Clock(session: 0)
  private var record = 0
  private var call = 0
  private var parent = "null"

  private static let folder = "/home/dev/tea-shop"
  private static let base64 = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    id = "0bead000-0000-4000-8000-\(Self.hex(Int(seed & 0xFFFF_FFFF), 12))"
  }

  /// The file's path below the folder `projects`.
  var path: String { "-home-dev-tea-shop/\(id).jsonl" }

  mutating func write(size: Int, to file: inout OutputFile) {
    var bytes: [UInt8] = []
    while file.bytesWritten + bytes.count < size {
      appendTurn(to: &bytes)
      if bytes.count > 1 << 20 {
        file.write(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
    }
    bytes += Array(
      (#"{"type":"ai-title","aiTitle":"The price label of the tea shop","sessionId":"\#(id)"}"#
        + "\n")
        .utf8)
    file.write(bytes)
  }

  private mutating func appendTurn(to bytes: inout [UInt8]) {
    append("user", to: &bytes) { bytes, random in
      bytes += Array(#"{"role":"user","content":["#.utf8)
      if random.below(30) == 0 {
        bytes += Array(
          #"{"type":"image","source":{"type":"base64","media_type":"image/png","data":""#.utf8)
        for _ in 0..<20_000 { bytes.append(Self.base64[random.below(64)]) }
        bytes += Array(#""}},"#.utf8)
      }
      Self.appendText(random.size(40, 2_000), to: &bytes, using: &random)
      bytes += Array("]}".utf8)
    }
    for _ in 0...random.below(6) { appendRound(to: &bytes) }
    appendAnswer(to: &bytes) { bytes, random in
      Self.appendText(random.size(200, 4_000), to: &bytes, using: &random)
    }
  }

  private mutating func appendRound(to bytes: inout [UInt8]) {
    call += 1
    let tool = "toolu_\(Self.hex(call, 8))"
    if random.below(4) == 0 {
      appendAnswer(to: &bytes) { bytes, random in
        bytes += Array(#"{"type":"thinking","thinking":""#.utf8)
        TextSource.appendProse(random.size(100, 2_000), to: &bytes, using: &random)
        bytes += Array(#"","signature":""#.utf8)
        for _ in 0..<400 { bytes.append(Self.base64[random.below(64)]) }
        bytes += Array(#""}"#.utf8)
      }
    }
    appendAnswer(to: &bytes) { bytes, random in
      bytes += Array(
        (#"{"type":"tool_use","id":"\#(tool)","name":"Read","input":{"file_path":"\#(Self.folder)/src/"#
          + #"module_\#(random.below(400)).go","offset":\#(random.below(900)),"limit":200}}"#).utf8)
    }
    append("user", to: &bytes) { bytes, random in
      bytes += Array(
        (#"{"role":"user","content":[{"tool_use_id":"\#(tool)","type":"tool_result","content":""#)
          .utf8)
      TextSource.appendCode(random.size(300, 12_000), to: &bytes, using: &random)
      bytes += Array((random.below(12) == 0 ? #"","is_error":true}]}"# : #""}]}"#).utf8)
    }
  }

  /// One record of an assistant message with one block.
  private mutating func appendAnswer(
    to bytes: inout [UInt8], block: (inout [UInt8], inout SeededGenerator) -> Void
  ) {
    let number = record
    append("assistant", to: &bytes) { bytes, random in
      bytes += Array(
        (#"{"model":"claude-sonnet-4-5","id":"msg_\#(Self.hex(number, 8))","type":"message","#
          + #""role":"assistant","content":["#).utf8)
      block(&bytes, &random)
      bytes += Array(
        (#"],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":"#
          + #"\#(random.below(4_000)),"cache_creation_input_tokens":\#(random.below(3_000)),"#
          + #""cache_read_input_tokens":\#(random.below(60_000)),"output_tokens":"#
          + #"\#(random.below(900))}}"#).utf8)
    }
  }

  private mutating func append(
    _ type: String, to bytes: inout [UInt8],
    message: (inout [UInt8], inout SeededGenerator) -> Void
  ) {
    record += 1
    clock.advance(1 + random.below(20))
    let uuid = "0a0b0c0d-0000-4000-8000-\(Self.hex(record, 12))"
    bytes += Array(
      (#"{"parentUuid":\#(parent),"isSidechain":false,"type":"\#(type)","message":"#).utf8)
    message(&bytes, &random)
    if type == "assistant" { bytes += Array(#","requestId":"req_\#(Self.hex(record, 8))""#.utf8) }
    bytes += Array(
      (#","uuid":"\#(uuid)","timestamp":"\#(clock.utc(milliseconds: random.below(1_000)))","#
        + #""userType":"external","entrypoint":"cli","cwd":"\#(Self.folder)","sessionId":"\#(id)","#
        + #""version":"2.1.329","gitBranch":"main"}"# + "\n").utf8)
    parent = "\"\(uuid)\""
  }

  private static func appendText(
    _ count: Int, to bytes: inout [UInt8], using random: inout SeededGenerator
  ) {
    bytes += Array(#"{"type":"text","text":""#.utf8)
    TextSource.appendProse(count, to: &bytes, using: &random)
    bytes += Array(#""}"#.utf8)
  }

  private static func hex(_ number: Int, _ width: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
