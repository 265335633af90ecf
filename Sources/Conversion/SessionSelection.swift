public import SessionCoding

/// Picks sessions by identifiers or unique prefixes of them.
public struct SessionSelection: Sendable {
  private let wanted: [String]

  /// Creates a selection; an empty one picks all.
  public init(_ wanted: [String]) { self.wanted = wanted }

  /// The sessions picked, in the order of the list.
  ///
  /// - Throws: `.notFound` for an identifier or prefix that no session has, or more than one.
  public func select(from sessions: [SessionSummary]) throws(FormatError) -> [SessionSummary] {
    try select(from: sessions, id: \.id)
  }

  /// The same of anything that has an identifier.
  public func select<Session>(
    from sessions: [Session], id: (Session) -> String
  ) throws(FormatError) -> [Session] {
    guard !wanted.isEmpty else { return sessions }
    var picked: Set<String> = []
    for name in wanted {
      if sessions.contains(where: { id($0) == name }) {
        picked.insert(name)
        continue
      }
      var matches = sessions.filter { id($0).hasPrefix(name) }
      // A sub-agent is named after its session, which is the one that is meant.
      let owners = Set(matches.map(id))
      matches.removeAll { session in
        id(session).firstIndex(of: "/").map { owners.contains(String(id(session)[..<$0])) } ?? false
      }
      guard matches.count == 1 else {
        throw FormatError(
          .notFound,
          matches.isEmpty
            ? "no session \(name)" : "\(matches.count) sessions start with \(name)",
          advice: "see the identifiers with `carryover list`")
      }
      picked.insert(id(matches[0]))
    }
    return sessions.filter { picked.contains(id($0)) }
  }
}
