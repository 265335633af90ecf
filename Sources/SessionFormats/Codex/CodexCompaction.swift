internal import JSONText
internal import SessionModel

/// Compaction records.
enum CodexCompaction {
  /// How the program's own summaries begin.
  static let prefix = "Another language model started to solve this problem"

  /// The checkpoint that a record stands for.
  static func checkpoint(_ payload: JSONValue, _ line: CodexLine) -> Checkpoint {
    var checkpoint = Checkpoint(time: line.time)
    if let list = payload["replacement_history"], list.kind == .array {
      var messages = list.elements.enumerated().flatMap { index, item in
        self.messages(item, naming: "compacted_\(index + 1)")
      }
      markSummary(payload["message"]?.string, in: &messages)
      checkpoint.messages = messages
      checkpoint.extras = payload.extras(of: Codex.id, except: ["replacement_history"])
    } else {
      checkpoint.messages = prompt(payload).map { prompt in
        var summary = prompt
        summary.flags = .compactionSummary
        return [summary]
      }
      checkpoint.extras.addCodex("message_only", RawJSON("true"))
      checkpoint.extras += payload.extras(of: Codex.id, except: [])
    }
    checkpoint.extras += line.extras
    return checkpoint
  }

  /// The message that a record without a list stands for in the view of a later one.
  static func prompt(_ payload: JSONValue) -> Message? {
    payload["message"]?.string.map { Message(role: .user, blocks: [.text(Block.Text($0))]) }
  }

  private static func messages(_ item: JSONValue, naming name: String) -> [Message] {
    var messages = CodexItem.messages(item, naming: name)
    if messages.isEmpty {
      let block = Block.OpaqueBlock(
        format: Codex.id, type: item["type"]?.string ?? "", json: RawJSON(item.raw))
      return [Message(role: .assistant, blocks: [.opaque(block)], flags: .hidden)]
    }
    if messages[0].role == .user,
      messages[0].blocks.first?.plainText?.string.hasPrefix(prefix) == true
    {
      messages[0].flags = [.synthetic, .compactionSummary]
    }
    return messages
  }

  /// Marks the message of a list that is the summary in the record's own field.
  private static func markSummary(_ summary: JSONString?, in messages: inout [Message]) {
    guard let summary, !summary.isEmpty,
      !messages.contains(where: { $0.flags.contains(.compactionSummary) }),
      let index = messages.firstIndex(where: { message in
        message.blocks.contains { $0.plainText == summary }
      })
    else { return }
    messages[index].flags.insert(.compactionSummary)
  }
}
