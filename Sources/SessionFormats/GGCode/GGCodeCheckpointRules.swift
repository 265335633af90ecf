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

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    guard let content = line.content else { return }
    // Current releases write `timestamp` on every record.
    if line.record?.has(.timestamp) == false { lastClassicLine = line.number }
    switch content {
    case .message(let message):
      messages.insert(hash(message))
      if let id = message.id { ids.insert(ContentHash(Array(id.utf8)[...])) }
    case .checkpoint(let checkpoint):
      if let list = checkpoint.messages {
        observe(list, line, &log)
      } else {
        references.append((checkpoint, line))
      }
    default: break
    }
  }

  private mutating func observe(
    _ list: [Message], _ line: GGCodeRuleLine, _ log: inout FindingLog
  ) {
    if list.isEmpty {
      log.add(
        "checkpoint-messages", .error, line.place,
        "the checkpoint has no messages: releases before v1.3.100 load nothing of what stands "
          + "before it; current ones ignore it")
    }
    for message in list where !message.flags.contains(.compactionSummary) {
      var plain = message
      plain.flags = []
      if messages.contains(hash(plain)) { continue }
      log.add(
        "checkpoint-source", .info, line.place,
        "a message of the checkpoint (\(message.role.name)) does not occur earlier in the file")
      break
    }
    // What a checkpoint holds may be repeated by the next one.
    for message in list { messages.insert(hash(message)) }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {
    for (checkpoint, line) in references {
      if let summary = checkpoint.summaryMessage, !contains(summary) {
        log.add(
          "checkpoint-reference", .warning, line.place,
          "no message has the identifier \"\(summary)\" of the summary; ggcode goes on as if "
            + "there were no checkpoint")
      }
      if let last = checkpoint.lastMessage, !contains(last) {
        log.add(
          "checkpoint-reference", .warning, line.place,
          "no message has the identifier \"\(last)\" of the last message covered; ggcode takes "
            + "everything after the summary")
      }
      let isMixed = lastClassicLine > line.number
      log.add(
        "checkpoint-era", isMixed ? .error : .info, line.place,
        isMixed
          ? "a release before v1.3.150 went on after this checkpoint by identifiers; it loads "
            + "nothing of what stands before"
          : "releases before v1.3.150 load nothing of what stands before this checkpoint by "
            + "identifiers")
    }
  }

  private mutating func hash(_ message: Message) -> ContentHash {
    ContentHash(.message(message), scratch: &scratch)
  }

  private func contains(_ id: String) -> Bool { ids.contains(ContentHash(Array(id.utf8)[...])) }
}
