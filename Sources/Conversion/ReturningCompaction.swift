internal import SessionCoding
internal import SessionModel

/// A compaction by which a tool wrote a session anew, on the way back to the tool of the originals.
///
/// Such a tool keeps a summary, perhaps an answer to it, and the last messages; the rest is no longer in
/// its store. That is no deletion: the originals come back as history before a checkpoint with the
/// messages that the tool goes on with.
struct ReturningCompaction {
  private var messages: [Message]
  private(set) var isHandedOut = false
  /// Where each record last stands among the originals before the checkpoint.
  private var places: [ContentHash: Int] = [:]
  private var count = 0
  /// Where the last repeated message stands among them.
  private var lastPlace = -1

  init(summary: Message) { messages = [summary] }

  /// Notes a record that comes before the checkpoint, by the entries that stood for it.
  mutating func pass(_ entries: [ContentHash]) {
    for entry in entries {
      places[entry] = count
      count += 1
    }
  }

  /// Takes a message into the checkpoint; false when it was said after the compaction.
  ///
  /// The messages that the tool kept are in the order of the originals. Before them may stand the model's
  /// answer to the summary.
  mutating func add(_ message: Message, _ hash: ContentHash) -> Bool {
    if let place = places[hash], place > lastPlace {
      lastPlace = place
    } else if messages.count != 1 || message.role != .assistant {
      return false
    }
    messages.append(message)
    return true
  }

  /// The checkpoint; no further message belongs to it.
  mutating func handOut() -> Entry {
    isHandedOut = true
    return Entry(.checkpoint(Checkpoint(messages: messages)))
  }

  /// Whether a record is one that stands before the checkpoint.
  func take(_ hash: ContentHash) -> Bool { places[hash] != nil }
}
