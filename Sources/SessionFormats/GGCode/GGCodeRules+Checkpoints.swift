internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Compactions, by message list (releases before v1.3.150) and by message identifiers.
struct GGCodeCheckpointRules: GGCodeRuleGroup {
  private var messages: Set<ContentHash> = []
  private var ids: Set<ContentHash> = []
  private var references: [(checkpoint: Checkpoint, line: GGCodeRuleLine)] = []
  private var lastClassicLine = 0
  private var scratch = JSONWriter(reserving: 4_096)

  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    guard let content = line.content else { return }
    // Current releases write `timestamp` on every record.
    if line.decoded.record?.object.last(GGCodeRecord.Field.timestamp.rawValue) == nil {
      lastClassicLine = line.number
    }
    switch content {
    case .message(let message):
      messages.insert(ContentHash(content, scratch: &scratch))
      if let id = message.id { ids.insert(ContentHash(Array(id.utf8)[...])) }
    case .checkpoint(let checkpoint):
      guard let list = checkpoint.messages else {
        references.append((checkpoint, line))
        return
      }
      guard !list.isEmpty else {
        report(
          line.finding(
            "checkpoint-messages", .error,
            "the checkpoint has no messages: releases before v1.3.100 load nothing of what stands "
              + "before it; current ones ignore it"))
        return
      }
      for message in list where !message.flags.contains(.compactionSummary) {
        var plain = message
        plain.flags = []
        if !messages.contains(ContentHash(.message(plain), scratch: &scratch)) {
          report(
            line.finding(
              "checkpoint-source", .info,
              "a message of the checkpoint (\(message.role.name)) does not occur earlier in the file"
            ))
          break
        }
      }
      // What a checkpoint holds may be repeated by the next one.
      for message in list { messages.insert(ContentHash(.message(message), scratch: &scratch)) }
    default: break
    }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void) {
    for (checkpoint, line) in references {
      if let summary = checkpoint.summaryMessage, !contains(summary) {
        report(
          line.finding(
            "checkpoint-reference", .warning,
            "no message has the identifier \"\(summary)\" of the summary; ggcode goes on as if "
              + "there were no checkpoint"))
      }
      if let last = checkpoint.lastMessage, !contains(last) {
        report(
          line.finding(
            "checkpoint-reference", .warning,
            "no message has the identifier \"\(last)\" of the last message covered; ggcode takes "
              + "everything after the summary"))
      }
      let isMixed = lastClassicLine > line.number
      report(
        line.finding(
          "checkpoint-era", isMixed ? .error : .info,
          isMixed
            ? "a release before v1.3.150 went on after this checkpoint by identifiers; it loads "
              + "nothing of what stands before"
            : "releases before v1.3.150 load nothing of what stands before this checkpoint by "
              + "identifiers"))
    }
  }

  private func contains(_ id: String) -> Bool { ids.contains(ContentHash(Array(id.utf8)[...])) }
}
