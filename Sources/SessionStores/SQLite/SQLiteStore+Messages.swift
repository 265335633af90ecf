internal import SessionFormats
internal import SessionModel

extension SQLiteStore {
  /// Stores a message and completes it: session, identifier, sequence, time.
  ///
  /// Original: `AddMessage`.
  ///
  /// A sequence below zero takes the next free one; any other must be free. Counters of turns are
  /// not touched, see ``incrementUserTurns(_:)``.
  /// - Throws: `.database` if the session is missing, the sequence taken, or the role unknown.
  public func addMessage(_ message: inout Message, to sessionID: String) throws(StoreError) {
    message.sessionID = sessionID
    if message.createdAt.isGoZero { message.createdAt = now() }
    var stored = message
    do throws(StoreError) {
      try connection.write { access throws(StoreError) in
        stored = message
        if stored.sequence < 0 {
          stored.sequence = try nextSequence(sessionID, access)
          // Documented releases give the sequence even when the insertion fails.
          if release == .documented { message.sequence = stored.sequence }
        }
        stored.id = try insert(stored, access)
        try touch(sessionID, access)
        guard release == .current else { return }
        if !stored.isCompactionTail, stored.role == "user" || stored.role == "assistant" {
          try access.run(
            "UPDATE sessions SET last_message_at = ?2 WHERE id = ?1",
            [SQLiteValue(sessionID), .time(stored.createdAt)])
        }
        try noteChange(sessionID, access)
      }
    } catch {
      throw error.during("insert message")
    }
    message = stored
  }

  /// Messages in order; a limit of 0 for all.
  ///
  /// Original: `GetMessages`.
  ///
  /// - Throws: `.malformed` if one of them cannot be read; `.database` for an offset without a limit
  ///   in a documented database.
  public func getMessages(
    _ sessionID: String, limit: Int, offset: Int
  ) throws(StoreError) -> [Message] {
    var tail = " ORDER BY sequence ASC"
    if limit > 0 { tail += " LIMIT \(limit)" }
    if offset > 0 {
      if limit <= 0, release == .current { tail += " LIMIT -1" }
      tail += " OFFSET \(offset)"
    }
    return try messages("session_id = ?1" + tail, [SQLiteValue(sessionID)])
  }

  /// Messages from a sequence on, in order; a limit of 0 for all.
  ///
  /// Original: `GetMessagesFrom`.
  public func getMessages(
    _ sessionID: String, fromSequence sequence: Int64, limit: Int = 0
  ) throws(StoreError) -> [Message] {
    try messages(
      "session_id = ?1 AND sequence >= ?2 ORDER BY sequence ASC LIMIT \(limit > 0 ? limit : -1)",
      [SQLiteValue(sessionID), .integer(sequence)])
  }

  /// Messages before a sequence, the last first; a limit of 0 for all.
  ///
  /// Original: `GetMessagesPageDescending`.
  public func getMessages(
    _ sessionID: String, beforeSequence sequence: Int64, limit: Int
  ) throws(StoreError) -> [Message] {
    try messages(
      "session_id = ?1 AND sequence < ?2 ORDER BY sequence DESC LIMIT \(limit > 0 ? limit : -1)",
      [SQLiteValue(sessionID), .integer(sequence)])
  }

  private func messages(
    _ condition: String, _ arguments: [SQLiteValue]
  ) throws(StoreError) -> [Message] {
    let rows: [[SQLiteValue]]
    do throws(StoreError) {
      rows = try connection.use { access throws(StoreError) in
        try access.rows(select(condition), arguments)
      }
    } catch {
      throw error.during("query messages")
    }
    var messages: [Message] = []
    messages.reserveCapacity(rows.count)
    for row in rows { messages.append(try MessageRow.message(row, release)) }
    return messages
  }

  func select(_ condition: String) -> String {
    let columns = MessageRow.columns(release).joined(separator: ", ")
    return "SELECT \(columns) FROM messages WHERE \(condition)"
  }

