internal import FileIO
public import SessionCoding
public import SessionModel

/// Narrows sessions by when they last changed, by the folder they work in, and by number.
public struct SessionFilter: Sendable {
  /// Only sessions that changed at this time or later.
  public var since: Timestamp?
  /// Only sessions that last changed before this time.
  public var until: Timestamp?
  /// Only sessions that work in this folder or below it, as an absolute path.
  public var project: String?
  /// Only so many, those that changed last.
  public var limit: Int?

  /// Creates a filter that lets everything pass.
  public init() {}

  /// Whether everything passes.
  public var isEmpty: Bool { since == nil && until == nil && project == nil && limit == nil }

  /// The sessions that pass, in the order of the list.
  ///
  /// A session of which nobody knows when it changed passes no limit of time, and one of which nobody
  /// knows where it works no folder.
  public func select<Session>(
    from sessions: [Session], updated: (Session) -> Timestamp?, workspace: (Session) -> String?
  ) -> [Session] {
    var passed = sessions.enumerated().filter { _, session in
      if since != nil || until != nil {
        guard let time = updated(session) else { return false }
        if let since, time < since { return false }
        if let until, !(time < until) { return false }
      }
      return project.map { isBelow($0, workspace(session)) } ?? true
    }
    if let limit, passed.count > limit {
      // Of two that changed at the same time the first in the list counts.
      passed.sort { first, second in
        switch (updated(first.element), updated(second.element)) {
        case (let a?, let b?): b < a || !(a < b) && first.offset < second.offset
        case (nil, nil): first.offset < second.offset
        case (let a, _): a != nil
        }
      }
      passed = passed.prefix(limit).sorted { $0.offset < $1.offset }
    }
    return passed.map(\.element)
  }

  /// Those of some sessions of a source that pass, which are looked at as for a list.
  ///
  /// - Throws: What looking at them reports.
  public func select(_ ids: [String], of source: any SessionSource) throws(FormatError) -> Set<
    String
  > {
    guard !isEmpty else { return Set(ids) }
    let wanted = Set(ids)
    let summaries = try source.sessions(wanted).filter { wanted.contains($0.id) }
    let passed = select(
      from: summaries, updated: { $0.updated ?? $0.created }, workspace: \.workspace)
    return Set(passed.map(\.id))
  }

  private func isBelow(_ folder: String, _ workspace: String?) -> Bool {
    guard let workspace else { return false }
    let folder = cleanPath(folder)
    let place = cleanPath(workspace)
    return place == folder || place.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
  }
}
