/// Tokens of one model call.
public struct UsageRecord: Sendable, Hashable {
  @usableFromInline struct Fields: Sendable, Hashable {
    @usableFromInline var time: Timestamp?
    @usableFromInline var turn: Int64?
    @usableFromInline var model: String?
    @usableFromInline var provider: String?
    @usableFromInline var endpoint: String?
    @usableFromInline var source: String?
    @usableFromInline var usage: TokenUsage
    @usableFromInline var extras: [Extra]
  }

  @usableFromInline var fields: Shared<Fields>

  /// When the call ended.
  @inlinable public var time: Timestamp? {
    get { fields.value.time }
    _modify { yield &fields.value.time }
  }
  /// The turn, counted by the tool.
  @inlinable public var turn: Int64? {
    get { fields.value.turn }
    _modify { yield &fields.value.turn }
  }
  /// The model called.
  @inlinable public var model: String? {
    get { fields.value.model }
    _modify { yield &fields.value.model }
  }
  /// The provider's key.
  @inlinable public var provider: String? {
    get { fields.value.provider }
    _modify { yield &fields.value.provider }
  }
  /// The provider's endpoint.
  @inlinable public var endpoint: String? {
    get { fields.value.endpoint }
    _modify { yield &fields.value.endpoint }
  }
  /// What made the call: the agent, a sub-agent, compaction, ….
  @inlinable public var source: String? {
    get { fields.value.source }
    _modify { yield &fields.value.source }
  }
  /// The tokens.
  @inlinable public var usage: TokenUsage {
    get { fields.value.usage }
    _modify { yield &fields.value.usage }
  }
  /// Fields only one format has.
  @inlinable public var extras: [Extra] {
    get { fields.value.extras }
    _modify { yield &fields.value.extras }
  }

  /// Creates a usage record.
  public init(
    time: Timestamp? = nil, turn: Int64? = nil, model: String? = nil, provider: String? = nil,
    endpoint: String? = nil, source: String? = nil, usage: TokenUsage, extras: [Extra] = []
  ) {
    fields = Shared(
      Fields(
        time: time, turn: turn, model: model, provider: provider, endpoint: endpoint,
        source: source, usage: usage, extras: extras))
  }
}
