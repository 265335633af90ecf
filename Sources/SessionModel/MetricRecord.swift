public import JSONText

/// Durations of one model call or tool run.
public struct MetricRecord: Sendable, Hashable {
  @usableFromInline struct Fields: Sendable, Hashable {
    @usableFromInline var time: Timestamp?
    @usableFromInline var turn: Int64?
    @usableFromInline var kind: String
    @usableFromInline var timeToFirstToken: Int64?
    @usableFromInline var thinkTime: Int64?
    @usableFromInline var duration: Int64?
    @usableFromInline var usage: TokenUsage?
    @usableFromInline var tool: String?
    @usableFromInline var toolSuccess: Bool?
    @usableFromInline var toolError: JSONString?
    @usableFromInline var toolDuration: Int64?
    @usableFromInline var model: String?
    @usableFromInline var provider: String?
    @usableFromInline var endpoint: String?
    @usableFromInline var extras: [Extra]
  }

  @usableFromInline var fields: Shared<Fields>

  /// When it ended.
  @inlinable public var time: Timestamp? {
    get { fields.value.time }
    _modify { yield &fields.value.time }
  }
  /// The turn, counted by the tool.
  @inlinable public var turn: Int64? {
    get { fields.value.turn }
    _modify { yield &fields.value.turn }
  }
  /// `llm`, `tool` or another word of the format.
  @inlinable public var kind: String {
    get { fields.value.kind }
    _modify { yield &fields.value.kind }
  }
  /// Nanoseconds to the first token.
  @inlinable public var timeToFirstToken: Int64? {
    get { fields.value.timeToFirstToken }
    _modify { yield &fields.value.timeToFirstToken }
  }
  /// Nanoseconds of thinking.
  @inlinable public var thinkTime: Int64? {
    get { fields.value.thinkTime }
    _modify { yield &fields.value.thinkTime }
  }
  /// Nanoseconds in all.
  @inlinable public var duration: Int64? {
    get { fields.value.duration }
    _modify { yield &fields.value.duration }
  }
  /// The tokens, when stated with the metric.
  @inlinable public var usage: TokenUsage? {
    get { fields.value.usage }
    _modify { yield &fields.value.usage }
  }
  /// The tool that ran.
  @inlinable public var tool: String? {
    get { fields.value.tool }
    _modify { yield &fields.value.tool }
  }
  /// Whether the tool succeeded.
  @inlinable public var toolSuccess: Bool? {
    get { fields.value.toolSuccess }
    _modify { yield &fields.value.toolSuccess }
  }
  /// The tool's error text.
  @inlinable public var toolError: JSONString? {
    get { fields.value.toolError }
    _modify { yield &fields.value.toolError }
  }
  /// Nanoseconds that the tool ran.
  @inlinable public var toolDuration: Int64? {
    get { fields.value.toolDuration }
    _modify { yield &fields.value.toolDuration }
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
  /// Fields only one format has.
  @inlinable public var extras: [Extra] {
    get { fields.value.extras }
    _modify { yield &fields.value.extras }
  }

  /// Creates a metric of a kind.
  public init(kind: String, extras: [Extra] = []) {
    fields = Shared(
      Fields(
        time: nil, turn: nil, kind: kind, timeToFirstToken: nil, thinkTime: nil, duration: nil,
        usage: nil, tool: nil, toolSuccess: nil, toolError: nil, toolDuration: nil, model: nil,
        provider: nil, endpoint: nil, extras: extras))
  }
}
