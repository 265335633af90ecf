internal import JSONText
internal import SessionFormats
internal import SessionModel

/// What undoing or redoing a turn left.
///
/// Original: `TranscriptMutationResult`.
public struct TurnChange: Sendable, Hashable {
  /// The last message that is left, 0 for none.
  public var headID: Int64
  /// The count of changes of the messages.
  public var revision: Int64
  /// The text of the message that was undone; empty after redoing.
  public var userText: String
}

extension SQLiteStore {
  /// Takes away the person's last message and what follows it, to be redone later.
  ///
  /// Original: `UndoLastUserTurn`.
  ///
  /// Summaries and messages before the last compaction are not undone. The person's turns stay
  /// counted. Unlike in the tool, a session's plan stays as it is.
  /// - Throws: `.notFound` if there is nothing to undo; `.unsupportedVersion` in documented databases.
  public func undoLastTurn(_ sessionID: String) throws(StoreError) -> TurnChange {
    try requireCurrent()
    let id = SQLiteValue(sessionID)
    return try connection.write { access throws(StoreError) in
      let row = try access.rows(
        "SELECT sequence, text_content FROM messages WHERE session_id = ?1 AND role = 'user' "
          + "AND COALESCE(compaction_tail, FALSE) = FALSE "
          + "AND TRIM(text_content, char(9)||char(10)||char(11)||char(12)||char(13)||char(32)) "
          + "NOT LIKE '[Context Compaction]%' AND sequence >= MAX("
          + "COALESCE((SELECT compaction_seq FROM sessions WHERE id = ?1), 0), 0) "
          + "ORDER BY sequence DESC LIMIT 1", [id]
      ).first
      guard let row, let sequence = row[0].int64 else {
        throw StoreError(.notFound, "session: nothing to undo")
      }
      var suffix: [Message] = []
      for row in try access.rows(
        select("session_id = ?1 AND sequence >= ?2 ORDER BY sequence"), [id, .integer(sequence)])
      {
        suffix.append(try MessageRow.message(row, release))
      }
      try pushRedo(suffix, sessionID, access)
      try access.run(
        "DELETE FROM messages WHERE session_id = ?1 AND sequence >= ?2", [id, .integer(sequence)])
      try access.run("DELETE FROM session_provider_state WHERE session_id = ?1", [id])
      let first = try access.rows(
        "SELECT text_content FROM messages WHERE session_id = ?1 AND role = 'user' "
          + "AND COALESCE(compaction_tail, FALSE) = FALSE "
          + "AND text_content NOT LIKE '[Context Compaction]%' ORDER BY sequence LIMIT 1", [id])
      let summary = truncateSummary(first.first?[0].string ?? "")
      try access.run(
        """
        UPDATE sessions SET summary = ?2, last_total_tokens = 0, last_message_count = 0,
          generated_short_title = '', generated_long_title = '',
          title_source = CASE title_source WHEN 'user' THEN 'user' ELSE '' END,
          title_generated_at = NULL, title_basis_msg_seq = 0, title_skipped_at = NULL,
          transcript_rev = transcript_rev + 1
        WHERE id = ?1
        """, [id, SQLiteValue(summary)])
      try recomputeTimes(sessionID, access)
      try touch(sessionID, access)
      return try change(sessionID, userText: row[1].string ?? "", access)
    }
  }

