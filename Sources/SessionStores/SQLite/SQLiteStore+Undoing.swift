internal import JSONText
internal import SessionFormats
internal import SessionModel

/// How far a transcript has got: undoing and redoing compare it with what their caller saw.
///
/// Original: `TranscriptMutationState`.
public struct TranscriptState: Sendable, Hashable {
  /// The count of changes of the messages.
  public var revision: Int64
  /// The last message that is no instruction, 0 for none.
  public var headID: Int64

  /// Takes a state as it was seen.
  public init(revision: Int64, headID: Int64) {
    self.revision = revision
    self.headID = headID
  }
}

/// What undoing or redoing a turn left.
///
/// Original: `TranscriptMutationResult`.
public struct TurnChange: Sendable, Hashable {
  /// The transcript as it is now.
  public var state: TranscriptState
  /// The text of the message that was undone; empty after redoing.
  public var userText: String
  /// Whether the message that was undone had pictures or files, which the text does not tell.
  public var omitsAttachments: Bool
}

extension SQLiteStore {
  /// What the person said, other than summaries and what compactions repeat.
  private static let isRealUserMessage = """
    (role = 'user' AND COALESCE(compaction_tail, FALSE) = FALSE AND substr(TRIM(
      COALESCE(text_content, ''), char(9)||char(10)||char(11)||char(12)||char(13)||char(32)),
      1, 20) <> '[Context Compaction]')
    """

  /// How far the transcript of a session has got.
  ///
  /// Original: `TranscriptMutationState`.
  /// - Throws: `.notFound` if there is no such session; `.unsupportedVersion` in documented databases.
  public func transcriptState(of sessionID: String) throws(StoreError) -> TranscriptState {
    try requireCurrent()
    return try connection.use { access throws(StoreError) in try state(of: sessionID, access) }
  }

  /// Takes away the person's last message and what follows it, to be redone later.
  ///
  /// Original: `UndoLastUserTurn`.
  ///
  /// Summaries and messages before the last compaction are not undone. The person's turns stay
  /// counted. Unlike in the tool, a session's plan stays as it is.
  /// - Parameter expected: What ``transcriptState(of:)`` told.
  /// - Throws: `.conflict` if the transcript has changed since; `.notFound` if there is nothing to undo or
  ///   no such session; `.unsupportedVersion` in documented databases.
  public func undoLastUserTurn(
    _ sessionID: String, expecting expected: TranscriptState
  ) throws(StoreError) -> TurnChange {
    try requireCurrent()
    let id = SQLiteValue(sessionID)
    return try connection.write { access throws(StoreError) in
      try require(expected, sessionID, access)
      let row = try access.rows(
        "SELECT sequence, id FROM messages WHERE session_id = ?1 AND \(Self.isRealUserMessage) "
          + "AND sequence >= MAX("
          + "COALESCE((SELECT compaction_seq FROM sessions WHERE id = ?1), 0), 0) "
          + "ORDER BY sequence DESC, id DESC LIMIT 1", [id]
      ).first
      guard let row else { throw StoreError(.notFound, "session: nothing to undo") }
      let isUndone = "session_id = ?1 AND (sequence > ?2 OR (sequence = ?2 AND id >= ?3))"
      var suffix: [Message] = []
      for row in try access.rows(
        select("\(isUndone) ORDER BY sequence, id"), [id, row[0], row[1]])
      {
        suffix.append(try MessageRow.message(row, release))
      }
      try pushRedo(suffix, sessionID, access)
      try access.run("DELETE FROM messages WHERE \(isUndone)", [id, row[0], row[1]])
      try access.run(
        """
        UPDATE sessions SET generated_short_title = '', generated_long_title = '',
          title_source = CASE title_source WHEN 'user' THEN 'user' ELSE '' END,
          title_generated_at = NULL, title_basis_msg_seq = 0, title_skipped_at = NULL
        WHERE id = ?1
        """, [id])
      try followChange(of: sessionID, access)
      return TurnChange(
        state: try state(of: sessionID, access),
        userText: suffix.first?.composerText ?? "",
        omitsAttachments: suffix.first?.hasAttachments ?? false)
    }
  }

