import JSONText
import SessionModel

/// Which message follows which, as numbers: about 30 bytes for each identifier.
///
/// An identifier becomes a node when it is first named. If that is as a parent, the link is kept with
/// its place until the end: the parent may still come. As every cycle has a link that points forward,
/// only those links need to be followed to find all cycles.
struct MessageGraph: Sendable {
  /// A link to a parent that was not a message of the timeline yet when its child came.
  struct ForwardLink: Sendable {
    /// The number of the child's entry.
    let entry: Int
    /// The child; nil when it has no identifier.
    let child: Node?
    let parent: Node
    /// The message before the child in the same conversation; nil when it has no identifier.
    let previous: Node?
    let place: Place?
    /// The parent's identifier as findings show it; empty when it had been seen elsewhere.
    let parentName: String
  }

  typealias Node = Int32

  private static let none: Node = -1
  /// Named as a parent only.
  private static let unseen: Int32 = -1
  /// Seen, but not as a message of the timeline.
  private static let seen: Int32 = -2

  private var nodes: [IDKey: Node] = [:]
  private var parents: [Node] = []
  /// The entry of the first message with the identifier, or one of the two values above.
  private var entries: [Int32] = []
  private var forwardLinks: [ForwardLink] = []
  private var lastMain = none
  private var lastSide = none
  /// The message that was added last; most that follow name it as their parent.
  private var last: (id: String, node: Node) = ("", none)
  /// The number of the entry that already used the current message's identifier.
  private(set) var repeatedEntry: Int?

  mutating func beginEntry() {
    repeatedEntry = nil
  }

  /// Whether an identifier was seen so far.
  func contains(_ key: IDKey) -> Bool {
    nodes[key].map { entries[Int($0)] != Self.unseen } ?? false
  }

  /// Notes an identifier that messages may refer to but that is not one of the timeline's messages.
  mutating func define(_ id: String?) {
    guard let id = id.stated else { return }
    let node = Int(intern(IDKey(id)))
    if entries[node] == Self.unseen { entries[node] = Self.seen }
  }

  mutating func add(_ message: Message, entry: Int, place: Place?) {
    let id = message.id.stated
    let node = id.map { intern(IDKey($0)) }
    defer { if let id, let node { last = (id, node) } }
    let isSide = message.flags.contains(.sideChain)
    let previous = isSide ? lastSide : lastMain
    if let id = message.parent.stated {
      let isLast = id.utf8.span.isEqual(to: last.id.utf8.span)
      let parent = isLast ? last.node : intern(IDKey(id))
      // Also when seen elsewhere, as the message itself may still come and close a cycle.
      if entries[Int(parent)] < 0 {
        forwardLinks.append(
          ForwardLink(
            entry: entry, child: node, parent: parent,
            previous: previous == Self.none ? nil : previous, place: place,
            parentName: entries[Int(parent)] == Self.unseen ? id.quoted : ""))
      }
      // Of messages with one identifier the first counts, as for the tools.
      if let node, entries[Int(node)] < 0 { parents[Int(node)] = parent }
    }
    if let node {
      if entries[Int(node)] >= 0 {
        repeatedEntry = Int(entries[Int(node)])
      } else {
        entries[Int(node)] = Int32(clamping: entry)
      }
    }
    if isSide { lastSide = node ?? Self.none } else { lastMain = node ?? Self.none }
  }

  /// Links whose parent never came.
  var danglingLinks: [ForwardLink] {
    forwardLinks.filter { entries[Int($0.parent)] == Self.unseen }
  }

  /// One link of every cycle with the number of its messages.
  ///
  /// - Complexity: O(*n*) in the number of identifiers.
  var cycles: [(link: ForwardLink, count: Int)] {
    guard !forwardLinks.isEmpty else { return [] }
    var walk = [Int32](repeating: 0, count: parents.count)
    var cycleOf: [Node: Int] = [:]
    var counts: [Int] = []
    for (number, link) in forwardLinks.enumerated() {
      let mark = Int32(clamping: number + 1)
      var node = link.child ?? Self.none
      while node != Self.none, walk[Int(node)] == 0 {
        walk[Int(node)] = mark
        node = parents[Int(node)]
      }
      guard node != Self.none, walk[Int(node)] == mark, cycleOf[node] == nil else { continue }
      var member = node
      var count = 0
      repeat {
        cycleOf[member] = counts.count
        count += 1
        member = parents[Int(member)]
      } while member != node
      counts.append(count)
    }
    var isReported = [Bool](repeating: false, count: counts.count)
    var result: [(link: ForwardLink, count: Int)] = []
    for link in forwardLinks {
      // The first such link is the one of the cycle's first message.
      guard let child = link.child, let cycle = cycleOf[child], !isReported[cycle] else { continue }
      isReported[cycle] = true
      result.append((link, counts[cycle]))
    }
    return result
  }

  /// For each entry with a missing parent, whether it can follow the message before it.
  ///
  /// It cannot when that message descends from it, which needs children before their parents.
  var attachments: [Int: Bool] {
    let dangling = danglingLinks
    guard !dangling.isEmpty else { return [:] }
    // A forest of who descends from whom: cycles and missing parents are cut.
    var up = parents
    for link in dangling + cycles.map(\.link) {
      if let child = link.child, up[Int(child)] == link.parent { up[Int(child)] = Self.none }
    }
    func root(of node: Node) -> Node {
      var node = node
      while up[Int(node)] != Self.none {
        let next = up[Int(node)]
        if up[Int(next)] != Self.none { up[Int(node)] = up[Int(next)] }
        node = next
      }
      return node
    }
    var result: [Int: Bool] = [:]
    for link in dangling {
      guard let child = link.child, let previous = link.previous else {
        result[link.entry] = true
        continue
      }
      let top = root(of: child)
      let isSafe = root(of: previous) != top
      if isSafe { up[Int(top)] = previous }
      result[link.entry] = isSafe
    }
    return result
  }

  private mutating func intern(_ key: IDKey) -> Node {
    let node = Node(clamping: parents.count)
    // Most are new.
    if let known = nodes.updateValue(node, forKey: key) {
      nodes[key] = known
      return known
    }
    parents.append(Self.none)
    entries.append(Self.unseen)
    return node
  }
}
