internal import JSONText
internal import SessionModel

/// How a message is to be treated, on lines that we wrote, where the item itself does not say.
///
/// `"carryover":{"flags":[…]}` beside the payload. The program ignores and keeps such a member.
enum CodexFlags {
  private static let names: [(name: StaticString, flag: MessageFlags)] = [
    ("hidden", .hidden), ("synthetic", .synthetic), ("summary", .compactionSummary),
    ("tail", .compactionTail),
  ]

  /// The flags that a line states; nil when it states none.
  static func read(_ line: CodexLine) -> MessageFlags? {
    guard line.isWrapped, let list = line.root["carryover"]?["flags"], list.kind == .array else {
      return nil
    }
    var flags: MessageFlags = []
    for name in list.elements.compactMap(\.string) {
      for entry in names where name.equals(entry.name) { flags.insert(entry.flag) }
    }
    return flags
  }

  /// Writes the member of a line.
  static func write(_ flags: MessageFlags, to json: inout JSONWriter) {
    json.key("carryover")
    json.object([:]) { json in
      json.array("flags", names.filter { flags.contains($0.flag) }) { $0.literal($1.name) }
    }
  }
}
