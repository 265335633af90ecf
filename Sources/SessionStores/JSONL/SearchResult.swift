/// A message found by ``JSONLStore/search(_:limit:)``, with the fields that term-llm's search has.
public struct SearchResult: Sendable, Hashable {
  /// The session that it is in, as the list knows it.
  public var session: Session
  /// The message's place among the session's message records, from 0.
  public var messageIndex: Int
  /// Its role.
  public var role: String
  /// The text around what was found; the words are marked with `**`.
  public var snippet: String
  /// How well it matches by bm25, as FTS5 counts it: the smaller, the better.
  public var rank: Double
}
