/// Which records the program uses when it resumes a session (observed with 2.1.329).
///
/// From a leaf the parents are followed to the root or to the last compaction boundary; then come
/// the lines that the boundary preserved, and what a walk misses where parallel calls made a tree.
/// All walks are loops over numbers: neither depth nor cycles matter.
struct ClaudeChain: Sendable {
  private static let none = RecordTree.none

  /// For each record of the graph, whether the program uses it.
  private(set) var isUsed: [Bool]
  /// The record that the next one would follow; nil when there is none.
  private(set) var leaf: Int?
  /// Records that a compaction preserved, in the order in which they are sent, and the summary that they
  /// are sent after.
  private(set) var preserved: [Int] = []
  private(set) var anchor: Int?
  /// Records whose named parent is missing, with the one that stands in for it, or ``RecordTree/none``.
  private(set) var repaired: [Int: Int] = [:]
  /// Records whose parent closes a cycle.
  private(set) var cycles: Set<Int> = []

  init(_ graph: ClaudeGraph) {
    isUsed = [Bool](repeating: false, count: graph.nodes.count)
    var walk = Walk(
      graph: graph, parents: graph.nodes.indices.map { graph.tree.parent(of: $0) ?? Self.none })
    repaired = walk.repairParents()
    cycles = walk.cycles()
    leaf = walk.leaf()
    guard let leaf else { return }
    let boundary = use(from: leaf, walk)
    let onPath = isUsed
    if let kept = boundary.flatMap({ graph.preserved[$0] }) { use(kept, walk) }
    useParallel(walk)
    for (place, node) in graph.nodes.enumerated() where node.isUnsent { isUsed[place] = false }
    settlePreserved(onPath)
  }

  /// Uses the records from a leaf up; gives the boundary that ended them.
  private mutating func use(from leaf: Int, _ walk: Walk) -> Int? {
    var place = leaf
    while place != Self.none, !isUsed[place] {
      isUsed[place] = true
      if walk.graph.nodes[place].isBoundary { return place }
      place = walk.parents[place]
    }
    return nil
  }

  /// What stands before its summary is sent after it: there, and not where it stands, it is in use.
  private mutating func settlePreserved(_ onPath: [Bool]) {
    guard let anchor else { return }
    let listed = preserved
    // Lines of the same responses, and results of their calls, go with them.
    let before = isUsed.indices.prefix(anchor).filter { isUsed[$0] && !onPath[$0] }
    var seen: Set<Int> = []
    preserved = (listed + before).filter {
      $0 < anchor && isUsed[$0] && !onPath[$0] && seen.insert($0).inserted
    }
    if preserved.count > listed.count { preserved.sort() }
    for place in preserved { isUsed[place] = false }
  }

  private mutating func use(_ kept: ClaudeGraph.Preserved, _ walk: Walk) {
    let graph = walk.graph
    guard let summary = graph.place(kept.anchor) else { return }
    anchor = summary
    preserved = kept.ids.compactMap { graph.place($0) }
    for place in preserved { isUsed[place] = true }
    guard let head = graph.place(kept.head), var place = graph.place(kept.tail) else { return }
    var path = [place]
    while place != head {
      place = walk.parents[place]
      guard place != Self.none, path.count <= walk.parents.count else { return }
      path.append(place)
    }
    for place in path { isUsed[place] = true }
    preserved += path.reversed()
  }

  /// Uses lines of responses on the chain that the walk missed, then the results of their calls.
  private mutating func useParallel(_ walk: Walk) {
    let graph = walk.graph
    let used = graph.nodes.indices.filter { isUsed[$0] }
    let responses = Set(used.compactMap { graph.nodes[$0].response })
    var answered = Set(used.compactMap { graph.nodes[$0].answered })
    for (place, node) in graph.nodes.enumerated() {
      if let response = node.response, responses.contains(response), graph.counts(place) {
        isUsed[place] = true
      }
    }
    for (place, node) in graph.nodes.enumerated() where !isUsed[place] {
      guard let call = node.answered, !answered.contains(call), graph.counts(place) else {
        continue
      }
      let belongs = [walk.parents[place], graph.place(node.source) ?? Self.none].contains {
        $0 != Self.none && isUsed[$0] && graph.nodes[$0].kind == .assistant
      }
      guard belongs else { continue }
      answered.insert(call)
      isUsed[place] = true
    }
  }
}

