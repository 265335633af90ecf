public import JSONText
public import SessionModel

/// Token counts.
///
/// Original: `provider.TokenUsage`.
public typealias TokenUsage = SessionModel.TokenUsage

/// The tokens of one model call.
///
/// Original: `UsageEntry`; `provider` is its `Vendor`, `turn` its `TurnIndex`, `time` its
/// `Timestamp`.
public typealias UsageEntry = UsageRecord

/// Durations of one model call or tool run.
///
/// Original: `metrics.MetricEvent`; `provider` is its `Vendor`, `kind` its `Type`, durations are
/// nanoseconds.
public typealias MetricEvent = MetricRecord

/// An event kept for relaying a session to another device.
///
/// Original: `TunnelEvent`.
public struct TunnelEvent: Sendable, Hashable {
  /// The event's identifier; relays skip the ones they have seen.
  public var eventID: String
  /// The stream that the event belongs to.
  public var streamID: String
  /// What happened, such as `user_message`, `text` or `tool_call`.
  public var type: String
  /// The event's data, verbatim.
  public var data: RawJSON?

  /// Creates an event.
  public init(eventID: String, streamID: String = "", type: String, data: RawJSON? = nil) {
    self.eventID = eventID
    self.streamID = streamID
    self.type = type
    self.data = data
  }

  init(_ event: EventRecord) {
    self.init(
      eventID: event.id ?? "", streamID: event.stream ?? "", type: event.type ?? "",
      data: event.data)
  }

  var record: EventRecord {
    EventRecord(
      format: "ggcode", kind: "tunnel_event", id: eventID, stream: streamID, type: type, data: data)
  }
}
