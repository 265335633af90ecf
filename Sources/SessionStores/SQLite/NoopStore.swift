/// The store that keeps nothing: writing succeeds, reading finds nothing.
///
/// Original: `NoopStore`.
public struct NoopStore: SessionStore {
  /// Creates the store.
  public init() {}

  /// Keeps and finds nothing.
  public func create(_ session: inout Session) {
    if session.id.isEmpty { session.id = newID() }
  }
  /// Keeps and finds nothing.
  public func get(_ id: String) -> Session? { nil }
  /// Keeps and finds nothing.
  public func getByNumber(_ number: Int64) -> Session? { nil }
  /// Keeps and finds nothing.
  public func getByPrefix(_ prefix: String) -> Session? { nil }
  /// Keeps and finds nothing.
  public func update(_ session: inout Session) {}
  /// Keeps and finds nothing.
  public func delete(_ id: String) {}
  /// Keeps and finds nothing.
  public func list(_ options: ListOptions) -> [SessionSummary] { [] }
  /// Keeps and finds nothing.
  public func search(_ options: SearchOptions) -> [SearchResult] { [] }
  /// Keeps and finds nothing.
  public func addMessage(_ message: inout Message, to sessionID: String) {}
  /// Keeps and finds nothing.
  public func getMessages(_ sessionID: String, limit: Int, offset: Int) -> [Message] { [] }
  /// Keeps and finds nothing.
  public func replaceMessages(_ messages: [Message], of sessionID: String) {}
  /// Keeps and finds nothing.
  public func updateMetrics(_ id: String, adding metrics: Metrics) {}
  /// Keeps and finds nothing.
  public func updateStatus(_ id: String, _ status: SessionStatus) {}
  /// Keeps and finds nothing.
  public func incrementUserTurns(_ id: String) {}
  /// Keeps and finds nothing.
  public func setCurrent(_ id: String) {}
  /// Keeps and finds nothing.
  public func getCurrent() -> Session? { nil }
  /// Keeps and finds nothing.
  public func clearCurrent() {}
  /// Keeps and finds nothing.
  public func close() {}
}
