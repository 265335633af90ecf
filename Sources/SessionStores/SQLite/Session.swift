public import JSONText
public import SessionModel

/// A session's facts, without its messages.
///
/// Original: `Session`.
///
/// Properties that schema 7 has no column for are neither stored nor loaded there.
public struct Session: Sendable, Hashable {
  /// The identifier; ``SQLiteStore/create(_:)`` gives one if it is empty.
  public var id: String
  /// The running number, given by the store; it stays valid until the session is deleted.
  public var number: Int64 = 0
  /// The name that the person gave.
  public var name = ""
  /// Usually the first prompt's first line.
  public var summary = ""
  /// The short title that the model made.
  public var generatedShortTitle = ""
  /// The long title that the model made.
  public var generatedLongTitle = ""
  /// Who made the title: `user` or `generated`.
  public var titleSource = ""
  /// When the title was made.
  public var titleGeneratedAt = Timestamp.goZero
  /// The last message that the title rests on.
  public var titleBasisSequence: Int64 = 0
  /// When making a title was given up.
  public var titleSkippedAt = Timestamp.goZero
  /// The provider's label, such as `Anthropic (opus)`.
  public var provider: String
  /// The provider's canonical key, such as `anthropic`.
  public var providerKey = ""
  /// The model.
  public var model: String
  /// How hard the model thinks.
  public var reasoningEffort = ""
  /// In which way the model thinks.
  public var reasoningMode = ""
  /// What the session is for; ``SQLiteStore/create(_:)`` makes an empty one `chat`.
  public var mode = SessionMode(rawValue: "")
  /// How tool runs are approved.
  public var approvalMode = ""
  /// Where it was begun: `tui`, `web` or `telegram`.
  public var origin = ""
  /// The agent.
  public var agent = ""
  /// The working directory.
  public var cwd = ""
  /// The git work tree, if it has one of its own.
  public var worktreeDirectory = ""
  /// When it began.
  public var createdAt = Timestamp.goZero
  /// When it last changed.
  public var updatedAt = Timestamp.goZero
  /// Whether it was put away; lists leave it out, clean-up spares it.
  public var isArchived = false
  /// Whether it is kept on top.
  public var isPinned = false
  /// The session that this one helps or descends from.
  public var parentID = ""
  /// Whether it is a helper's.
  ///
  /// There is no column for this: it is never stored.
  public var isSubagent = false
  /// Whether web search is on.
  public var search = false
  /// The tools, separated by commas.
  public var tools = ""
  /// The MCP servers, separated by commas.
  public var mcp = ""
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
  /// The estimate of the context's tokens.
  public var lastTotalTokens: Int64 = 0
  /// The messages that this estimate rests on.
  public var lastMessageCount: Int64 = 0
  /// The messages shown; kept by the database.
  public var messageCount: Int64 = 0
  /// Where it stands; ``SQLiteStore/create(_:)`` makes an empty one `active`.
  public var status = SessionStatus(rawValue: "")
  /// Tags, separated by commas.
  public var tags = ""
  /// The goal as JSON, nil for none.
  public var goal: RawJSON?
  /// Where the session was shared, as JSON, nil if nowhere.
  public var share: RawJSON?
  /// The first message that is in the model's context; −1 for all.
  ///
  /// Kept by the store.
  public var compactionSequence: Int64 = 0
  /// How often the context was compacted.
  ///
  /// Kept by the store.
  public var compactionCount: Int64 = 0

  /// Creates a session that ``SQLiteStore/create(_:)`` will complete.
  public init(id: String = "", provider: String = "", model: String = "") {
    self.id = id
    self.provider = provider
    self.model = model
  }
}
