/// How a session descends from another.
public struct ParentLink: Sendable, Hashable {
  /// What made the child.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A copy of the parent's beginning that went another way.
    case branch
    /// A helper that the parent's model started.
    case subagent
    /// The same conversation, gone on in a new session.
    case continuation
    /// The format does not say.
    case unknown
  }

  /// The parent session's identifier.
  public var id: String
  /// What made the child.
  public var kind: Kind
  /// The last message shared with the parent, when known.
  public var message: String?

  /// Creates a link to a parent session.
  public init(id: String, kind: Kind, message: String? = nil) {
    self.id = id
    self.kind = kind
    self.message = message
  }
}

/// Facts about a whole session: what a tool's list shows and what resuming needs.
public struct SessionHead: Sendable, Hashable {
  /// The session's identifier in its own format.
  public var id: String
  /// The title that the tool shows.
  public var title: String?
  /// A short description, usually the first prompt.
  public var summary: String?
  /// A preview line of the latest content.
  public var preview: String?
  /// When the session began.
  public var created: Timestamp?
  /// When it last changed.
  public var updated: Timestamp?
  /// The folder the session works in.
  public var workspace: String?
  /// The git branch at the start, when stated.
  public var gitBranch: String?
  /// The git commit at the start, when stated.
  public var gitCommit: String?
  /// The provider's label as shown, such as `Anthropic (opus)`.
  public var provider: String?
  /// The provider's canonical key, such as `anthropic`.
  public var providerKey: String?
  /// The provider's endpoint within that key.
  public var endpoint: String?
  /// The model in use.
  public var model: String?
  /// The agent or persona.
  public var agent: String?
  /// The mode, such as `chat` or `plan`.
  public var mode: String?
  /// The state, such as `active` or `complete`.
  public var status: String?
  /// Put away by the person; nil when the format has no such state.
  public var archived: Bool?
  /// Pinned by the person; nil when the format has no such state.
  public var pinned: Bool?
  /// Tags in order.
  public var tags: [String]
  /// The session this one descends from.
  public var parent: ParentLink?
  /// Token totals of the session as the tool states them.
  public var usage: TokenUsage?
  /// The number of messages in the timeline, when the reader knows it beforehand.
  public var messageCount: Int?
  /// Fields only one format has: settings, counters and the like.
  public var extras: [Extra]

  /// Creates a head that knows only its identifier.
  public init(id: String) {
    self.id = id
    tags = []
    extras = []
  }
}
