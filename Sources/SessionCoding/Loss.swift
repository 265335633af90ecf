/// Something of the source that the target does not show.
public struct Loss: Sendable, Hashable {
  /// What differs, as a stable path such as `thinking.signature`.
  public var code: String
  /// The first place where it differs.
  public var place: String
  /// How many times it differs.
  public var count: Int
  /// What becomes of it.
  public var detail: String
  /// Whether the original is kept beside the target and comes back with a return conversion.
  public var isCarried: Bool

  /// Creates a loss.
  public init(code: String, place: String, count: Int = 1, detail: String, isCarried: Bool) {
    self.code = code
    self.place = place
    self.count = count
    self.detail = detail
    self.isCarried = isCarried
  }
}

extension Loss {
  /// What is said in a session, as codes name it; a result's content has its result's name before it.
  private static let conversation: Set<String> = [
    "message", "message.side-chain", "message.out-of-view", "checkpoint.message", "text",
    "text.text", "thinking",
    "thinking.text", "tool-call", "tool-call.arguments.value", "tool-result", "image", "image.data",
    "file", "file.data", "block",
    // Nobody has read what it says.
    LeftOutRecords.rule,
  ]

  /// Whether something that was said is missing: a message, or a text, a thought, a call, a result or
  /// a picture of one.
  public var isOfConversation: Bool {
    var code = code[...]
    while case let rest = code.dropFirst("tool-result.".count), code.hasPrefix("tool-result."),
      Self.conversation.contains(String(rest)) || rest.hasPrefix("tool-result.")
    {
      code = rest
    }
    return Self.conversation.contains(String(code))
  }
}

/// Gathers losses, one per code, in order of first appearance.
public struct LossList: Sendable {
  /// The losses so far.
  public private(set) var losses: [Loss] = []
  private var index: [String: Int] = [:]
  /// The position of the loss that is likely to be next: records lose the same in the same order.
  private var expected = 0

  /// Creates an empty list.
  public init() {}

  /// Adds a loss; one of the same code only raises the count.
  public mutating func add(_ loss: Loss) {
    add(loss.code, isCarried: loss.isCarried, count: loss.count) { loss }
  }

  /// Adds a loss that is described only when it is the first of its code.
  public mutating func add(
    _ code: String, isCarried: Bool, count: Int = 1, describe: () -> Loss
  ) {
    if expected < losses.count, losses[expected].isCarried == isCarried,
      losses[expected].code == code
    {
      raise(at: expected, by: count)
      return
    }
    let key = isCarried ? code : code + "!"
    if let position = index[key] {
      raise(at: position, by: count)
    } else {
      index[key] = losses.count
      losses.append(describe())
    }
  }

  /// Where the loss of a code stands; nil when there is none.
  public func position(of code: String, isCarried: Bool) -> Int? {
    index[isCarried ? code : code + "!"]
  }

  /// Adds one more of the loss at a position.
  public mutating func raise(at position: Int) { raise(at: position, by: 1) }

  private mutating func raise(at position: Int, by count: Int) {
    losses[position].count += count
    expected = position + 1 < losses.count ? position + 1 : 0
  }
}
