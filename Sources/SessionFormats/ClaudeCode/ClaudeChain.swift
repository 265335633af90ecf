/// Which records the program uses when it resumes a session (observed with 2.1.329).
///
/// From a leaf the parents are followed to the root or to the last compaction boundary; then come
/// the lines that the boundary preserved, and what a walk misses where parallel calls made a tree.
/// All walks are loops over numbers: neither depth nor cycles matter.
struct ClaudeChain {
  /// For each node of the index, whether the program uses it.
  private(set) var isUsed: [Bool]
  /// The node that the next record would follow; nil when there is none.
  private(set) var leaf: Int?
  /// Nodes whose named parent is missing, with the node that stands in for it, or −1.
  private(set) var repaired: [Int32: Int32] = [:]
  /// Nodes whose parent closes a cycle.
  private(set) var cycles: Set<Int32> = []

  private let index: ClaudeIndex
  private var parents: [Int32]

  init(_ index: ClaudeIndex) {
    self.index = index
    isUsed = [Bool](repeating: false, count: index.nodes.count)
    parents = [Int32](repeating: -1, count: index.nodes.count)
    guard !index.nodes.isEmpty else { return }
    resolveParents()
    findCycles()
    leaf = findLeaf()
    guard let leaf else { return }
    let boundary = walk(from: leaf)
    if let boundary, let kept = index.preserved[Int32(boundary)] { usePreserved(kept) }
    useParallel()
    for node in index.nodes.indices where isUsed[node] {
      let flags = index.nodes[node].flags
      if !flags.isDisjoint(with: [.apiError, .malformed]) { isUsed[node] = false }
    }
    // Needed here only.
    parents = []
  }

  // MARK: Parents

  private mutating func resolveParents() {
    var dangling: [Int] = []
    for (number, node) in index.nodes.enumerated() where node.parent >= 0 {
      let parent = index.nodeOfSlot[Int(node.parent)]
      parents[number] = parent
      if parent < 0, index.counts(number) { dangling.append(number) }
    }
    guard !dangling.isEmpty else { return }
    // In order of time, the first in the file among equals.
    let timed = index.nodes.indices.filter {
      index.nodes[$0].flags.contains(.timed) && index.counts($0) && index.nodes[$0].kind.isRepaired
    }.sorted {
      (index.nodes[$0].time, $0) < (index.nodes[$1].time, $1)
    }
    for number in dangling {
      repaired[Int32(number)] = -1
      let node = index.nodes[number]
      guard node.kind.isRepaired, node.flags.contains(.timed) else { continue }
      guard let parent = latest(in: timed, notAfter: node.time, otherThan: number) else { continue }
      parents[number] = Int32(parent)
      repaired[Int32(number)] = Int32(parent)
    }
  }

