internal import SessionFormats
internal import SessionModel

extension SQLiteStore {
  /// The sequence after the last one, 0 for the first.
  func nextSequence(
    _ sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) -> Int64 {
    let row = try access.rows(
      "SELECT MAX(sequence) FROM messages WHERE session_id = ?1", [SQLiteValue(sessionID)]
    ).first
    guard let last = row?[0].int64 else { return 0 }
    return last == .max ? last : last + 1
  }

  /// Inserts a row and gives its identifier.
  func insert(
    _ message: Message, keepingID: Bool = false, _ access: borrowing Connection.Access
  ) throws(StoreError) -> Int64 {
    var columns = MessageRow.values(stored(message), release)
    if keepingID { columns.append(("id", .integer(message.id))) }
    let names = columns.map(\.column).joined(separator: ", ")
    let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    try access.run(
      "INSERT INTO messages (\(names)) VALUES (\(marks))", columns.map(\.value))
    return access.lastRowID
  }

  /// Sets when a session was updated.
  func touch(_ sessionID: String, _ access: borrowing Connection.Access) throws(StoreError) {
    try access.run(
      "UPDATE sessions SET updated_at = ?2 WHERE id = ?1", [SQLiteValue(sessionID), .time(now())])
  }

  /// Counts a change of a session's messages, after which nothing can be redone.
  func noteChange(_ sessionID: String, _ access: borrowing Connection.Access) throws(StoreError) {
    try access.run(
      "UPDATE sessions SET transcript_rev = transcript_rev + 1 WHERE id = ?1",
      [SQLiteValue(sessionID)])
    try access.run("DELETE FROM session_redo WHERE session_id = ?1", [SQLiteValue(sessionID)])
  }

  /// Sets when somebody last said something, out of the rows; compared as texts.
  func recomputeTimes(
    _ sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) {
    try access.run(
      """
      UPDATE sessions SET last_user_message_at = (
        SELECT MAX(created_at) FROM messages WHERE session_id = ?1 AND role = 'user'
          AND COALESCE(compaction_tail, FALSE) = FALSE),
      last_message_at = (
        SELECT MAX(created_at) FROM messages
        WHERE session_id = ?1 AND role IN ('user', 'assistant')
          AND COALESCE(compaction_tail, FALSE) = FALSE)
      WHERE id = ?1
      """, [SQLiteValue(sessionID)])
  }

  func requireSession(
    _ sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) {
    if try access.rows("SELECT 1 FROM sessions WHERE id = ?1", [SQLiteValue(sessionID)]).isEmpty {
      throw .notFound
    }
  }
}
