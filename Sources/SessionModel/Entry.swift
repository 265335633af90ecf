public import JSONText

/// Where something stands in its source.
public enum Place: Sendable, Hashable, CustomStringConvertible {
  /// A line of a text file: path, line from 1, byte offset in the file from 0.
  case line(path: String, line: Int, byte: UInt64)
  /// A row of a database table.
  case row(path: String, table: String, row: Int64)
  /// A whole file or folder.
  case file(path: String)

  /// `path:line:byte` or `path table row`.
  public var description: String {
    switch self {
    case .line(let path, let line, let byte): "\(path):\(line):\(byte)"
    case .row(let path, let table, let row): "\(path) \(table) row \(row)"
    case .file(let path): path
    }
  }
}

/// The record that an entry was read from.
public struct Origin: Sendable, Hashable {
  /// The format that the bytes are in.
  public var format: String
  /// The record, byte for byte: a line with its ending, or a row as the format spells rows out.
  public var bytes: ArraySlice<UInt8>

  /// Creates an origin.
  public init(format: String, bytes: ArraySlice<UInt8>) {
    self.format = format
    self.bytes = bytes
  }
}

/// One step of a session's timeline.
public struct Entry: Sendable {
  /// What happened.
  public enum Content: Sendable, Hashable {
    /// Something was said.
    case message(Message)
    /// Earlier messages were replaced by a shorter list.
    indirect case checkpoint(Checkpoint)
    /// Tokens were counted.
    case usage(UsageRecord)
    /// Durations were measured.
    case metric(MetricRecord)
    /// A transport or tool-private event.
    indirect case event(EventRecord)
    /// The session's head was restated; the last one wins, earlier ones are history.
    case headChange(SessionHead)
    /// A record that is unknown or cannot be decoded, verbatim.
    indirect case opaque(OpaqueRecord)
  }

  /// The parts in one place: entries are handed on often and changed rarely.
  @usableFromInline final class Parts: Sendable {
    @usableFromInline let content: Content
    @usableFromInline let isEffective: Bool
    @usableFromInline let origin: Origin?
    @usableFromInline let place: Place?

    @inlinable init(
      _ content: Content, _ isEffective: Bool, _ origin: Origin?, _ place: Place?
    ) {
      self.content = content
      self.isEffective = isEffective
      self.origin = origin
      self.place = place
    }
  }

  @usableFromInline var parts: Parts

  /// What happened.
  @inlinable public var content: Content {
    get { parts.content }
    set { parts = Parts(newValue, parts.isEffective, parts.origin, parts.place) }
  }
  /// Whether the source tool itself uses this entry when it loads the session.
  @inlinable public var isEffective: Bool {
    get { parts.isEffective }
    set { parts = Parts(parts.content, newValue, parts.origin, parts.place) }
  }
  /// The record that this entry was read from.
  @inlinable public var origin: Origin? {
    get { parts.origin }
    set { parts = Parts(parts.content, parts.isEffective, newValue, parts.place) }
  }
  /// Where that record stands.
  @inlinable public var place: Place? {
    get { parts.place }
    set { parts = Parts(parts.content, parts.isEffective, parts.origin, newValue) }
  }

  /// Creates an entry.
  @inlinable public init(
    _ content: Content, isEffective: Bool = true, origin: Origin? = nil, place: Place? = nil
  ) {
    parts = Parts(content, isEffective, origin, place)
  }
}

/// A compaction: what the model sees from here on instead of all that came before.
public struct Checkpoint: Sendable, Hashable {
  /// The messages that replace the earlier ones; nil when they are referred to, not repeated.
  public var messages: [Message]?
  /// The message of this session that holds the summary.
  public var summaryMessage: String?
  /// The last message that the summary covers.
  public var lastMessage: String?
  /// Tokens of the compacted context, when stated.
  public var tokens: Int64?
  /// When it happened.
  public var time: Timestamp?
  /// Fields only one format has.
  public var extras: [Extra]

  /// Creates a checkpoint.
  public init(
    messages: [Message]? = nil, summaryMessage: String? = nil, lastMessage: String? = nil,
    tokens: Int64? = nil, time: Timestamp? = nil, extras: [Extra] = []
  ) {
    self.messages = messages
    self.summaryMessage = summaryMessage
    self.lastMessage = lastMessage
    self.tokens = tokens
    self.time = time
    self.extras = extras
  }
}

/// A transport event or another record of the tool's own.
public struct EventRecord: Sendable, Hashable {
  /// The format that the event belongs to.
  public var format: String
  /// What kind of record it is in that format, such as `tunnel_event` or `cost`.
  public var kind: String
  /// The event's identifier.
  public var id: String?
  /// The stream it belongs to.
  public var stream: String?
  /// The event's type within its kind.
  public var type: String?
  /// When it happened.
  public var time: Timestamp?
  /// The event's data, verbatim.
  public var data: RawJSON?
  /// Fields only one format has.
  public var extras: [Extra]

  /// Creates an event.
  public init(
    format: String, kind: String, id: String? = nil, stream: String? = nil, type: String? = nil,
    time: Timestamp? = nil, data: RawJSON? = nil, extras: [Extra] = []
  ) {
    self.format = format
    self.kind = kind
    self.id = id
    self.stream = stream
    self.type = type
    self.time = time
    self.data = data
    self.extras = extras
  }
}

/// A record kept as it is because nothing else can be said of it.
public struct OpaqueRecord: Sendable, Hashable {
  /// The format it comes from.
  public var format: String
  /// The record's type, when it could be told.
  public var type: String?
  /// Why it is opaque: `nil` for an unknown type, else what is wrong with it.
  public var damage: String?
  /// The record, byte for byte.
  public var bytes: ArraySlice<UInt8>

  /// Creates an opaque record.
  public init(format: String, type: String? = nil, damage: String? = nil, bytes: ArraySlice<UInt8>)
  {
    self.format = format
    self.type = type
    self.damage = damage
    self.bytes = bytes
  }
}
