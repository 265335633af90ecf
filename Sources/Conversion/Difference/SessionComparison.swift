internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Compares two sessions: once through both for what stands for what, once more for the details.
struct SessionComparison {
  let first: any SessionSource
  let second: any SessionSource
  let includesAll: Bool
  let isStrict: Bool

  func run(_ a: String, _ b: String) throws(FormatError) -> SessionDifference {
    var difference = SessionDifference(first: a, second: b)
    var values = ValueComparison(isStrict: isStrict)
    values.compare(
      try first.reader(for: a).head, try second.reader(for: b).head, into: &difference)
    var (unitsA, unitsB) = try open(a, b)
    let alignment = Alignment(try Self.keys(&unitsA), try Self.keys(&unitsB))
    (unitsA, unitsB) = try open(a, b)
    for step in alignment.steps {
      switch step {
      case .both:
        guard let one = try unitsA.next(), let other = try unitsB.next() else {
          throw Self.changed
        }
        values.compare(one, other, into: &difference)
      case .first:
        guard let one = try unitsA.next() else { throw Self.changed }
        difference.add(
          one.kind, .first, .init(place: one.place, first: values.excerpt(one), second: nil))
      case .second:
        guard let other = try unitsB.next() else { throw Self.changed }
        difference.add(
          other.kind, .second, .init(place: other.place, first: nil, second: values.excerpt(other)))
      }
    }
    return difference
  }

  private static var changed: FormatError {
    FormatError(
      .notReadable, "a session changed while it was compared", advice: "compare again")
  }

  private func open(_ a: String, _ b: String) throws(FormatError) -> (TimelineUnits, TimelineUnits)
  {
    (
      TimelineUnits(try first.reader(for: a), includesAll: includesAll),
      TimelineUnits(try second.reader(for: b), includesAll: includesAll)
    )
  }

  private static func keys(_ units: inout TimelineUnits) throws(FormatError) -> [Alignment.Key] {
    var keys: [Alignment.Key] = []
    while let unit = try units.next() {
      keys.append(Alignment.Key(kind: unit.kind, hash: unit.key.value))
    }
    return keys
  }
}
