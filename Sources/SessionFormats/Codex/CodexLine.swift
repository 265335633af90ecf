internal import JSONText
internal import SessionModel

/// A line of a rollout file, told apart and decoded.
struct CodexLine {
  /// What the line is.
  enum Kind {
    /// White space only; skipped by every reader.
    case blank
    /// The facts about the thread.
    case meta(JSONValue)
    /// An item of the log that the model sees.
    case item(JSONValue)
    /// An item of the log that the person sees.
    case event(JSONValue)
    /// A compaction.
    case compacted(JSONValue)
    /// Another record of the program's own, by its type.
    case other(String, JSONValue)
    /// A record of a type that is not known.
    case unknown(String?)
    /// A line that is not a record.
    case damaged(message: String, offset: Int)
  }

  var kind: Kind
  /// The whole record, nil where there is none.
  var root: JSONValue?
  /// When the record was written.
  var time: Timestamp?
  /// Whether the line has the wrapper that it must have for the program to see it.
  var isWrapped = false
  /// Why the program skips the line, though it can be read.
  var skipped: String?
  /// The offset of the first byte that is not UTF-8.
  var invalidUTF8: Int?

  static let otherTypes: Set<String> = [
    "turn_context", "world_state", "token_usage_record", "inter_agent_communication",
    "inter_agent_communication_metadata",
  ]
  private static let itemTypes: Set<String> = [
    "message", "reasoning", "function_call", "function_call_output", "custom_tool_call",
    "custom_tool_call_output", "local_shell_call", "web_search_call",
  ]

  private init(_ kind: Kind) { self.kind = kind }

  /// What a line holds.
  static func decode(_ bytes: [UInt8], maximumDepth: Int) -> CodexLine {
    decode(bytes, in: bytes.indices, maximumDepth: maximumDepth)
  }

  /// The same for a line that is a part of some bytes; offsets count from its beginning.
  static func decode(_ text: [UInt8], in range: Range<Int>, maximumDepth: Int) -> CodexLine {
    let document: JSONDocument
    do {
      document = try JSONDocument(text, in: range, limits: JSONLimits(maximumDepth: maximumDepth))
    } catch {
      let bytes = text[range]
      if bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return CodexLine(.blank) }
      if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
        return CodexLine(
          .damaged(message: "a byte order mark stands before the record", offset: 0))
      }
      let message =
        error.code == .trailingData
        ? "more follows the record on the same line"
        : "the line is not a whole JSON record (\(error.description))"
      return CodexLine(.damaged(message: message, offset: error.offset))
    }
    let root = document.root
    let (type, payload, timestamp) = root.members("type", "payload", "timestamp")
    var line = CodexLine(kind(of: root, type, payload))
    line.root = root
    line.invalidUTF8 = document.firstInvalidUTF8
    line.readTime(timestamp, isWrapped: payload != nil)
    if line.invalidUTF8 == nil, document.hasInexactStrings {
      line.skipped = "a character is half of a surrogate pair"
    }
    return line
  }

  private static func kind(
    of root: JSONValue, _ stated: JSONValue?, _ payload: JSONValue?
  ) -> Kind {
    guard root.kind == .object else {
      return .damaged(message: "the line is not a JSON object", offset: 0)
    }
    let type = stated?.string?.string
    if let payload {
      guard let type else { return .unknown(nil) }
      guard payload.kind == .object else { return .unknown(type) }
      switch type {
      case "session_meta": return .meta(payload)
      case "response_item": return .item(payload)
      case "event_msg": return .event(payload)
      case "compacted": return .compacted(payload)
      default: return otherTypes.contains(type) ? .other(type, payload) : .unknown(type)
      }
    }
    // Before September 2025 lines had no wrapper.
    if let type { return itemTypes.contains(type) ? .item(root) : .unknown(type) }
    if let state = root["record_type"]?.string { return .unknown(state.string) }
    if root["id"]?.string != nil, root["timestamp"]?.string != nil { return .meta(root) }
    return .unknown(nil)
  }

  private mutating func readTime(_ timestamp: JSONValue?, isWrapped: Bool) {
    guard isWrapped else {
      if case .meta(let meta) = kind { time = Self.time(meta["timestamp"]) }
      return
    }
    self.isWrapped = true
    guard let timestamp, timestamp.kind == .string else {
      skipped = "the line has no timestamp of text"
      return
    }
    time = Self.time(timestamp)
  }

  /// A time as the program writes it; nil when it cannot be read as one.
  static func time(_ value: JSONValue?) -> Timestamp? {
    guard let value, let text = value.string else { return nil }
    let time = value.withBytes {
      Timestamp(rfc3339: $0.extracting(droppingFirst: 1).extracting(droppingLast: 1))
    }
    return time ?? Timestamp(rfc3339: text.string)
  }

  /// Whether the line has the type of our own records.
  var hasOurType: Bool { if case .unknown("carryover") = kind { true } else { false } }

  private static let known = FieldNames(["type", "payload", "carryover", "timestamp"])

  /// Members of the line beside those that the model holds.
  var lineExtras: [Extra] {
    guard isWrapped, let root else { return [] }
    var extras: [Extra] = []
    // A time that cannot be read is kept as it is.
    root.forEachMember(except: Self.known, at: time == nil ? 0b0111 : 0b1111) { key, value in
      extras.addCodex(CodexExtra.line + key.string, RawJSON(value.raw))
    }
    return extras
  }
}
