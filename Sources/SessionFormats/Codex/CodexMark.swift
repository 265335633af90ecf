internal import JSONText
internal import SessionModel

/// A mark on a line that we wrote: how the message is to be treated, where the item itself does not say.
///
/// `"carryover":{"flags":[…]}` beside the payload. The program ignores and keeps such a member.
enum CodexMark {
  static let key = "carryover"

  private static let names: [(name: StaticString, flag: MessageFlags)] = [
    ("hidden", .hidden), ("synthetic", .synthetic), ("summary", .compactionSummary),
    ("tail", .compactionTail),
  ]

  static func flags(_ value: JSONValue?) -> MessageFlags? {
    guard let list = value?["flags"], list.kind == .array else { return nil }
    var flags: MessageFlags = []
    for element in list.elements {
      guard let name = element.string else { continue }
      for entry in names where name.equals(entry.name) { flags.insert(entry.flag) }
    }
    return flags
  }

  static func write(_ flags: MessageFlags, to writer: inout JSONWriter) {
    writer.key("carryover")
    writer.beginObject()
    writer.key("flags")
    writer.beginArray()
    for entry in names where flags.contains(entry.flag) { writer.literal(entry.name) }
    writer.endArray()
    writer.endObject()
  }
}

extension CodexLine {
  /// The flags that a mark on the line states.
  var writtenFlags: MessageFlags? { isWrapped ? CodexMark.flags(root?["carryover"]) : nil }
}