  /// Puts back what was undone last, with its identifiers.
  ///
  /// Original: `RedoLastUserTurn`.
  ///
  /// - Throws: `.notFound` if nothing was undone or messages were written since.
  public func redoTurn(_ sessionID: String) throws(StoreError) -> TurnChange {
    try requireCurrent()
    let id = SQLiteValue(sessionID)
    return try connection.write { access throws(StoreError) in
      let row = try access.rows(
        "SELECT stack_pos, suffix, metadata FROM session_redo WHERE session_id = ?1 "
          + "ORDER BY stack_pos DESC LIMIT 1", [id]
      ).first
      guard let row else { throw StoreError(.notFound, "session: nothing to redo") }
      let suffix = try Self.document(row[1])
      for element in suffix.root.elements {
        var message = try Message(json: element)
        message.sessionID = sessionID
        _ = try insert(message, keepingID: true, access)
      }
      try restoreTitles(try Self.document(row[2]).root, of: sessionID, access)
      try access.run(
        "DELETE FROM session_redo WHERE session_id = ?1 AND stack_pos = ?2", [id, row[0]])
      try access.run(
        "UPDATE sessions SET transcript_rev = transcript_rev + 1 WHERE id = ?1", [id])
      try recomputeTimes(sessionID, access)
      try touch(sessionID, access)
      return try change(sessionID, userText: "", access)
    }
  }

  private static func document(_ value: SQLiteValue) throws(StoreError) -> JSONDocument {
    do throws(JSONError) {
      return try JSONDocument(value.bytes ?? [], limits: .go)
    } catch {
      throw StoreError(.malformed, "what was undone cannot be read: \(error)")
    }
  }

  private func change(
    _ sessionID: String, userText: String, _ access: borrowing Connection.Access
  ) throws(StoreError) -> TurnChange {
    let row = try access.rows(
      "SELECT (SELECT id FROM messages WHERE session_id = ?1 ORDER BY sequence DESC LIMIT 1), "
        + "(SELECT transcript_rev FROM sessions WHERE id = ?1)", [SQLiteValue(sessionID)]
    ).first
    return TurnChange(
      headID: row?[0].int64 ?? 0, revision: row?[1].int64 ?? 0, userText: userText)
  }

  private func pushRedo(
    _ suffix: [Message], _ sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) {
    var writer = JSONWriter(escaping: .html, reserving: 4_096)
    writer.beginArray()
    for message in suffix { writer.message(message, release) }
    writer.endArray()
    let row = try access.rows(
      "SELECT \(SessionRow.columns(release).joined(separator: ", ")) FROM sessions WHERE id = ?1",
      [SQLiteValue(sessionID)]
    ).first
    var titles = JSONWriter(escaping: .html)
    titles.beginObject()
    if let row {
      let session = try SessionRow.session(row, release)
      titles.unlessEmpty("generated_short_title", session.generatedShortTitle)
      titles.unlessEmpty("generated_long_title", session.generatedLongTitle)
      titles.unlessEmpty("title_source", session.titleSource)
      titles.field("title_generated_at", session.titleGeneratedAt.rfc3339)
      titles.unlessZero("title_basis_msg_seq", session.titleBasisSequence)
      titles.field("title_skipped_at", session.titleSkippedAt.rfc3339)
    }
    titles.endObject()
    try access.run(
      """
      INSERT INTO session_redo (session_id, stack_pos, suffix, metadata) VALUES (?1,
        (SELECT COALESCE(MAX(stack_pos), 0) + 1 FROM session_redo WHERE session_id = ?1), ?2, ?3)
      """, [SQLiteValue(sessionID), .text(writer.bytes), .text(titles.bytes)])
  }

  private func restoreTitles(
    _ titles: JSONValue, of sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) {
    func text(_ key: String) -> String { titles[name: key]?.string?.string ?? "" }
    func time(_ key: String) -> SQLiteValue {
      Timestamp(rfc3339: text(key)).map { .optionalTime($0) } ?? .null
    }
    try access.run(
      """
      UPDATE sessions SET generated_short_title = ?2, generated_long_title = ?3, title_source = ?4,
        title_generated_at = ?5, title_basis_msg_seq = ?6, title_skipped_at = ?7 WHERE id = ?1
      """,
      [
        SQLiteValue(sessionID), SQLiteValue(text("generated_short_title")),
        SQLiteValue(text("generated_long_title")), SQLiteValue(text("title_source")),
        time("title_generated_at"), .integer(titles["title_basis_msg_seq"]?.int64 ?? 0),
        time("title_skipped_at"),
      ])
  }
}
