internal import SessionFormats
internal import SessionModel

extension SQLiteStore {
  /// Lists sessions.
  ///
  /// Original: `List`.
  ///
  /// Documented databases sort by the last update, current ones put pinned sessions first and sort by
  /// the person's last message. Times are compared as texts, as the tool compares them.
  public func list(_ options: ListOptions) throws(StoreError) -> [SessionSummary] {
    var filter = Filter()
    filter.equal("s.name", release == .current ? options.name : "")
    filter.equal("s.provider", options.provider)
    filter.equal("s.model", options.model)
    filter.equal("s.mode", options.mode.rawValue)
    filter.equal("s.status", options.status.rawValue)
    if !options.tag.isEmpty {
      filter.add(
        "',' || s.tags || ',' LIKE ?", SQLiteValue("%,\(options.tag),%"))
    }
    if !options.archived { filter.add("s.archived = FALSE") }
    if release == .current {
      if options.beforeNumber > 0 { filter.add("s.number < ?", .integer(options.beforeNumber)) }
      filter.add(categories: options.categories)
    }
    let limit = options.limit == 0 ? 50 : options.limit < 0 ? -1 : options.limit
    let columns = SummaryRow.columns(release).map { "s.\($0)" }.joined(separator: ", ")
    let count =
      release == .documented
      ? ", (SELECT COUNT(*) FROM messages WHERE session_id = s.id) AS message_count" : ""
    let index =
      release == .current && options.sortsByNumberDescending
      ? " INDEXED BY idx_sessions_number" : ""
    let sql = """
      SELECT \(columns)\(count) FROM sessions s\(index) WHERE \(filter.condition) \
      ORDER BY \(order(options)) LIMIT \(limit) OFFSET \(max(0, options.offset))
      """
    let values = filter.values
    let rows = try connection.use { access throws(StoreError) in try access.rows(sql, values) }
    let names = SummaryRow.columns(release) + (release == .documented ? ["message_count"] : [])
    var summaries: [SessionSummary] = []
    summaries.reserveCapacity(rows.count)
    for row in rows {
      summaries.append(
        try SummaryRow.summary(Row(columns: names, values: row, subject: "session summary")))
    }
    return summaries
  }

  private func order(_ options: ListOptions) -> String {
    if release == .documented { return "s.updated_at DESC" }
    if options.sortsByNumberDescending { return "s.number DESC" }
    let time =
      options.sortsByActivity
      ? "COALESCE(s.last_message_at, s.last_user_message_at, s.created_at)"
      : "COALESCE(s.last_user_message_at, s.created_at)"
    return "COALESCE(s.pinned, FALSE) DESC, \(time) DESC"
  }
}

/// Conditions that must all hold.
struct Filter {
  private var conditions: [String] = []
  private(set) var values: [SQLiteValue] = []

  /// Adds a condition; its `?` gets the value.
  mutating func add(_ condition: String, _ value: SQLiteValue? = nil) {
    conditions.append(condition)
    if let value { values.append(value) }
  }

  mutating func equal(_ column: String, _ text: String) {
    if !text.isEmpty { add("\(column) = ?", SQLiteValue(text)) }
  }

  /// Adds that a session must be of one of some kinds; unknown kinds do not count.
  mutating func add(categories: [String]) {
    var kinds: [String] = []
    for category in categories {
      switch category {
      case "all", "": return
      case "chat":
        kinds.append(
          "(s.mode = 'chat' AND COALESCE(NULLIF(TRIM(s.origin), ''), 'tui') = 'tui')")
      case "web": kinds.append("s.origin = 'web'")
      case "ask", "plan", "exec": kinds.append("s.mode = '\(category)'")
      default: break
      }
    }
    if !kinds.isEmpty { add("(" + kinds.joined(separator: " OR ") + ")") }
  }

  var condition: String {
    conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
  }
}

/// The columns of `sessions` that lists read.
enum SummaryRow {
  private static let documented = [
    "id", "number", "name", "summary", "provider", "model", "mode", "created_at", "updated_at",
    "archived", "user_turns", "llm_turns", "tool_calls", "input_tokens", "cached_input_tokens",
    "output_tokens", "status", "tags",
  ]
  private static let current =
    documented + [
      "generated_short_title", "generated_long_title", "title_source", "provider_key", "origin",
      "worktree_dir", "pinned", "cache_write_tokens", "message_count", "goal", "share",
      "last_message_at", "transcript_rev",
    ]

  static func columns(_ release: Release) -> [String] {
    release == .documented ? documented : current
  }

  static func summary(_ row: Row) throws(StoreError) -> SessionSummary {
    var summary = SessionSummary()
    summary.id = try row.text("id")
    summary.number = try row.optionalInt("number")
    summary.name = try row.text("name")
    summary.summary = try row.text("summary")
    summary.provider = try row.text("provider")
    summary.model = try row.text("model")
    summary.mode = SessionMode(rawValue: row.optionalText("mode"))
    summary.createdAt = try row.statedTime("created_at")
    summary.updatedAt = try row.statedTime("updated_at")
    summary.isArchived = try row.bool("archived")
    summary.userTurns = try row.int("user_turns")
    summary.llmTurns = try row.int("llm_turns")
    summary.toolCalls = try row.int("tool_calls")
    summary.inputTokens = try row.int("input_tokens")
    summary.cachedInputTokens = try row.int("cached_input_tokens")
    summary.outputTokens = try row.int("output_tokens")
    summary.status = SessionStatus(rawValue: row.optionalText("status"))
    summary.tags = row.optionalText("tags")
    summary.messageCount = try row.optionalInt("message_count")
    guard row.columns.contains("origin") else { return summary }
    try readCurrent(row, &summary)
    return summary
  }

  private static func readCurrent(
    _ row: Row, _ summary: inout SessionSummary
  ) throws(StoreError) {
    summary.generatedShortTitle = row.optionalText("generated_short_title")
    summary.generatedLongTitle = row.optionalText("generated_long_title")
    summary.titleSource = row.optionalText("title_source")
    summary.providerKey = row.optionalText("provider_key")
    summary.origin = SessionRow.origin(row)
    summary.worktreeDirectory = row.optionalText("worktree_dir")
    summary.isPinned = try row.optionalBool("pinned")
    summary.cacheWriteTokens = try row.int("cache_write_tokens")
    summary.goal = StoredJSON.goal(row.bytes("goal"))
    summary.share = StoredJSON.share(row.bytes("share"))
    summary.lastMessageAt = try row.time("last_message_at")
    summary.transcriptRevision = try row.optionalInt("transcript_rev")
  }
}