  /// Puts back what was undone last, with its identifiers.
  ///
  /// Original: `RedoLastUserTurn`.
  ///
  /// Unlike in the tool, a session's plan stays as it is.
  /// - Parameter expected: What ``transcriptState(of:)`` told.
  /// - Throws: `.conflict` if the transcript has changed since; `.notFound` if nothing was undone, if
  ///   messages were written since, or if there is no such session; `.unsupportedVersion` in documented
  ///   databases.
  public func redoLastUserTurn(
    _ sessionID: String, expecting expected: TranscriptState
  ) throws(StoreError) -> TurnChange {
    try requireCurrent()
    let id = SQLiteValue(sessionID)
    return try connection.write { access throws(StoreError) in
      try require(expected, sessionID, access)
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
      try followChange(of: sessionID, access)
      return TurnChange(
        state: try state(of: sessionID, access), userText: "", omitsAttachments: false)
    }
  }

  private func state(
    of sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) -> TranscriptState {
    let row = try access.rows(
      "SELECT transcript_rev, COALESCE((SELECT id FROM messages WHERE session_id = sessions.id "
        + "AND role NOT IN ('system', 'developer') ORDER BY sequence DESC, id DESC LIMIT 1), 0) "
        + "FROM sessions WHERE id = ?1", [SQLiteValue(sessionID)]
    ).first
    guard let row else { throw .notFound }
    return TranscriptState(revision: row[0].int64 ?? 0, headID: row[1].int64 ?? 0)
  }

  private func require(
    _ expected: TranscriptState, _ sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) {
    guard try state(of: sessionID, access) == expected else {
      throw StoreError(.conflict, "session: transcript changed")
    }
  }

  /// What undoing and redoing do after they have changed the messages.
  private func followChange(
    of sessionID: String, _ access: borrowing Connection.Access
  ) throws(StoreError) {
    let id = SQLiteValue(sessionID)
    try access.run("DELETE FROM session_provider_state WHERE session_id = ?1", [id])
    let first = try access.rows(
      "SELECT text_content FROM messages WHERE session_id = ?1 AND \(Self.isRealUserMessage) "
        + "ORDER BY sequence, id LIMIT 1", [id])
    try access.run(
      """
      UPDATE sessions SET summary = ?2, last_total_tokens = 0, last_message_count = 0,
        transcript_rev = transcript_rev + 1
      WHERE id = ?1
      """, [id, SQLiteValue(truncateSummary(first.first?[0].string ?? ""))])
    try recomputeTimes(sessionID, access)
    try touch(sessionID, access)
  }

  private static func document(_ value: SQLiteValue) throws(StoreError) -> JSONDocument {
    do throws(JSONError) {
      return try JSONDocument(value.bytes ?? [], limits: .go)
    } catch {
      throw StoreError(.malformed, "what was undone cannot be read: \(error)")
    }
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
        title_generated_at = ?5, title_basis_msg_seq = ?6, title_skipped_at = ?7
      WHERE id = ?1 AND COALESCE(title_source, '') <> 'user'
      """,
      [
        SQLiteValue(sessionID), SQLiteValue(text("generated_short_title")),
        SQLiteValue(text("generated_long_title")), SQLiteValue(text("title_source")),
        time("title_generated_at"), .integer(titles["title_basis_msg_seq"]?.int64 ?? 0),
        time("title_skipped_at"),
      ])
  }
}

extension Message {
  /// What a person would get back to edit.
  fileprivate var composerText: String {
    parts.elements.map { part in
      part["Type"]?.string == "text" ? part["Text"]?.string?.string ?? "" : ""
    }.joined()
  }

  fileprivate var hasAttachments: Bool {
    parts.elements.contains { part in
      let type = part["Type"]?.string
      return type == "image" || type == "file"
    }
  }
}
