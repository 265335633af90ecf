public import SessionCoding
internal import SessionModel

/// Compares what sessions of two sources say, whatever their formats.
///
/// Sessions belong together when they have the same identifier, or when one was converted from the
/// other; single sessions on both sides belong together in any case.
public struct StoreComparison {
  /// A side: its source, and the sessions of it that take part.
  public struct Side {
    /// The source.
    public var source: any SessionSource
    /// The format's identifier.
    public var format: String
    /// The sessions that take part.
    public var sessions: [SessionSummary]

    /// Creates a side.
    public init(source: any SessionSource, format: String, sessions: [SessionSummary]) {
      self.source = source
      self.format = format
      self.sessions = sessions
    }
  }

  private let first: Side
  private let second: Side
  private let includesAll: Bool
  private let isStrict: Bool

  /// Creates a comparison.
  ///
  /// - Parameters:
  ///   - includesAll: Whether whole timelines are compared, not only the effective views.
  ///   - isStrict: Whether facts about messages and heads that only one side states, identifiers of
  ///     messages and zones of times count; nil to let them count within one format only.
  public init(
    _ first: Side, _ second: Side, includesAll: Bool = false, isStrict: Bool? = nil
  ) {
    self.first = first
    self.second = second
    self.includesAll = includesAll
    self.isStrict = isStrict ?? (first.format == second.format)
  }

  /// Compares the sessions; those that cannot be read are told.
  public func run() -> StoreDifference {
    var difference = StoreDifference()
    let comparison = SessionComparison(
      first: first.source, second: second.source, includesAll: includesAll,
      isStrict: isStrict)
    var rest = second.sessions.map(\.id)
    let (toSecond, toFirst) = (links(second, to: first), links(first, to: second))
    for session in first.sessions {
      let partner =
        isSinglePair
        ? rest.first
        : rest.first { $0 == session.id }
          ?? rest.first { toSecond[$0] == session.id || toFirst[session.id] == $0 }
      guard let partner else {
        difference.onlyInFirst.append(session.id)
        continue
      }
      rest.removeAll { $0 == partner }
      do throws(FormatError) {
        difference.sessions.append(try comparison.run(session.id, partner))
      } catch {
        difference.unreadable.append(
          UnreadableSession(first: session.id, second: partner, reason: error.description))
      }
    }
    difference.onlyInSecond = rest
    return difference
  }

  private var isSinglePair: Bool { first.sessions.count == 1 && second.sessions.count == 1 }

  /// For each session of a side the one of the other format that it was converted from.
  private func links(_ side: Side, to other: Side) -> [String: String] {
    guard !isSinglePair, side.format != other.format else { return [:] }
    let known = Set(other.sessions.map(\.id))
    var links: [String: String] = [:]
    for session in side.sessions where !known.contains(session.id) {
      // What cannot be read belongs to none.
      if let header = (try? side.source.carryHeader(of: session.id))??.header,
        header.format == other.format
      {
        links[session.id] = header.id
      }
    }
    return links
  }
}
