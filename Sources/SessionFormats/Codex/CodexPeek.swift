internal import JSONText

/// What the first bytes of a rollout line tell without decoding it.
///
/// The program always writes `timestamp`, `ordinal` (paginated files), `type`, `payload` in this
/// order, and `type` first in payloads that have one. Lines in another order give nil and are decoded.
struct CodexPeek {
  /// The line's type.
  var type: String
  /// The payload's type; empty when the payload does not start with one.
  var payloadType: String
  /// The ordinal of a line in a paginated file.
  var ordinal: Int64?
  /// Where the payload starts in the line.
  var payloadOffset: Int
  /// Where the timestamp's text lies in the line.
  var timestamp: Range<Int>

  /// Words to expect, each made only once.
  private struct Words {
    private let names: FieldNames
    private let texts: [String]

    init(_ texts: [String]) {
      names = FieldNames(texts)
      self.texts = texts
    }

    func text(_ word: Span<UInt8>) -> String {
      let number = names.index(of: word)
      if number >= 0 { return texts[number] }
      return unsafe word.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }

  private static let types = Words(
    ["response_item", "event_msg", "turn_context", "session_meta", "compacted", "carryover"]
      + CodexLine.otherTypes.subtracting(["turn_context"]).sorted())
  private static let payloadTypes: Words = {
    let usual = [
      "message", "function_call", "function_call_output", "agent_message", "user_message",
      "token_count", "task_started", "task_complete", "agent_reasoning",
    ]
    let others = [
      "agent_reasoning_raw_content", "item_completed", "turn_started", "turn_complete",
      "context_compacted", "exec_command_end", "patch_apply_end", "mcp_tool_call_end",
    ]
    return Words(usual + CodexMarks.messageTypes.subtracting(usual).sorted() + others)
  }()

  private static let timestampKey = Array("{\"timestamp\":\"".utf8)
  private static let ordinalKey = Array("\"ordinal\":".utf8)
  private static let typeKey = Array("\"type\":\"".utf8)
  private static let payloadKey = Array("\"payload\":{".utf8)

  init?(_ line: Span<UInt8>) {
    var position = 0
    func skip(_ text: [UInt8]) -> Bool {
      guard line.extracting(position...).starts(with: text.span) else { return false }
      position += text.count
      return true
    }
    /// The plain text up to a quote, less than 64 bytes.
    func word() -> Range<Int>? {
      guard let end = line.plainEnd(from: position) else { return nil }
      defer { position = end + 1 }
      return position..<end
    }
    func comma() -> Bool {
      guard position < line.count, line[position] == UInt8(ascii: ",") else { return false }
      position += 1
      return true
    }

    guard skip(Self.timestampKey), let timestamp = word(), comma() else { return nil }
    if skip(Self.ordinalKey) {
      var value: Int64 = 0
      let start = position
      while position < line.count, position - start < 18, (48...57).contains(line[position]) {
        value = value * 10 + Int64(line[position] - 48)
        position += 1
      }
      guard position > start, comma() else { return nil }
      ordinal = value
    }
    guard skip(Self.typeKey), let type = word(), comma(), skip(Self.payloadKey) else { return nil }
    self.type = Self.types.text(line.extracting(type))
    self.timestamp = timestamp
    payloadOffset = position - 1
    payloadType = ""
    if skip(Self.typeKey), let word = word() {
      payloadType = Self.payloadTypes.text(line.extracting(word))
    }
  }
}
