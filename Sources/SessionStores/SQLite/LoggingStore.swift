internal import Synchronization

/// Gets a sentence about what went wrong.
///
/// Original: `WarnFunc`.
public typealias WarnFunction = @Sendable (String) -> Void

/// A store that tells of failed writing calls, once per kind of call.
///
/// Original: `LoggingStore`.
///
/// The failure is thrown all the same. Reading, listing, deleting and replacing pass through untold.
public final class LoggingStore: SessionStore {
  private let base: any SessionStore
  private let warn: WarnFunction?
  private let told = Mutex<Set<String>>([])

  /// Wraps a store.
  ///
  /// Original: `NewLoggingStore`.
  ///
  /// - Parameter warn: Gets `session <call> failed: <error>`; nil for silence.
  public init(_ base: any SessionStore, warn: WarnFunction?) {
    self.base = base
    self.warn = warn
  }

  private func telling(
    _ call: String, _ body: () throws(StoreError) -> Void
  ) throws(StoreError) {
    do throws(StoreError) {
      try body()
    } catch {
      if let warn, told.withLock({ $0.insert(call).inserted }) {
        warn("session \(call) failed: \(error)")
      }
      throw error
    }
  }

  /// Passes the call on; see ``SessionStore``.
  public func create(_ session: inout Session) throws(StoreError) {
    try telling("Create") { () throws(StoreError) in try base.create(&session) }
  }
  /// Passes the call on; see ``SessionStore``.
  public func get(_ id: String) throws(StoreError) -> Session? { try base.get(id) }
  /// Passes the call on; see ``SessionStore``.
  public func getByNumber(_ number: Int64) throws(StoreError) -> Session? {
    try base.getByNumber(number)
  }
  /// Passes the call on; see ``SessionStore``.
  public func getByPrefix(_ prefix: String) throws(StoreError) -> Session? {
    try base.getByPrefix(prefix)
  }
  /// Passes the call on; see ``SessionStore``.
  public func update(_ session: inout Session) throws(StoreError) {
    try telling("Update") { () throws(StoreError) in try base.update(&session) }
  }
  /// Passes the call on; see ``SessionStore``.
  public func delete(_ id: String) throws(StoreError) { try base.delete(id) }
  /// Passes the call on; see ``SessionStore``.
  public func list(_ options: ListOptions) throws(StoreError) -> [SessionSummary] {
    try base.list(options)
  }
  /// Passes the call on; see ``SessionStore``.
  public func search(_ options: SearchOptions) throws(StoreError) -> [SearchResult] {
    try base.search(options)
  }
  /// Passes the call on; see ``SessionStore``.
  public func addMessage(_ message: inout Message, to sessionID: String) throws(StoreError) {
    try telling("AddMessage") { () throws(StoreError) in
      try base.addMessage(&message, to: sessionID)
    }
  }
  /// Passes the call on; see ``SessionStore``.
  public func getMessages(
    _ sessionID: String, limit: Int, offset: Int
  ) throws(StoreError) -> [Message] {
    try base.getMessages(sessionID, limit: limit, offset: offset)
  }
  /// Passes the call on; see ``SessionStore``.
  public func replaceMessages(_ messages: [Message], of sessionID: String) throws(StoreError) {
    try base.replaceMessages(messages, of: sessionID)
  }
  /// Passes the call on; see ``SessionStore``.
  public func updateMetrics(_ id: String, adding metrics: Metrics) throws(StoreError) {
    try telling("UpdateMetrics") { () throws(StoreError) in
      try base.updateMetrics(id, adding: metrics)
    }
  }
  /// Passes the call on; see ``SessionStore``.
  public func updateStatus(_ id: String, _ status: SessionStatus) throws(StoreError) {
    try telling("UpdateStatus") { () throws(StoreError) in try base.updateStatus(id, status) }
  }
  /// Passes the call on; see ``SessionStore``.
  public func incrementUserTurns(_ id: String) throws(StoreError) {
    try telling("IncrementUserTurns") { () throws(StoreError) in try base.incrementUserTurns(id) }
  }
  /// Passes the call on; see ``SessionStore``.
  public func setCurrent(_ id: String) throws(StoreError) {
    try telling("SetCurrent") { () throws(StoreError) in try base.setCurrent(id) }
  }
  /// Passes the call on; see ``SessionStore``.
  public func getCurrent() throws(StoreError) -> Session? { try base.getCurrent() }
  /// Passes the call on; see ``SessionStore``.
  public func clearCurrent() throws(StoreError) { try base.clearCurrent() }
  /// Passes the call on; see ``SessionStore``.
  public func close() throws(StoreError) { try base.close() }
}
