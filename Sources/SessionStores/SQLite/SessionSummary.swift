public import JSONText
public import SessionModel

/// What a list shows of a session.
///
/// Original: `SessionSummary`.
public struct SessionSummary: Sendable, Hashable {
  /// The identifier.
  public var id = ""
  /// The running number.
  public var number: Int64 = 0
  /// The name that the person gave.
  public var name = ""
  /// Usually the first prompt's first line.
  public var summary = ""
  /// The short title that the model made.
  public var generatedShortTitle = ""
  /// The long title that the model made.
  public var generatedLongTitle = ""
  /// Who made the title.
  public var titleSource = ""
  /// The provider's label.
  public var provider = ""
  /// The provider's canonical key.
  public var providerKey = ""
  /// The model.
  public var model = ""
  /// What the session is for.
  public var mode = SessionMode(rawValue: "")
  /// Where it was begun.
  public var origin = ""
  /// The git work tree.
  public var worktreeDirectory = ""
  /// When it began.
  public var createdAt = Timestamp.goZero
  /// When it last changed.
  public var updatedAt = Timestamp.goZero
  /// When the last message was said.
  public var lastMessageAt = Timestamp.goZero
  /// Whether it was put away.
  public var isArchived = false
  /// Whether it is kept on top.
  public var isPinned = false
  /// The messages: shown ones in current databases, all in documented ones.
  public var messageCount: Int64 = 0
  /// The person's turns.
  public var userTurns: Int64 = 0
  /// The model's turns.
  public var llmTurns: Int64 = 0
  /// The tool calls.
  public var toolCalls: Int64 = 0
  /// Prompt tokens that were not read from a cache.
  public var inputTokens: Int64 = 0
  /// Prompt tokens read from a cache.
  public var cachedInputTokens: Int64 = 0
  /// Prompt tokens written to a cache.
  public var cacheWriteTokens: Int64 = 0
  /// Generated tokens.
  public var outputTokens: Int64 = 0
  /// Where it stands.
  public var status = SessionStatus(rawValue: "")
  /// Tags, separated by commas.
  public var tags = ""
  /// The goal as JSON, nil for none.
  public var goal: RawJSON?
  /// Where the session was shared, as JSON, nil if nowhere.
  public var share: RawJSON?
  /// Counts changes of the messages.
  public var transcriptRevision: Int64 = 0

  /// Creates a summary without content.
  public init() {}
}

/// A message found by ``SQLiteStore/search(_:)``.
///
/// Original: `SearchResult`.
public struct SearchResult: Sendable, Hashable {
  /// The session that it is in.
  public var session = SessionSummary()
  /// The message.
  public var messageID: Int64 = 0
  /// The text around what was found; documented databases mark it with `**`.
  public var snippet = ""
  /// When the message was written.
  public var createdAt = Timestamp.goZero
  /// How well it matches by FTS5's bm25: the smaller, the better.
  public var rank: Double = 0

  /// Creates a result without content.
  public init() {}
}

/// Which sessions a list holds.
///
/// Original: `ListOptions`.
public struct ListOptions: Sendable, Hashable {
  /// Only of this exact name.
  public var name = ""
  /// Only with this provider label.
  public var provider = ""
  /// Only with this model.
  public var model = ""
  /// Only in this mode.
  public var mode = SessionMode(rawValue: "")
  /// Only in this state.
  public var status = SessionStatus(rawValue: "")
  /// Only with this tag; `%` and `_` stand for any characters.
  public var tag = ""
  /// Whether sessions that were put away are listed too.
  public var archived = false
  /// At most so many; 0 for 50, less for all.
  public var limit = 0
  /// Leaves out so many at the beginning.
  public var offset = 0
  /// Only of these kinds: `chat`, `web`, `ask`, `plan`, `exec`, `all`.
  ///
  /// Current databases only.
  public var categories: [String] = []
  /// Only with a smaller number; 0 for all.
  ///
  /// Current databases only.
  public var beforeNumber: Int64 = 0
  /// Sorts by the last message instead of the person's last one.
  ///
  /// Current databases only.
  public var sortsByActivity = false
  /// Sorts by number, the highest first.
  ///
  /// Current databases only.
  public var sortsByNumberDescending = false

  /// All sessions that were not put away, at most 50.
  public init() {}
}

/// What to search for.
///
/// Original: the arguments of `Search`, later `SearchOptions`.
public struct SearchOptions: Sendable, Hashable {
  /// The words.
  ///
  /// Current databases look for all of them, as they stand; documented ones take FTS5's own
  /// language.
  public var query: String
  /// At most so many results; 0 for 20.
  public var limit: Int
  /// Whether sessions that were put away are searched too; documented databases always do.
  public var archived: Bool
  /// Only in sessions of these kinds, see ``ListOptions/categories``.
  public var categories: [String]

  /// Creates a search.
  public init(
    _ query: String, limit: Int = 0, archived: Bool = false, categories: [String] = []
  ) {
    self.query = query
    self.limit = limit
    self.archived = archived
    self.categories = categories
  }
}
