internal import JSONText
internal import SessionModel

/// What a record is by its `type`.
enum ClaudeKind: String {
  case user, assistant, system, attachment, progress
  /// A type that is no part of the conversation's graph unless it has a `uuid`.
  case other

  init(_ type: String) { self = Self(rawValue: type) ?? .other }

  /// Whether records of this kind form the graph.
  var isChain: Bool { self != .other }

  /// Whether these are turns of a conversation.
  var isTurn: Bool { self == .user || self == .assistant }

  /// Whether a missing parent is repaired by the program.
  var isRepaired: Bool { isChain && self != .progress }
}

/// A record of a session file: an object with a type.
struct ClaudeRecord {
  let root: JSONValue
  let type: String
  let kind: ClaudeKind
  /// The message of a turn, and its content.
  let message, content: JSONValue?
  /// The time that is stated, as JavaScript's `Date` reads it.
  let time: Timestamp?

  /// Nil for what the tool passes over: what is no object with a type, and our own records.
  init?(_ root: JSONValue) {
    guard let type = root.text("type"), !type.isEmpty, type != ClaudeCarry.type else { return nil }
    self.root = root
    self.type = type
    kind = ClaudeKind(type)
    message = kind.isTurn ? root["message"] : nil
    content = message?["content"]
    time = ClaudeTime.timestamp(root["timestamp"])
  }

  subscript(_ name: StaticString) -> JSONValue? { root[name] }

  /// Whether JavaScript takes a member as true.
  func isTruthy(_ name: StaticString) -> Bool { root[name]?.isTruthy ?? false }

  /// The identifier that a member states: a string that is not empty, or a number.
  func id(_ name: StaticString) -> String? { root[name]?.claudeID }

  var isBoundary: Bool { kind == .system && root.text("subtype") == "compact_boundary" }

  /// Whether a turn has content that can be one.
  var hasContent: Bool {
    guard let kind = content?.kind else { return false }
    return kind == .string || kind == .array
  }

  /// Whether the program sends a turn's content; of malformed content it drops the whole record.
  var isSent: Bool {
    guard let content else { return false }
    if content.kind == .string { return true }
    return content.kind == .array
      && content.elements.allSatisfy { block in
        guard let type = block["type"]?.string else { return false }
        return !type.equals("text") || block["text"]?.string != nil
      }
  }

  /// Whether a system record is a command or its output, which the program sends as user text.
  private var isLocalCommand: Bool {
    root.text("subtype") == "local_command" && root["content"]?.string != nil
      && !isTruthy("isDisplayOnly")
  }

  /// Whether an attachment is a prompt that was queued, or a file that the person named.
  private var isAttachedMessage: Bool {
    guard let attachment = root["attachment"] else { return false }
    switch attachment.text("type") {
    case "queued_command":
      let kind = attachment["prompt"]?.kind
      return kind == .string || kind == .array
    case "file": return attachment["content"]?["file"]?["content"]?.string != nil
    default: return false
    }
  }

  /// Whether reading gives a message for it.
  var isMessage: Bool {
    switch kind {
    case .user, .assistant: hasContent
    case .system: isLocalCommand
    case .attachment: isAttachedMessage
    case .progress, .other: false
    }
  }
}

extension JSONValue {
  /// Whether JavaScript takes the value as true.
  var isTruthy: Bool {
    switch kind {
    case .null, .false: false
    case .true, .array, .object: true
    case .string: !(string?.isEmpty ?? true)
    case .number: double != 0
    }
  }

  /// The identifier that the value is: a string that is not empty, or a number.
  var claudeID: String? {
    switch kind {
    case .string: string.flatMap { $0.isEmpty ? nil : $0.string }
    case .number: String(decoding: raw, as: UTF8.self)
    default: nil
    }
  }
}
