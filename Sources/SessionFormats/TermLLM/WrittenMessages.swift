import SessionCoding
import SessionModel
import JSONText

/// What the messages of a session said so far, to tell what a compaction repeats.
struct WrittenMessages {
  private var hashes: Set<ContentHash> = []
  private var scratch = JSONWriter()

  /// Adds a message.
  mutating func add(_ message: Message) {
    hashes.insert(ContentHash(.message(message), scratch: &scratch))
  }

  /// Whether a message that says the same was added.
  mutating func contains(_ message: Message) -> Bool {
    hashes.contains(ContentHash(.message(message), scratch: &scratch))
  }
}
