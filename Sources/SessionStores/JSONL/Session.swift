public import JSONText
public import SessionModel

/// A session in memory.
///
/// Original: `Session`.
///
/// A value: what one copy is told, another does not know. Calls on a store that change the session
/// say so by taking it `inout`.
public struct Session: Sendable, Hashable {
  /// The identifier, which is the name of the session's file.
  public var id: String
  /// When the session began.
  public var createdAt: Timestamp
  /// When it last changed.
  public var updatedAt: Timestamp
  /// The title that lists show.
  public var title: String
  /// The folder that the session works in.
  public var workspace: String
  /// The provider's key, such as `openai`.
  public var vendor: String
  /// The provider's endpoint.
  public var endpoint: String
  /// The model in use.
  public var model: String
  /// The tokens of the whole session.
  public var tokenUsage: TokenUsage
  /// Tokens by ``endpointStatsKey(vendor:endpoint:)``, derived from ``usageHistory``.
  public var endpointUsage: [String: TokenUsage] = [:]
  /// The tokens of each call.
  public var usageHistory: [UsageEntry] = []
  /// What was measured.
  public var metrics: [MetricEvent] = []
  /// Metrics by ``endpointStatsKey(vendor:endpoint:)``, derived from ``metrics``.
  public var endpointMetrics: [String: [MetricEvent]] = [:]
  /// The conversation as the model sees it.
  public var messages: [Message] = []
  /// Events kept for relaying.
  public var tunnelEvents: [TunnelEvent] = []
  /// Whether ``tunnelEvents`` cover the whole session.
  public var tunnelEventsComplete = false
  /// What the session cost, verbatim; opaque to the store.
  public var cost: RawJSON?

  // Known to current releases only.

  /// A line of the latest content.
  public var preview = ""
  /// How tool runs are approved.
  public var permissionMode = ""
  /// Whether the side bar is shown; nil when it was never set.
  public var sidebarVisible: Bool?
  /// The size of the model's context in tokens.
  public var contextWindow: Int64 = 0
  /// The most tokens of one answer.
  public var maxTokens: Int64 = 0

  /// Creates a session that knows only its identifier and times.
  public init(id: String, createdAt: Timestamp = .goZero, updatedAt: Timestamp = .goZero) {
    self.id = id
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    title = ""
    workspace = ""
    vendor = ""
    endpoint = ""
    model = ""
    tokenUsage = TokenUsage(input: 0, output: 0, cacheRead: 0, cacheWrite: 0)
  }
}
