public import SessionModel

/// What every store of sessions like ``JSONLStore`` can do.
///
/// Original: `Store`.
public protocol SessionStore: Sendable {
  /// Writes a session as a whole, and sets when it was updated. Original: `Save`.
  func save(_ session: inout Session) throws(StoreError)
  /// Reads a session. Original: `Load`.
  ///
  /// - Throws: `.notFound` if there is none.
  func load(_ id: String) throws(StoreError) -> Session
  /// All sessions without their messages, the last updated first. Original: `List`.
  func list() throws(StoreError) -> [Session]
  /// Removes a session; one that does not exist is not an error. Original: `Delete`.
  func delete(_ id: String) throws(StoreError)
  /// A session as Markdown. Original: `ExportMarkdown`.
  func exportMarkdown(_ id: String) throws(StoreError) -> String
  /// Removes sessions not updated since a point in time. Original: `CleanupOlderThan`.
  ///
  /// - Returns: How many were removed.
  @discardableResult
  func cleanup(olderThan time: Timestamp) throws(StoreError) -> Int
  /// Notes that earlier messages were replaced by a shorter list. Original: `AppendCheckpoint`.
  func appendCheckpoint(_ messages: [Message], tokenCount: Int64, to session: inout Session)
    throws(StoreError)
}