  /// Puts messages in the place of all that a session has.
  ///
  /// Original: `ReplaceMessages`.
  ///
  /// Sequences are given anew from 0. Current databases keep the rows at the beginning that do not
  /// change, forget compactions, and count the person's turns anew.
  /// - Throws: `.notFound` in current databases if there is no such session.
  public func replaceMessages(_ messages: [Message], of sessionID: String) throws(StoreError) {
    try connection.write { access throws(StoreError) in
      if release == .documented {
        try access.run("DELETE FROM messages WHERE session_id = ?1", [SQLiteValue(sessionID)])
        try insertAll(messages[...], from: 0, into: sessionID, access)
        try touch(sessionID, access)
        return
      }
      try requireSession(sessionID, access)
      let kept = try unchangedPrefix(messages, of: sessionID, access)
      try access.run(
        kept == 0
          ? "DELETE FROM messages WHERE session_id = ?1"
          : "DELETE FROM messages WHERE session_id = ?1 AND sequence >= \(kept)",
        [SQLiteValue(sessionID)])
      try insertAll(messages.dropFirst(kept), from: kept, into: sessionID, access)
      try access.run(
        """
        UPDATE sessions SET user_turns = (
          SELECT COUNT(*) FROM messages WHERE session_id = ?1 AND role = 'user'),
          compaction_seq = -1, compaction_count = 0 WHERE id = ?1
        """, [SQLiteValue(sessionID)])
      try recomputeTimes(sessionID, access)
      try touch(sessionID, access)
      try noteChange(sessionID, access)
    }
  }

  private func insertAll(
    _ messages: ArraySlice<Message>, from first: Int, into sessionID: String,
    _ access: borrowing Connection.Access
  ) throws(StoreError) {
    for (offset, message) in messages.enumerated() {
      var message = message
      message.sessionID = sessionID
      message.sequence = Int64(first + offset)
      message.isCompactionTail = false
      if message.createdAt.isGoZero { message.createdAt = now() }
      do throws(StoreError) {
        _ = try insert(message, access)
      } catch {
        throw error.during("insert message")
      }
    }
  }

  /// How many rows at the beginning stay as they are.
  private func unchangedPrefix(
    _ messages: [Message], of sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) -> Int {
    let compared = MessageRow.columns(release).filter {
      !["id", "session_id", "created_at"].contains($0)
    }
    let rows = try access.rows(
      "SELECT \(compared.joined(separator: ", ")) FROM messages WHERE session_id = ?1 "
        + "ORDER BY sequence", [SQLiteValue(sessionID)])
    let place = compared.firstIndex(of: "sequence") ?? 0
    let sequences = rows.map { $0[place].int64 ?? -1 }
    if sequences.contains(where: { $0 < 0 }) || Set(sequences).count < sequences.count { return 0 }
    for (index, (row, message)) in zip(rows, messages).enumerated() {
      var message = message
      message.sequence = Int64(index)
      message.isCompactionTail = false
      let values = MessageRow.values(stored(message), release)
      let wanted = compared.map { name in values.first { $0.column == name }?.value ?? .null }
      if row != wanted { return index }
    }
    return min(rows.count, messages.count)
  }

  /// Appends what stands for the messages so far, and has the context begin with it.
  ///
  /// Original: `CompactMessages`.
  ///
  /// Leading system messages are left out. Earlier messages stay.
  /// - Throws: `.notFound` if there is no such session.
  public func compactMessages(_ messages: [Message], of sessionID: String) throws(StoreError) {
    try requireCurrent()
    try connection.write { access throws(StoreError) in
      try requireSession(sessionID, access)
      let first = try nextSequence(sessionID, access)
      var sequence = first
      for message in messages.drop(while: { $0.role == "system" }) {
        var message = message
        message.sessionID = sessionID
        message.sequence = sequence
        if message.createdAt.isGoZero { message.createdAt = now() }
        do throws(StoreError) {
          _ = try insert(message, access)
        } catch {
          throw error.during("insert message")
        }
        sequence += 1
      }
      try access.run(
        "UPDATE sessions SET compaction_seq = ?2, compaction_count = compaction_count + 1 "
          + "WHERE id = ?1", [SQLiteValue(sessionID), .integer(first)])
      try touch(sessionID, access)
      try noteChange(sessionID, access)
    }
  }
}
