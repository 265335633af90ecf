internal import SessionCoding
internal import SessionModel

/// An order of sessions in which parents come before what descends from them.
struct ParentsFirst {
  private let source: any SessionSource
  private let targetID: String

  /// - Parameter targetID: The format that is written, in which returning sessions have other names.
  init(_ source: any SessionSource, _ targetID: String) {
    self.source = source
    self.targetID = targetID
  }

  /// The sessions in such an order, else in the one that they have.
  func ordered(_ sessions: [SessionSummary]) -> [SessionSummary] {
    let links = sessions.map { link(of: $0.id) }
    if links.allSatisfy({ $0.parent == nil }) { return sessions }
    let places = Dictionary(links.enumerated().map { ($1.name, $0) }) { first, _ in first }
    var isPlaced = [Bool](repeating: false, count: sessions.count)
    var ordered: [SessionSummary] = []
    for place in sessions.indices {
      // From the session up; parents that go round in a circle end where it closes.
      var line: [Int] = []
      var next: Int? = place
      while let present = next, !isPlaced[present] {
        isPlaced[present] = true
        line.append(present)
        next = links[present].parent.flatMap { places[$0] }
      }
      ordered += line.reversed().map { sessions[$0] }
    }
    return ordered
  }

  /// A session's name and its parent's, as they are at the target for one that comes back.
  private func link(of id: String) -> (name: String, parent: String?) {
    // What cannot be read is told when its turn comes.
    if let header = try? source.carryHeader(of: id)?.header, header.format == targetID {
      return (header.id, CanonicalJSON.head(from: header.sourceHead)?.parent?.id)
    }
    // As above.
    return (id, (try? source.reader(for: id))?.head.parent?.id)
  }
}
