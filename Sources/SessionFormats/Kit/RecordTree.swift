/// Records linked by their parents.
///
/// Of several records with one identifier the last counts; a parent that is not there, or that would
/// close a circle, ends a path.
struct RecordTree: Sendable {
  /// Stands for no record.
  static let none = -1

  /// The identifiers of the records, in order; nil for a record without one.
  private(set) var ids: [String?] = []
  private var parentIDs: [String?] = []
  /// The place of each identifier's last record.
  private(set) var places: [String: Int] = [:]

  /// How many records there are.
  var count: Int { ids.count }

  /// Adds a record.
  ///
  /// - Returns: Whether no earlier record has the identifier.
  @discardableResult
  mutating func add(id: String?, parent: String?) -> Bool {
    ids.append(id)
    // One text in memory for all that name a record.
    parentIDs.append(parent.flatMap { places[$0].flatMap { ids[$0] } } ?? parent)
    guard let id else { return true }
    return places.updateValue(ids.count - 1, forKey: id) == nil
  }

  /// The place of a record's parent; nil when it has none, and ``none`` when it is not there.
  func parent(of place: Int) -> Int? {
    parentIDs[place].map { places[$0] ?? Self.none }
  }

  /// The records from a root to a leaf.
  ///
  /// - Returns: Their places, and whether the path ended because it would have closed a circle.
  /// - Complexity: O(*n*) in the length of the path.
  func path(to leaf: Int) -> (places: [Int], isCircle: Bool) {
    var path: [Int] = []
    var seen = [Bool](repeating: false, count: count)
    var place = leaf
    while place != Self.none {
      if seen[place] { return (path.reversed(), true) }
      seen[place] = true
      path.append(place)
      place = parent(of: place) ?? Self.none
    }
    return (path.reversed(), false)
  }

  /// The nearest ancestor of each record of which something holds, among the records before it.
  ///
  /// - Complexity: O(*n*) in the number of records.
  func nearest(where holds: (Int) -> Bool) -> [Int?] {
    var nearest: [Int?] = []
    nearest.reserveCapacity(count)
    for place in 0..<count {
      guard let parent = parent(of: place), parent != Self.none, parent != place else {
        nearest.append(nil)
        continue
      }
      // A parent that comes later is taken for itself alone, so that circles end.
      nearest.append(holds(parent) ? parent : parent < place ? nearest[parent] : nil)
    }
    return nearest
  }
}
