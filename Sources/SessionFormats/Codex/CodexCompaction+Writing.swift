internal import JSONText
internal import SessionModel

extension JSONWriter {
  /// Writes the payload of a compaction.
  mutating func codexCompaction(_ checkpoint: Checkpoint) {
    beginObject()
    field("message", CodexCompaction.summary(of: checkpoint))
    if let messages = checkpoint.messages {
      key("replacement_history")
      beginArray()
      for message in messages {
        for part in CodexPart.parts(of: message) {
          if case .reasoning = part { continue }
          codexItem(part, of: message)
        }
      }
      endArray()
    }
    endObject()
  }
}

extension CodexCompaction {
  /// The summary's text, for the record's own field.
  static func summary(of checkpoint: Checkpoint) -> JSONString {
    for message in checkpoint.messages ?? []
    where message.flags.contains(.compactionSummary) {
      if let text = message.blocks.lazy.compactMap(\.plainText).first { return text }
    }
    return ""
  }
}
