import JSONText
import SessionCoding
import SessionModel

/// What the messages of a session said so far, to tell what a compaction repeats.
///
/// Most sessions have none, so messages are only hashed when one comes, or when they are many.
struct WrittenMessages {
  private var hashes: Set<ContentHash> = []
  private var unhashed: [Message] = []
  private var unhashedBytes = 0
  private var scratch = JSONWriter()

  /// How much is kept to be hashed later.
  private static let unhashedLimit = 2 << 20

  /// Adds a message that takes about so many bytes.
  mutating func add(_ message: Message, size: Int) {
    unhashed.append(message)
    unhashedBytes += size + 1_024
    if unhashedBytes >= Self.unhashedLimit { hash() }
  }

  /// Whether a message that says the same was added.
  mutating func contains(_ message: Message) -> Bool {
    hash()
    return hashes.contains(ContentHash(.message(message), scratch: &scratch))
  }

  private mutating func hash() {
    for message in unhashed { hashes.insert(ContentHash(.message(message), scratch: &scratch)) }
    unhashed.removeAll()
    unhashedBytes = 0
  }
}
