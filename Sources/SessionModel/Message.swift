/// Who speaks in a message.
public enum Role: Sendable, Hashable {
  /// The person.
  case user
  /// The model.
  case assistant
  /// Instructions of the program.
  case system
  /// Tool results.
  case tool
  /// Instructions of the program's author, ranked below `system`.
  case developer
  /// Any other word, as found.
  case other(String)

  /// The role of a format's word; unknown words become ``other(_:)``.
  public init(_ name: String) {
    switch name {
    case "user": self = .user
    case "assistant": self = .assistant
    case "system": self = .system
    case "tool": self = .tool
    case "developer": self = .developer
    default: self = .other(name)
    }
  }

  /// The word for the role.
  public var name: String {
    switch self {
    case .user: "user"
    case .assistant: "assistant"
    case .system: "system"
    case .tool: "tool"
    case .developer: "developer"
    case .other(let name): name
    }
  }
}

/// Facts about a message that change how tools treat it.
public struct MessageFlags: OptionSet, Sendable, Hashable {
  /// The value as it is stored.
  public let rawValue: UInt8
  /// Creates it from the stored value.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Sent to the model but not shown to the person.
  public static let hidden = MessageFlags(rawValue: 1 << 0)
  /// Part of a side conversation (a sub-agent's), not of the main one.
  public static let sideChain = MessageFlags(rawValue: 1 << 1)
  /// Made by the program, neither by the person nor by the model.
  public static let synthetic = MessageFlags(rawValue: 1 << 2)
  /// The summary that replaces compacted messages.
  public static let compactionSummary = MessageFlags(rawValue: 1 << 3)
  /// Repeats an earlier message that compaction retained.
  public static let compactionTail = MessageFlags(rawValue: 1 << 4)
}

/// One message of a conversation.
public struct Message: Sendable, Hashable {
  @usableFromInline struct Fields: Sendable, Hashable {
    @usableFromInline var id: String?
    @usableFromInline var parent: String?
    @usableFromInline var role: Role
    @usableFromInline var blocks: [Block]
    @usableFromInline var time: Timestamp?
    @usableFromInline var duration: Int64?
    @usableFromInline var model: String?
    @usableFromInline var usage: TokenUsage?
    @usableFromInline var turn: Int64?
    @usableFromInline var flags: MessageFlags
    @usableFromInline var extras: [Extra]
  }

  @usableFromInline var fields: Shared<Fields>

  /// The message's identifier in its format, unique in the session when present.
  @inlinable public var id: String? {
    get { fields.value.id }
    _modify { yield &fields.value.id }
  }
  /// The identifier of the message this one follows; nil in linear formats means the previous one.
  @inlinable public var parent: String? {
    get { fields.value.parent }
    _modify { yield &fields.value.parent }
  }
  /// Who speaks.
  @inlinable public var role: Role {
    get { fields.value.role }
    _modify { yield &fields.value.role }
  }
  /// The content, in order.
  @inlinable public var blocks: [Block] {
    get { fields.value.blocks }
    _modify { yield &fields.value.blocks }
  }
  /// When it was sent or finished.
  @inlinable public var time: Timestamp? {
    get { fields.value.time }
    _modify { yield &fields.value.time }
  }
  /// How long it took, in nanoseconds.
  @inlinable public var duration: Int64? {
    get { fields.value.duration }
    _modify { yield &fields.value.duration }
  }
  /// The model that wrote it, when stated per message.
  @inlinable public var model: String? {
    get { fields.value.model }
    _modify { yield &fields.value.model }
  }
  /// Tokens of the call that made it, when stated per message.
  @inlinable public var usage: TokenUsage? {
    get { fields.value.usage }
    _modify { yield &fields.value.usage }
  }
  /// The turn it belongs to, counted by its tool.
  @inlinable public var turn: Int64? {
    get { fields.value.turn }
    _modify { yield &fields.value.turn }
  }
  /// How tools treat it.
  @inlinable public var flags: MessageFlags {
    get { fields.value.flags }
    _modify { yield &fields.value.flags }
  }
  /// Fields only one format has.
  @inlinable public var extras: [Extra] {
    get { fields.value.extras }
    _modify { yield &fields.value.extras }
  }

  /// Creates a message.
  public init(
    id: String? = nil, parent: String? = nil, role: Role, blocks: [Block] = [],
    time: Timestamp? = nil, duration: Int64? = nil, model: String? = nil,
    usage: TokenUsage? = nil, turn: Int64? = nil, flags: MessageFlags = [], extras: [Extra] = []
  ) {
    fields = Shared(
      Fields(
        id: id, parent: parent, role: role, blocks: blocks, time: time, duration: duration,
        model: model, usage: usage, turn: turn, flags: flags, extras: extras))
  }
}

extension Message {
  /// Whether every block, and at least one, is a tool's answer.
  public var holdsOnlyToolResults: Bool {
    !blocks.isEmpty && blocks.allSatisfy(\.isToolResult)
  }
}
