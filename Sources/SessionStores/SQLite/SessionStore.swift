/// What every store of sessions can do.
///
/// Original: `Store`.
///
/// Asking for what does not exist gives nil or nothing, changing it fails only where said.
public protocol SessionStore: Sendable {
  /// Stores a new session and completes it: identifier, number, times, mode, status.
  /// Original: `Create`.
  func create(_ session: inout Session) throws(StoreError)
  /// A session by identifier. Original: `Get`.
  func get(_ id: String) throws(StoreError) -> Session?
  /// A session by number. Original: `GetByNumber`.
  func getByNumber(_ number: Int64) throws(StoreError) -> Session?
  /// A session by `#number`, number, identifier, or the beginning of one. Original: `GetByPrefix`.
  func getByPrefix(_ prefix: String) throws(StoreError) -> Session?
  /// Stores a session's facts over the old ones. Original: `Update`.
  ///
  /// - Throws: `.notFound` if there is no such session.
  func update(_ session: inout Session) throws(StoreError)
  /// Removes a session with its messages. Original: `Delete`.
  ///
  /// - Throws: `.notFound` if there is none; `.database` if another session descends from it.
  func delete(_ id: String) throws(StoreError)
  /// Lists sessions. Original: `List`.
  func list(_ options: ListOptions) throws(StoreError) -> [SessionSummary]
  /// Finds messages by their words. Original: `Search`.
  func search(_ options: SearchOptions) throws(StoreError) -> [SearchResult]
  /// Stores a message and completes it: identifier, sequence, time. Original: `AddMessage`.
  func addMessage(_ message: inout Message, to sessionID: String) throws(StoreError)
  /// Messages in order; a limit of 0 for all. Original: `GetMessages`.
  func getMessages(_ sessionID: String, limit: Int, offset: Int) throws(StoreError) -> [Message]
  /// Puts messages in the place of all that a session has. Original: `ReplaceMessages`.
  func replaceMessages(_ messages: [Message], of sessionID: String) throws(StoreError)
  /// Adds to a session's counters. Original: `UpdateMetrics`.
  func updateMetrics(_ id: String, adding metrics: Metrics) throws(StoreError)
  /// Sets where a session stands. Original: `UpdateStatus`.
  func updateStatus(_ id: String, _ status: SessionStatus) throws(StoreError)
  /// Counts a turn of the person. Original: `IncrementUserTurns`.
  func incrementUserTurns(_ id: String) throws(StoreError)
  /// Remembers which session is current; it need not exist. Original: `SetCurrent`.
  func setCurrent(_ id: String) throws(StoreError)
  /// The current session. Original: `GetCurrent`.
  func getCurrent() throws(StoreError) -> Session?
  /// Forgets which session is current. Original: `ClearCurrent`.
  func clearCurrent() throws(StoreError)
  /// Ends the store. Original: `Close`.
  func close() throws(StoreError)
}

/// What to add to a session's counters; negative numbers take away.
public struct Metrics: Sendable, Hashable {
  /// The model's turns.
  public var llmTurns: Int64
  /// The tool calls.
  public var toolCalls: Int64
  /// Prompt tokens that were not read from a cache.
  public var inputTokens: Int64
  /// Generated tokens.
  public var outputTokens: Int64
  /// Prompt tokens read from a cache.
  public var cachedInputTokens: Int64
  /// Prompt tokens written to a cache; documented databases do not count them.
  public var cacheWriteTokens: Int64

  /// Creates metrics.
  public init(
    llmTurns: Int64 = 0, toolCalls: Int64 = 0, inputTokens: Int64 = 0, outputTokens: Int64 = 0,
    cachedInputTokens: Int64 = 0, cacheWriteTokens: Int64 = 0
  ) {
    self.llmTurns = llmTurns
    self.toolCalls = toolCalls
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.cachedInputTokens = cachedInputTokens
    self.cacheWriteTokens = cacheWriteTokens
  }
}

extension SessionStore {
  /// All messages in order.
  public func getMessages(_ sessionID: String) throws(StoreError) -> [Message] {
    try getMessages(sessionID, limit: 0, offset: 0)
  }

  /// All sessions that were not put away, at most 50.
  public func list() throws(StoreError) -> [SessionSummary] { try list(ListOptions()) }

  /// Finds messages by their words.
  ///
  /// Original: `Search`.
  public func search(_ query: String, limit: Int = 0) throws(StoreError) -> [SearchResult] {
    try search(SearchOptions(query, limit: limit))
  }
}
