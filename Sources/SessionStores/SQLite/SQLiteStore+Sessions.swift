internal import SessionFormats
internal import SessionModel

extension SQLiteStore {
  /// Stores a new session and completes it: identifier, number, times, mode, status.
  ///
  /// Original: `Create`.
  ///
  /// - Throws: `.database` if the identifier is taken or the parent is missing.
  public func create(_ session: inout Session) throws(StoreError) {
    if session.id.isEmpty { session.id = newID(for: release, at: now()) }
    if session.createdAt.isGoZero { session.createdAt = now() }
    if session.updatedAt.isGoZero { session.updatedAt = session.createdAt }
    if session.mode.rawValue.isEmpty { session.mode = .chat }
    if session.status.rawValue.isEmpty { session.status = .active }
    if release == .current, session.origin.isEmpty { session.origin = "tui" }
    let columns = SessionRow.created(session, release)
    let names = columns.map(\.column).joined(separator: ", ")
    let marks = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
    do throws(StoreError) {
      session.number = try connection.write { access throws(StoreError) in
        try access.run(
          "INSERT INTO sessions (\(names), number) VALUES (\(marks), "
            + "(SELECT COALESCE(MAX(number), 0) + 1 FROM sessions))", columns.map(\.value))
        return try access.rows(
          "SELECT number FROM sessions WHERE id = ?1", [columns[0].value]
        ).first?[0].int64 ?? 0
      }
    } catch {
      throw error.during("create session: insert session")
    }
  }

  /// A session by identifier.
  ///
  /// Original: `Get`.
  public func get(_ id: String) throws(StoreError) -> Session? {
    try session("id = ?1", [SQLiteValue(id)])
  }

  /// A session by number.
  ///
  /// Original: `GetByNumber`.
  public func getByNumber(_ number: Int64) throws(StoreError) -> Session? {
    try session("number = ?1", [.integer(number)])
  }

  /// A session by `#number`, number, identifier, or the beginning of one.
  ///
  /// Original: `GetByPrefix`.
  ///
  /// `%` and `_` stand for any characters. Of several sessions the one created last is given.
  public func getByPrefix(_ prefix: String) throws(StoreError) -> Session? {
    if prefix.hasPrefix("#"), let number = Self.number(prefix.dropFirst()),
      let session = try getByNumber(number)
    {
      return session
    }
    if let number = Self.number(prefix[...]), let session = try getByNumber(number) {
      return session
    }
    if let session = try get(prefix) { return session }
    return try session(
      "id LIKE ?1 ORDER BY created_at DESC LIMIT 1", [SQLiteValue(expandShortID(prefix))])
  }

  private static func number(_ text: Substring) -> Int64? {
    let digits = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
    return Int64(text)
  }

  private func session(
    _ condition: String, _ arguments: [SQLiteValue]
  ) throws(StoreError) -> Session? {
    let columns = SessionRow.columns(release).joined(separator: ", ")
    let row = try connection.use { access throws(StoreError) in
      try access.rows("SELECT \(columns) FROM sessions WHERE \(condition)", arguments).first
    }
    guard let row else { return nil }
    return try SessionRow.session(row, release)
  }

  /// Stores a session's facts over the old ones.
  ///
  /// Original: `Update`.
  ///
  /// Current databases keep their counters; documented ones take the session's.
  /// - Throws: `.notFound` if there is no such session.
  public func update(_ session: inout Session) throws(StoreError) {
    session.updatedAt = now()
    if release == .current, session.origin.isEmpty { session.origin = "tui" }
    let columns =
      SessionRow.updated(session, release) + [("updated_at", .time(session.updatedAt))]
    let settings = columns.enumerated().map { "\($0.element.column) = ?\($0.offset + 2)" }
      .joined(separator: ", ")
    let values = [SQLiteValue(session.id)] + columns.map(\.value)
    let changes: Int
    do throws(StoreError) {
      changes = try connection.write { access throws(StoreError) in
        try access.run("UPDATE sessions SET \(settings) WHERE id = ?1", values)
      }
    } catch {
      throw error.during("update session")
    }
    if changes == 0 { throw .sessionNotFound(session.id) }
  }

  /// Removes a session with its messages.
  ///
  /// Original: `Delete`.
  ///
  /// - Throws: `.notFound` if there is none; `.database` if another session descends from it.
  public func delete(_ id: String) throws(StoreError) {
    let changes: Int
    do throws(StoreError) {
      changes = try connection.write { access throws(StoreError) in
        try access.run("DELETE FROM sessions WHERE id = ?1", [SQLiteValue(id)])
      }
    } catch {
      throw error.during("delete session")
    }
    if changes == 0 { throw .sessionNotFound(id) }
  }

