internal import JSONText
internal import SessionModel

/// Names of the extra fields that this format keeps beside those named as in its records.
enum CodexExtra {
  /// Prefix of members of the line itself, not of its payload.
  static let line = "line."
  /// The item type of a tool call or result, when it is not the usual one.
  static let type = "type"
  /// The payload of an event that is shown as a message.
  static let event = "event"
  /// The payload of a token count.
  static let tokenCount = "token_count"
  /// Whether the text of a call's arguments is not JSON.
  static let isText = "arguments_are_text"
  /// Whether a result's output is a list though it holds one text alone.
  static let isArray = "output_is_array"
  /// The provider that the program at the target is set to; its list shows that one's sessions alone.
  static let targetProvider = "target.model_provider"
  /// The path below the program's folder.
  static let path = "path"
}

extension [Extra] {
  mutating func addCodex(_ key: String, _ value: RawJSON) {
    append(Extra(format: Codex.id, key: key, value: value))
  }

  mutating func addCodex(_ key: String, text: String) {
    addCodex(key, RawJSON(string: JSONString(text)))
  }
}
