/// Which elements of two sequences stand for each other.
///
/// Elements that are unique on both sides and come in the same order are fixed points; between them
/// the same is done again, and what then remains is paired in order when it is of the same kind.
struct Alignment {
  /// One step through both sequences.
  enum Step: Hashable {
    /// The next elements of both sides stand for each other.
    case both
    /// The next element of the first side stands alone.
    case first
    /// The next element of the second side stands alone.
    case second
  }

  /// The steps in order.
  private(set) var steps: [Step] = []
  private let first: [Key]
  private let second: [Key]

  /// What is known of an element.
  struct Key: Hashable {
    var kind: String
    var hash: UInt64
  }

  /// Aligns two sequences.
  ///
  /// - Complexity: O(*n* log *n*) for each level of nesting between fixed points.
  init(_ first: [Key], _ second: [Key]) {
    self.first = first
    self.second = second
    steps.reserveCapacity(max(first.count, second.count))
    align(first.indices, second.indices)
  }

  private mutating func align(_ whole: Range<Int>, _ other: Range<Int>) {
    // Ranges still to do, the next one last.
    var stack = [(whole, other)]
    while let (a, b) = stack.popLast() {
      let start = zip(a, b).prefix { first[$0] == second[$1] }.count
      steps += repeatElement(.both, count: start)
      let restA = a.dropFirst(start)
      let restB = b.dropFirst(start)
      let end = zip(restA.reversed(), restB.reversed()).prefix { first[$0] == second[$1] }.count
      let middleA = restA.startIndex..<(restA.endIndex - end)
      let middleB = restB.startIndex..<(restB.endIndex - end)
      if middleA.isEmpty || middleB.isEmpty {
        finish(middleA, middleB, thenBoth: end)
        continue
      }
      let anchors = anchors(middleA, middleB)
      guard !anchors.isEmpty else {
        finish(middleA, middleB, thenBoth: end)
        continue
      }
      var parts: [(Range<Int>, Range<Int>)] = []
      var (fromA, fromB) = (middleA.lowerBound, middleB.lowerBound)
      for (atA, atB) in anchors {
        parts.append((fromA..<atA, fromB..<atB))
        (fromA, fromB) = (atA, atB)
      }
      // The last part begins with an anchor, so it is smaller than the whole, and so are the others.
      parts.append((fromA..<restA.endIndex, fromB..<restB.endIndex))
      stack += parts.reversed()
    }
  }

  /// Pairs what has no fixed point, by kind and order.
  private mutating func finish(_ a: Range<Int>, _ b: Range<Int>, thenBoth end: Int) {
    var position = b.lowerBound
    for index in a {
      if position < b.upperBound, first[index].kind == second[position].kind {
        steps.append(.both)
        position += 1
      } else {
        steps.append(.first)
      }
    }
    steps += repeatElement(.second, count: b.upperBound - position)
    steps += repeatElement(.both, count: end)
  }

  /// Pairs of elements that are unique in both ranges, in an order that holds on both sides.
  private func anchors(_ a: Range<Int>, _ b: Range<Int>) -> [(Int, Int)] {
    var places: [Key: (a: Int?, b: Int?, isUnique: Bool)] = [:]
    for index in a {
      let known = places[first[index]]
      places[first[index]] = (index, nil, known == nil)
    }
    for index in b {
      guard let known = places[second[index]] else { continue }
      places[second[index]] = (known.a, index, known.isUnique && known.b == nil)
    }
    let pairs = places.values.compactMap { place -> (Int, Int)? in
      guard place.isUnique, let a = place.a, let b = place.b else { return nil }
      return (a, b)
    }
    return Self.longestIncreasing(pairs.sorted { $0.0 < $1.0 })
  }

  /// The longest part of the pairs, sorted by the first number, whose second numbers increase.
  private static func longestIncreasing(_ pairs: [(Int, Int)]) -> [(Int, Int)] {
    // ends[k] is the pair that ends the best chain of length k + 1.
    var ends: [Int] = []
    var before = [Int](repeating: -1, count: pairs.count)
    for (index, pair) in pairs.enumerated() {
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if pairs[ends[middle]].1 < pair.1 { low = middle + 1 } else { high = middle }
      }
      if low > 0 { before[index] = ends[low - 1] }
      if low == ends.count { ends.append(index) } else { ends[low] = index }
    }
    var chain: [(Int, Int)] = []
    var index = ends.last ?? -1
    while index >= 0 {
      chain.append(pairs[index])
      index = before[index]
    }
    return chain.reversed()
  }
}