  /// The node with the greatest time up to a limit; of several the first in the file.
  private func latest(in timed: [Int], notAfter limit: Int64, otherThan number: Int) -> Int? {
    func lowerBound(_ isBefore: (Int64) -> Bool) -> Int {
      var (low, high) = (0, timed.count)
      while low < high {
        let middle = (low + high) / 2
        if isBefore(index.nodes[timed[middle]].time) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    var end = lowerBound { $0 <= limit }
    while end > 0 {
      let time = index.nodes[timed[end - 1]].time
      let start = lowerBound { $0 < time }
      if let found = timed[start..<end].prefix(2).first(where: { $0 != number }) { return found }
      end = start
    }
    return nil
  }

  private mutating func findCycles() {
    var mark = [Int32](repeating: 0, count: parents.count)
    for start in parents.indices where mark[start] == 0 {
      let stamp = Int32(clamping: start + 1)
      var node = start
      while node >= 0, mark[node] == 0 {
        mark[node] = stamp
        node = Int(parents[node])
      }
      guard node >= 0, mark[node] == stamp else { continue }
      // The earliest record of the cycle loses its parent in what we hand out.
      var first = node
      var member = Int(parents[node])
      while member != node {
        first = min(first, member)
        member = Int(parents[member])
      }
      cycles.insert(Int32(first))
    }
  }

  // MARK: Leaf

  private func findLeaf() -> Int? {
    let nodes = index.nodes
    if let choice = index.leafChoice, choice.isExplicit, choice.slot >= 0,
      let last = nodes.last, last.line < choice.line
    {
      let node = index.nodeOfSlot[Int(choice.slot)]
      if node >= 0 { return Int(node) }
    }
    var hasChild = [Bool](repeating: false, count: nodes.count)
    for number in nodes.indices where index.counts(number) && parents[number] >= 0 {
      hasChild[Int(parents[number])] = true
    }
    let turns = nearestTurns()
    var terminals = nodes.indices.filter {
      index.counts($0) && !hasChild[$0] && turns[$0] >= 0
    }
    if terminals.isEmpty {
      // Nothing but cycles.
      return nodes.indices.last { index.counts($0) && nodes[$0].kind.isTurn }
    }
    let main = terminals.filter { !nodes[Int(turns[$0])].flags.contains(.sideChain) }
    if !main.isEmpty { terminals = main }
    if let choice = index.leafChoice, choice.slot >= 0 {
      let chosen = Int(index.nodeOfSlot[Int(choice.slot)])
      if chosen >= 0 {
        let descends = descendants(of: chosen)
        let below = terminals.filter { descends[$0] }
        if !below.isEmpty { terminals = below }
      }
    }
    return terminals.max { (turns[$0], $0) < (turns[$1], $1) }
  }

  /// For each node the nearest user or assistant record on the way up, or −1.
  private func nearestTurns() -> [Int32] {
    var nearest = [Int32](repeating: -2, count: index.nodes.count)
    var path: [Int] = []
    for start in index.nodes.indices where nearest[start] == -2 {
      var node = start
      path.removeAll(keepingCapacity: true)
      var found: Int32 = -1
      while true {
        if nearest[node] != -2 {
          found = nearest[node]
          break
        }
        if index.nodes[node].kind.isTurn {
          found = Int32(node)
          nearest[node] = found
          break
        }
        nearest[node] = -1  // Also ends cycles.
        path.append(node)
        guard parents[node] >= 0 else { break }
        node = Int(parents[node])
      }
      for node in path { nearest[node] = found }
    }
    return nearest
  }

  /// Which nodes are a node or follow it.
  private func descendants(of top: Int) -> [Bool] {
    // 0 unknown, 1 yes, 2 no.
    var state = [UInt8](repeating: 0, count: parents.count)
    state[top] = 1
    var path: [Int] = []
    for start in parents.indices where state[start] == 0 {
      var node = start
      path.removeAll(keepingCapacity: true)
      while node >= 0, state[node] == 0 {
        state[node] = 2
        path.append(node)
        node = Int(parents[node])
      }
      if node >= 0, state[node] == 1 { for node in path { state[node] = 1 } }
    }
    return state.map { $0 == 1 }
  }

  // MARK: Walk

  /// Marks the chain; the boundary that ended it.
  private mutating func walk(from leaf: Int) -> Int? {
    var node = leaf
    while !isUsed[node] {
      isUsed[node] = true
      if index.nodes[node].flags.contains(.boundary) { return node }
      guard parents[node] >= 0 else { return nil }
      node = Int(parents[node])
    }
    return nil
  }

  private mutating func usePreserved(_ kept: ClaudeIndex.Preserved) {
    func use(_ slot: Int32) {
      guard slot >= 0, index.nodeOfSlot[Int(slot)] >= 0 else { return }
      isUsed[Int(index.nodeOfSlot[Int(slot)])] = true
    }
    guard kept.anchor >= 0, index.nodeOfSlot[Int(kept.anchor)] >= 0 else { return }
    for slot in kept.slots { use(slot) }
    guard kept.head >= 0, kept.tail >= 0 else { return }
    var path: [Int] = []
    var node = index.nodeOfSlot[Int(kept.tail)]
    let head = index.nodeOfSlot[Int(kept.head)]
    while node >= 0, path.count <= parents.count {
      path.append(Int(node))
      if node == head {
        for node in path { isUsed[node] = true }
        return
      }
      node = parents[Int(node)]
    }
  }

  /// Lines of responses on the chain that the walk missed, then the results of their calls.
  private mutating func useParallel() {
    var responses: Set<UInt64> = []
    var answered: Set<UInt64> = []
    for (number, node) in index.nodes.enumerated() where isUsed[number] {
      if node.kind == .assistant, node.response != 0 { responses.insert(node.response) }
      if node.answered != 0 { answered.insert(node.answered) }
    }
    guard !responses.isEmpty else { return }
    for (number, node) in index.nodes.enumerated()
    where !isUsed[number] && node.kind == .assistant && index.counts(number)
      && responses.contains(node.response)
    {
      isUsed[number] = true
    }
    for (number, node) in index.nodes.enumerated()
    where !isUsed[number] && node.answered != 0 && index.counts(number)
      && !answered.contains(node.answered)
    {
      var calls = [parents[number]]
      if node.source >= 0 { calls.append(index.nodeOfSlot[Int(node.source)]) }
      let belongs = calls.contains {
        $0 >= 0 && isUsed[Int($0)] && index.nodes[Int($0)].kind == .assistant
      }
      guard belongs else { continue }
      answered.insert(node.answered)
      isUsed[number] = true
    }
  }
}
