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
  /// The message's identifier in its format, unique in the session when present.
  public var id: String?
  /// The identifier of the message this one follows; nil in linear formats means the previous one.
  public var parent: String?
  /// Who speaks.
  public var role: Role
  /// The content, in order.
  public var blocks: [Block]
  /// When it was sent or finished.
  public var time: Timestamp?
  /// How long it took, in nanoseconds.
  public var duration: Int64?
  /// The model that wrote it, when stated per message.
  public var model: String?
  /// Tokens of the call that made it, when stated per message.
  public var usage: TokenUsage?
  /// The turn it belongs to, counted by its tool.
  public var turn: Int64?
  /// How tools treat it.
  public var flags: MessageFlags
  /// Fields only one format has.
  public var extras: [Extra]

  /// Creates a message.
  public init(
    id: String? = nil, parent: String? = nil, role: Role, blocks: [Block] = [],
    time: Timestamp? = nil, duration: Int64? = nil, model: String? = nil,
    usage: TokenUsage? = nil, turn: Int64? = nil, flags: MessageFlags = [], extras: [Extra] = []
  ) {
    self.id = id
    self.parent = parent
    self.role = role
    self.blocks = blocks
    self.time = time
    self.duration = duration
    self.model = model
    self.usage = usage
    self.turn = turn
    self.flags = flags
    self.extras = extras
  }
}

extension Message {
  /// Whether every block, and at least one, is a tool's answer.
  public var holdsOnlyToolResults: Bool {
    !blocks.isEmpty && blocks.allSatisfy(\.isToolResult)
  }
}
