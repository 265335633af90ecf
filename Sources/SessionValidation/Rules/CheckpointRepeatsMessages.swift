import JSONText
import SessionCoding
import SessionModel

/// The messages that a checkpoint retains occur before it.
///
/// The summary and the model's reply to it are new by nature. They are told by their flags, as
/// instructions of the program, or as the first two messages when these do not occur before.
struct CheckpointRepeatsMessages: Rule {
  static let info = RuleInfo(
    id: "session.checkpoint-repeats-messages", severity: .info,
    summary: "the messages that a checkpoint retains occur before it",
    consequence: "they exist in the checkpoint only; no tool checks that")
  static let observed: EntryKinds = [.message, .checkpoint]

  /// Half a hash each: of a hundred thousand messages that are missing, a few may not be told.
  private var seen: Set<UInt32> = []

  init() {}

  mutating func observe(
    _ entry: Entry, in session: SessionIndex, report: (Finding) -> Void
  ) {
    switch entry.content {
    case .message(let message): seen.insert(message.speechHash)
    case .checkpoint(let checkpoint):
      guard let messages = checkpoint.messages else { return }
      let hashes = messages.map(\.speechHash)
      var missing = 0
      for (index, message) in messages.enumerated() where !seen.contains(hashes[index]) {
        let isNew =
          index < 2 || !message.flags.isDisjoint(with: [.compactionSummary, .synthetic])
          || message.role == .system || message.role == .developer
        if !isNew { missing += 1 }
      }
      seen.formUnion(hashes)
      if missing > 0 {
        report(
          Self.finding(
            "\(missing) of the checkpoint's \(counted(messages.count, "message")) "
              + "\(missing == 1 ? "does" : "do") not occur before it", at: entry.place))
      }
    default: break
    }
  }
}

extension Message {
  /// A hash over who says what, without identifiers, times and fields of one format only.
  fileprivate var speechHash: UInt32 {
    var hasher = Hasher()
    hasher.combine(role)
    for block in blocks { block.hashSpeech(into: &hasher) }
    return UInt32(truncatingIfNeeded: hasher.finalize())
  }
}

extension Block {
  /// Decoding whole texts would cost too much for the sake of an information.
  private static let beginning = 128

  /// Texts count by their beginnings, pictures and files by their kind: their data is large and
  /// compaction may cut it.
  fileprivate func hashSpeech(into hasher: inout Hasher) {
    switch self {
    case .text(let block):
      hasher.combine(0)
      block.text.withUTF8Prefix(Self.beginning) { beginning in
        unsafe beginning.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
      }
    case .thinking: break
    case .toolCall(let block): hasher.combine(block.id)
    case .toolResult(let block): hasher.combine(block.callID)
    case .image: hasher.combine(1)
    case .file: hasher.combine(2)
    case .opaque(let block): hasher.combine(block.type)
    }
  }
}
