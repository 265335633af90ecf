/// How two sessions differ in what they say.
public struct SessionDifference: Sendable, Hashable {
  /// On which side something stands.
  public enum Side: String, Sendable, Hashable {
    /// Only in the first session.
    case first
    /// Only in the second session.
    case second
    /// In both, but not alike.
    case both
  }

  /// One place where the sessions differ.
  public struct Example: Sendable, Hashable {
    /// Where it stands: in the first session, or in the second when only that has it.
    public var place: String
    /// What the first session says, shortened.
    public var first: String?
    /// What the second session says, shortened.
    public var second: String?
  }

  /// Everything that differs in the same way.
  public struct Item: Sendable, Hashable {
    /// What differs, as a stable path such as `message.time`.
    public var code: String
    /// On which side it stands.
    public var side: Side
    /// How many times.
    public var count: Int
    /// The first places, at most ``SessionDifference/examplesPerItem``.
    public var examples: [Example]
  }

  /// The number of places that are kept for each item.
  public static let examplesPerItem = 100

  /// The identifier of the first session.
  public var first: String
  /// The identifier of the second session.
  public var second: String
  /// What differs, in order of first appearance; empty when the sessions are equal.
  public private(set) var items: [Item] = []
  private var index: [String: Int] = [:]

  init(first: String, second: String) {
    self.first = first
    self.second = second
  }

  /// Whether nothing differs.
  public var isEmpty: Bool { items.isEmpty }

  mutating func add(_ code: String, _ side: Side, _ example: Example) {
    let key = "\(side.rawValue) \(code)"
    if let position = index[key] {
      items[position].count += 1
      if items[position].examples.count < Self.examplesPerItem {
        items[position].examples.append(example)
      }
    } else {
      index[key] = items.count
      items.append(Item(code: code, side: side, count: 1, examples: [example]))
    }
  }
}

/// How two stores differ.
public struct StoreDifference: Sendable {
  /// Sessions of the first store that the second does not have.
  public var onlyInFirst: [String] = []
  /// Sessions of the second store that the first does not have.
  public var onlyInSecond: [String] = []
  /// The sessions that both have, in the order of the first.
  public var sessions: [SessionDifference] = []
  /// Sessions that both have and of which one cannot be read.
  public var unreadable: [UnreadableSession] = []

  /// Whether nothing differs, as far as all can be read.
  public var isEmpty: Bool {
    onlyInFirst.isEmpty && onlyInSecond.isEmpty && unreadable.isEmpty
      && sessions.allSatisfy(\.isEmpty)
  }
}

/// Two sessions that cannot be compared.
public struct UnreadableSession: Sendable, Hashable {
  /// The identifier of the first session.
  public var first: String
  /// The identifier of the second session.
  public var second: String
  /// Why one of them cannot be read.
  public var reason: String
}