/// The graph with the parents that the program takes.
private struct Walk {
  let graph: ClaudeGraph
  /// The place of each record's parent, or ``RecordTree/none``.
  var parents: [Int]

  private static let none = RecordTree.none

  /// Gives records whose parent is missing another one: the latest of those before them in time.
  mutating func repairParents() -> [Int: Int] {
    var repaired: [Int: Int] = [:]
    let dangling = graph.nodes.indices.filter {
      graph.tree.parent(of: $0) == Self.none && graph.counts($0)
    }
    guard !dangling.isEmpty else { return [:] }
    // In order of time, the first in the file among equals last.
    let timed = graph.nodes.indices.filter {
      graph.nodes[$0].time != nil && graph.nodes[$0].kind.isRepaired && graph.counts($0)
    }.sorted { (time($0), $1) < (time($1), $0) }
    for place in dangling {
      repaired[place] = Self.none
      guard graph.nodes[place].kind.isRepaired, graph.nodes[place].time != nil else { continue }
      // The first that is later; what comes right before it is the latest that is not.
      var (low, high) = (0, timed.count)
      while low < high {
        let middle = (low + high) / 2
        if time(timed[middle]) <= time(place) { low = middle + 1 } else { high = middle }
      }
      guard let parent = timed[..<low].last(where: { $0 != place }) else { continue }
      (parents[place], repaired[place]) = (parent, parent)
    }
    return repaired
  }

  private func time(_ place: Int) -> Int64 { graph.nodes[place].time ?? 0 }

  /// The earliest record of each cycle, which loses its parent in what we hand out.
  func cycles() -> Set<Int> {
    var cycles: Set<Int> = []
    var seenFrom = [Int](repeating: Self.none, count: parents.count)
    for start in parents.indices where seenFrom[start] == Self.none {
      var place = start
      while place != Self.none, seenFrom[place] == Self.none {
        seenFrom[place] = start
        place = parents[place]
      }
      guard place != Self.none, seenFrom[place] == start else { continue }
      var (first, member) = (place, parents[place])
      while member != place {
        first = min(first, member)
        member = parents[member]
      }
      cycles.insert(first)
    }
    return cycles
  }

  /// The record that the program goes on from.
  func leaf() -> Int? {
    let choice = graph.leafChoice
    let chosen = graph.place(choice?.id)
    if let choice, let chosen, choice.isExplicit, let last = graph.nodes.last,
      last.line < choice.line
    {
      return chosen
    }
    var hasChild = [Bool](repeating: false, count: parents.count)
    for place in parents.indices where parents[place] != Self.none && graph.counts(place) {
      hasChild[parents[place]] = true
    }
    let turns = nearest { graph.nodes[$0].kind.isTurn }
    var leaves = parents.indices.filter {
      graph.counts($0) && !hasChild[$0] && turns[$0] != Self.none
    }
    if leaves.isEmpty {
      // Nothing but cycles.
      return parents.indices.last { graph.counts($0) && graph.nodes[$0].kind.isTurn }
    }
    func prefer(_ isBetter: (Int) -> Bool) {
      let better = leaves.filter(isBetter)
      if !better.isEmpty { leaves = better }
    }
    prefer { !graph.nodes[turns[$0]].isSideChain }
    if let chosen {
      let above = nearest { $0 == chosen }
      prefer { above[$0] == chosen }
    }
    return leaves.max { (turns[$0], $0) < (turns[$1], $1) }
  }

  /// For each record itself or the nearest above it of which something holds.
  private func nearest(_ holds: (Int) -> Bool) -> [Int] {
    let unknown = -2
    var nearest = [Int](repeating: unknown, count: parents.count)
    for start in parents.indices where nearest[start] == unknown {
      var path: [Int] = []
      var place = start
      while place != Self.none, nearest[place] == unknown {
        nearest[place] = holds(place) ? place : Self.none  // Also ends cycles.
        path.append(place)
        if nearest[place] != Self.none { break }
        place = parents[place]
      }
      let found = place == Self.none ? Self.none : nearest[place]
      for place in path { nearest[place] = found }
    }
    return nearest
  }
}
