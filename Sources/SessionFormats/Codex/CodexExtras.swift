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
  /// The text of arguments that are not JSON.
  static let isText = "arguments_are_text"
  /// The path below the program's folder.
  static let path = "path"
}

extension [Extra] {
  /// This format's value of a field.
  func codex(_ key: String) -> RawJSON? { value(key, of: Codex.id) }

  /// This format's value of a field that is a string.
  func codexText(_ key: String) -> String? {
    guard let raw = codex(key), let document = JSONDocument(ifValid: [UInt8](raw.bytes)) else {
      return nil
    }
    return document.root.string?.string
  }

  mutating func addCodex(_ key: String, _ value: RawJSON) {
    append(Extra(format: Codex.id, key: key, value: value))
  }

  mutating func addCodex(_ key: String, text: String) {
    var writer = JSONWriter()
    writer.string(text)
    addCodex(key, RawJSON(writer.bytes[...]))
  }

  /// Keeps the members of an object that are not among the known ones.
  mutating func addCodexMembers(of object: JSONValue, except known: [StaticString]) {
    for (key, value) in object.members(except: known) {
      addCodex(key.string, RawJSON(value.raw))
    }
  }
}
