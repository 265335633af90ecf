internal import JSONText
internal import SessionModel

/// A line of a rollout, told apart.
struct CodexLine {
  /// What the line is, with its payload.
  enum Kind {
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
  }

  let root: JSONValue
  let kind: Kind
  /// The type in the payload of an item or event; empty when it states none.
  let type: String
  /// Whether the line has the wrapper that it must have for the program to see it.
  let isWrapped: Bool
  /// When the record was written.
  let time: Timestamp?

  private static let otherTypes: Set<String> = [
    "turn_context", "world_state", "token_usage_record", "inter_agent_communication",
    "inter_agent_communication_metadata",
  ]
  private static let bareTypes: Set<String> = [
    "message", "reasoning", "function_call", "function_call_output", "custom_tool_call",
    "custom_tool_call_output", "local_shell_call", "web_search_call",
  ]

  /// - Parameter isDocument: Whether it is a part of a single document, as of before May 2025.
  init(_ root: JSONValue, isDocument: Bool = false) {
    let payload = root["payload"]
    self.root = root
    isWrapped = payload != nil && !isDocument
    kind = isDocument ? Self.kind(inDocument: root) : Self.kind(of: root, payload)
    switch kind {
    case .item(let payload), .event(let payload): type = payload.text("type") ?? ""
    default: type = ""
    }
    if isWrapped {
      time = Self.time(root["timestamp"])
    } else if case .meta(let meta) = kind, !isDocument {
      time = Self.time(meta["timestamp"])
    } else {
      time = nil
    }
  }

  /// Reads a line that was kept as bytes; nil when it is no JSON object.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard let document = JSONDocument(ifValid: Array(bytes), limits: .go),
      document.root.kind == .object
    else { return nil }
    self.init(document.root)
  }

  private static func kind(of root: JSONValue, _ payload: JSONValue?) -> Kind {
    let type = root.text("type")
    if let payload {
      guard let type, payload.kind == .object else { return .unknown(type) }
      switch type {
      case "session_meta": return .meta(payload)
      case "response_item": return .item(payload)
      case "event_msg": return .event(payload)
      case "compacted": return .compacted(payload)
      default: return otherTypes.contains(type) ? .other(type, payload) : .unknown(type)
      }
    }
    // Before September 2025 lines had no wrapper, and the program wrote states that it skipped.
    if let type { return bareTypes.contains(type) ? .item(root) : .unknown(type) }
    if let state = root.text("record_type") { return .unknown(state) }
    let isMeta = root["id"]?.string != nil && root["timestamp"]?.string != nil
    return isMeta ? .meta(root) : .unknown(nil)
  }

  /// The document of the TypeScript program holds `session`, then items.
  private static func kind(inDocument root: JSONValue) -> Kind {
    guard let session = root["session"], session.kind == .object else { return .item(root) }
    return .meta(session)
  }

  /// A time as the program writes it; nil when it cannot be read as one.
  static func time(_ value: JSONValue?) -> Timestamp? {
    value?.string.flatMap { Timestamp(rfc3339: $0.string) }
  }

  /// Whether the line says something of a kind that is known.
  var isKnown: Bool {
    switch kind {
    case .unknown: false
    case .item: type.isEmpty || CodexItem.types.contains(type)
    case .meta, .event, .compacted, .other: true
    }
  }

  /// Why the program skips the line, though it can be read.
  var problem: String? {
    let document = root.document
    if document.firstInvalidUTF8 == nil, document.hasInexactStrings {
      return "a character is half of a surrogate pair"
    }
    var problem: String?
    switch kind {
    case .item(let payload): problem = CodexSchema.problem(ofItem: payload)
    case .compacted(let payload): problem = CodexSchema.problem(ofCompaction: payload)
    case .unknown: return nil
    case .meta, .event, .other: break
    }
    if problem == nil, isWrapped, root["timestamp"]?.string == nil {
      problem = "the line has no timestamp of text"
    }
    return problem
  }

  /// Members of the line beside those that the model holds.
  var extras: [Extra] {
    guard isWrapped else { return [] }
    // A time that cannot be read is kept as it is.
    let known: [StaticString] = ["type", "payload", "carryover"]
    return root.extras(of: Codex.id, except: time == nil ? known : known + ["timestamp"]).map {
      Extra(format: Codex.id, key: CodexExtra.line + $0.key, value: $0.value)
    }
  }
}
