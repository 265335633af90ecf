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
  @usableFromInline struct Fields: Sendable, Hashable {
    @usableFromInline var id: String
    @usableFromInline var title: String?
    @usableFromInline var summary: String?
    @usableFromInline var preview: String?
    @usableFromInline var created: Timestamp?
    @usableFromInline var updated: Timestamp?
    @usableFromInline var workspace: String?
    @usableFromInline var gitBranch: String?
    @usableFromInline var gitCommit: String?
    @usableFromInline var provider: String?
    @usableFromInline var providerKey: String?
    @usableFromInline var endpoint: String?
    @usableFromInline var model: String?
    @usableFromInline var agent: String?
    @usableFromInline var mode: String?
    @usableFromInline var status: String?
    @usableFromInline var archived: Bool?
    @usableFromInline var pinned: Bool?
    @usableFromInline var tags: [String]
    @usableFromInline var parent: ParentLink?
    @usableFromInline var usage: TokenUsage?
    @usableFromInline var messageCount: Int?
    @usableFromInline var extras: [Extra]
  }

  @usableFromInline var fields: Shared<Fields>

  /// The session's identifier in its own format.
  @inlinable public var id: String {
    get { fields.value.id }
    _modify { yield &fields.value.id }
  }
  /// The title that the tool shows.
  @inlinable public var title: String? {
    get { fields.value.title }
    _modify { yield &fields.value.title }
  }
  /// A short description, usually the first prompt.
  @inlinable public var summary: String? {
    get { fields.value.summary }
    _modify { yield &fields.value.summary }
  }
  /// A preview line of the latest content.
  @inlinable public var preview: String? {
    get { fields.value.preview }
    _modify { yield &fields.value.preview }
  }
  /// When the session began.
  @inlinable public var created: Timestamp? {
    get { fields.value.created }
    _modify { yield &fields.value.created }
  }
  /// When it last changed.
  @inlinable public var updated: Timestamp? {
    get { fields.value.updated }
    _modify { yield &fields.value.updated }
  }
  /// The folder the session works in.
  @inlinable public var workspace: String? {
    get { fields.value.workspace }
    _modify { yield &fields.value.workspace }
  }
  /// The git branch at the start, when stated.
  @inlinable public var gitBranch: String? {
    get { fields.value.gitBranch }
    _modify { yield &fields.value.gitBranch }
  }
  /// The git commit at the start, when stated.
  @inlinable public var gitCommit: String? {
    get { fields.value.gitCommit }
    _modify { yield &fields.value.gitCommit }
  }
  /// The provider's label as shown, such as `Anthropic (opus)`.
  @inlinable public var provider: String? {
    get { fields.value.provider }
    _modify { yield &fields.value.provider }
  }
  /// The provider's canonical key, such as `anthropic`.
  @inlinable public var providerKey: String? {
    get { fields.value.providerKey }
    _modify { yield &fields.value.providerKey }
  }
  /// The provider's endpoint within that key.
  @inlinable public var endpoint: String? {
    get { fields.value.endpoint }
    _modify { yield &fields.value.endpoint }
  }
  /// The model in use.
  @inlinable public var model: String? {
    get { fields.value.model }
    _modify { yield &fields.value.model }
  }
  /// The agent or persona.
  @inlinable public var agent: String? {
    get { fields.value.agent }
    _modify { yield &fields.value.agent }
  }
  /// The mode, such as `chat` or `plan`.
  @inlinable public var mode: String? {
    get { fields.value.mode }
    _modify { yield &fields.value.mode }
  }
  /// The state, such as `active` or `complete`.
  @inlinable public var status: String? {
    get { fields.value.status }
    _modify { yield &fields.value.status }
  }
  /// Put away by the person; nil when the format has no such state.
  @inlinable public var archived: Bool? {
    get { fields.value.archived }
    _modify { yield &fields.value.archived }
  }
  /// Pinned by the person; nil when the format has no such state.
  @inlinable public var pinned: Bool? {
    get { fields.value.pinned }
    _modify { yield &fields.value.pinned }
  }
  /// Tags in order.
  @inlinable public var tags: [String] {
    get { fields.value.tags }
    _modify { yield &fields.value.tags }
  }
  /// The session this one descends from.
  @inlinable public var parent: ParentLink? {
    get { fields.value.parent }
    _modify { yield &fields.value.parent }
  }
  /// Token totals of the session as the tool states them.
  @inlinable public var usage: TokenUsage? {
    get { fields.value.usage }
    _modify { yield &fields.value.usage }
  }
  /// The number of messages in the timeline, when the reader knows it beforehand.
  @inlinable public var messageCount: Int? {
    get { fields.value.messageCount }
    _modify { yield &fields.value.messageCount }
  }
  /// Fields only one format has: settings, counters and the like.
  @inlinable public var extras: [Extra] {
    get { fields.value.extras }
    _modify { yield &fields.value.extras }
  }

  /// Creates a head that knows only its identifier.
  public init(id: String) {
    fields = Shared(
      Fields(
        id: id, title: nil, summary: nil, preview: nil, created: nil, updated: nil, workspace: nil,
        gitBranch: nil, gitCommit: nil, provider: nil, providerKey: nil, endpoint: nil, model: nil,
        agent: nil, mode: nil, status: nil, archived: nil, pinned: nil, tags: [], parent: nil,
        usage: nil, messageCount: nil, extras: []))
  }
}