  /// Adds to a session's counters; one that does not exist is no error.
  ///
  /// Original: `UpdateMetrics`.
  public func updateMetrics(_ id: String, adding metrics: Metrics) throws(StoreError) {
    var columns: [(String, Int64)] = [
      ("llm_turns", metrics.llmTurns), ("tool_calls", metrics.toolCalls),
      ("input_tokens", metrics.inputTokens), ("output_tokens", metrics.outputTokens),
      ("cached_input_tokens", metrics.cachedInputTokens),
    ]
    if release == .current { columns.append(("cache_write_tokens", metrics.cacheWriteTokens)) }
    try set(
      id, columns.enumerated().map { "\($0.element.0) = \($0.element.0) + ?\($0.offset + 3)" },
      columns.map { .integer($0.1) })
  }

  /// Sets where a session stands; one that does not exist is no error.
  ///
  /// Original: `UpdateStatus`.
  public func updateStatus(_ id: String, _ status: SessionStatus) throws(StoreError) {
    try set(id, ["status = ?3"], [SQLiteValue(status.rawValue)])
  }

  /// Counts a turn of the person; a session that does not exist is no error.
  ///
  /// Original: `IncrementUserTurns`.
  public func incrementUserTurns(_ id: String) throws(StoreError) {
    try set(
      id,
      ["user_turns = user_turns + 1"]
        + (release == .current ? ["last_user_message_at = ?2"] : []), [])
  }

  /// Sets the estimate of a session's context; negative numbers become 0.
  ///
  /// Original: `UpdateContextEstimate`.
  public func updateContextEstimate(
    _ id: String, totalTokens: Int64, messageCount: Int64
  ) throws(StoreError) {
    try requireCurrent()
    try set(
      id, ["last_total_tokens = ?3", "last_message_count = ?4"],
      [.integer(max(0, totalTokens)), .integer(max(0, messageCount))])
  }

  /// Gives a session the titles that the model made.
  ///
  /// Original: `UpdateGeneratedTitle`.
  public func updateGeneratedTitle(
    _ id: String, short: String, long: String, basisSequence: Int64
  ) throws(StoreError) {
    try requireCurrent()
    try set(
      id,
      [
        "generated_short_title = ?3", "generated_long_title = ?4", "title_source = 'generated'",
        "title_generated_at = ?2", "title_basis_msg_seq = ?5",
      ], [SQLiteValue(short), SQLiteValue(long), .integer(basisSequence)])
  }

  /// Sets columns of a session, and when it was updated, which is `?2`.
  private func set(
    _ id: String, _ settings: [String], _ values: [SQLiteValue]
  ) throws(StoreError) {
    let time = now()
    _ = try connection.write { access throws(StoreError) in
      try access.run(
        "UPDATE sessions SET \(settings.joined(separator: ", ")), updated_at = ?2 WHERE id = ?1",
        [SQLiteValue(id), .time(time)] + values)
    }
  }

  func requireCurrent() throws(StoreError) {
    if release == .current { return }
    throw StoreError(
      .unsupportedVersion, "a database of schema version \(schemaVersion) has no place for this")
  }

  /// Remembers which session is current; it need not exist.
  ///
  /// Original: `SetCurrent`.
  public func setCurrent(_ id: String) throws(StoreError) {
    _ = try connection.write { access throws(StoreError) in
      try access.run(
        "INSERT OR REPLACE INTO metadata(key, value) VALUES ('current_session', ?1)",
        [SQLiteValue(id)])
    }
  }

  /// The current session.
  ///
  /// Original: `GetCurrent`.
  public func getCurrent() throws(StoreError) -> Session? {
    let row = try connection.use { access throws(StoreError) in
      try access.rows("SELECT value FROM metadata WHERE key = 'current_session'").first
    }
    guard let row else { return nil }
    let id = try Row(columns: ["value"], values: row, subject: "current session").text("value")
    return try get(id)
  }

  /// Forgets which session is current.
  ///
  /// Original: `ClearCurrent`.
  public func clearCurrent() throws(StoreError) {
    _ = try connection.write { access throws(StoreError) in
      try access.run("DELETE FROM metadata WHERE key = 'current_session'")
    }
  }
}
