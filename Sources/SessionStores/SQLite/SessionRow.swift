internal import JSONText
internal import SessionFormats
internal import SessionModel

/// The columns of `sessions` that a release reads and writes.
enum SessionRow {
  private static let documented = [
    "id", "number", "name", "summary", "provider", "model", "mode", "agent", "cwd", "created_at",
    "updated_at", "archived", "parent_id", "search", "tools", "mcp", "user_turns", "llm_turns",
    "tool_calls", "input_tokens", "cached_input_tokens", "output_tokens", "status", "tags",
  ]
  private static let current =
    documented + [
      "generated_short_title", "generated_long_title", "title_source", "title_generated_at",
      "title_basis_msg_seq", "title_skipped_at", "provider_key", "reasoning_effort",
      "reasoning_mode", "approval_mode", "origin", "worktree_dir", "pinned", "cache_write_tokens",
      "last_total_tokens", "last_message_count", "message_count", "goal", "share",
      "compaction_seq", "compaction_count",
    ]

  static func columns(_ release: Release) -> [String] {
    release == .documented ? documented : current
  }

  static func session(_ values: [SQLiteValue], _ release: Release) throws(StoreError) -> Session {
    let row = Row(columns: columns(release), values: values, subject: "session")
    var session = Session(id: try row.text("id"))
    session.number = try row.optionalInt("number")
    // Current releases take NULL here for empty, documented ones fail.
    for (name, path) in [("name", \Session.name), ("summary", \Session.summary), ("cwd", \.cwd)] {
      session[keyPath: path] =
        release == .current ? row.optionalText(name) : try row.text(name)
    }
    session.provider = try row.text("provider")
    session.model = try row.text("model")
    session.mode = SessionMode(rawValue: row.optionalText("mode"))
    session.agent = row.optionalText("agent")
    session.createdAt = try row.statedTime("created_at")
    session.updatedAt = try row.statedTime("updated_at")
    session.isArchived = try row.bool("archived")
    session.parentID = row.optionalText("parent_id")
    session.search = try row.bool("search")
    session.tools = row.optionalText("tools")
    session.mcp = row.optionalText("mcp")
    session.userTurns = try row.int("user_turns")
    session.llmTurns = try row.int("llm_turns")
    session.toolCalls = try row.int("tool_calls")
    session.inputTokens = try row.int("input_tokens")
    session.cachedInputTokens = try row.int("cached_input_tokens")
    session.outputTokens = try row.int("output_tokens")
    session.status = SessionStatus(rawValue: row.optionalText("status"))
    session.tags = row.optionalText("tags")
    if release == .current { try readCurrent(row, &session) }
    return session
  }

  private static func readCurrent(_ row: Row, _ session: inout Session) throws(StoreError) {
    session.generatedShortTitle = row.optionalText("generated_short_title")
    session.generatedLongTitle = row.optionalText("generated_long_title")
    session.titleSource = row.optionalText("title_source")
    session.titleGeneratedAt = try row.time("title_generated_at")
    session.titleBasisSequence = try row.int("title_basis_msg_seq")
    session.titleSkippedAt = try row.time("title_skipped_at")
    session.providerKey = row.optionalText("provider_key")
    session.reasoningEffort = row.optionalText("reasoning_effort")
    session.reasoningMode = row.optionalText("reasoning_mode")
    session.approvalMode = row.optionalText("approval_mode")
    session.origin = origin(row)
    session.worktreeDirectory = row.optionalText("worktree_dir")
    session.isPinned = try row.bool("pinned")
    session.cacheWriteTokens = try row.int("cache_write_tokens")
    session.lastTotalTokens = try row.int("last_total_tokens")
    session.lastMessageCount = try row.int("last_message_count")
    session.messageCount = try row.optionalInt("message_count")
    session.goal = StoredJSON.goal(row.bytes("goal"))
    session.share = StoredJSON.share(row.bytes("share"))
    session.compactionSequence = try row.int("compaction_seq")
    session.compactionCount = try row.int("compaction_count")
  }

  static func origin(_ row: Row) -> String {
    let origin = row.optionalText("origin").trimmingUnicodeWhiteSpace
    return origin.isEmpty ? "tui" : origin
  }

  /// The columns that updating sets, except the time of the update.
  static func updated(
    _ session: Session, _ release: Release
  ) -> [(column: String, value: SQLiteValue)] {
    var columns: [(column: String, value: SQLiteValue)] = [
      ("name", SQLiteValue(session.name)), ("summary", SQLiteValue(session.summary)),
      ("provider", SQLiteValue(session.provider)), ("model", SQLiteValue(session.model)),
      ("mode", SQLiteValue(session.mode.rawValue)), ("agent", .unlessEmpty(session.agent)),
      ("cwd", SQLiteValue(session.cwd)), ("archived", .bool(session.isArchived)),
      ("parent_id", .unlessEmpty(session.parentID)), ("search", .bool(session.search)),
      ("tools", .unlessEmpty(session.tools)), ("mcp", .unlessEmpty(session.mcp)),
      ("status", SQLiteValue(session.status.rawValue)), ("tags", .unlessEmpty(session.tags)),
    ]
    guard release == .current else { return columns + counters(session) }
    columns += [
      ("generated_short_title", .unlessEmpty(session.generatedShortTitle)),
      ("generated_long_title", .unlessEmpty(session.generatedLongTitle)),
      ("title_source", .unlessEmpty(session.titleSource)),
      ("title_generated_at", .optionalTime(session.titleGeneratedAt)),
      ("title_basis_msg_seq", .integer(session.titleBasisSequence)),
      ("title_skipped_at", .optionalTime(session.titleSkippedAt)),
      ("provider_key", .unlessEmpty(session.providerKey)),
      ("reasoning_effort", .unlessEmpty(session.reasoningEffort)),
      ("reasoning_mode", .unlessEmpty(session.reasoningMode)),
      ("approval_mode", .unlessEmpty(session.approvalMode)),
      ("origin", SQLiteValue(session.origin)),
      ("worktree_dir", .unlessEmpty(session.worktreeDirectory)),
      ("pinned", .bool(session.isPinned)), ("goal", StoredJSON.column(session.goal)),
      ("share", StoredJSON.column(session.share)),
    ]
    return columns
  }

  private static func counters(_ session: Session) -> [(column: String, value: SQLiteValue)] {
    [
      ("user_turns", .integer(session.userTurns)), ("llm_turns", .integer(session.llmTurns)),
      ("tool_calls", .integer(session.toolCalls)), ("input_tokens", .integer(session.inputTokens)),
      ("cached_input_tokens", .integer(session.cachedInputTokens)),
      ("output_tokens", .integer(session.outputTokens)),
    ]
  }

  /// The columns that creating sets, except the number.
  static func created(
    _ session: Session, _ release: Release
  ) -> [(column: String, value: SQLiteValue)] {
    var columns: [(column: String, value: SQLiteValue)] = [
      ("id", SQLiteValue(session.id)), ("created_at", .time(session.createdAt)),
      ("updated_at", .time(session.updatedAt)),
    ]
    columns += updated(session, release)
    guard release == .current else { return columns }
    return columns + counters(session) + [
      ("cache_write_tokens", .integer(session.cacheWriteTokens)),
      ("last_total_tokens", .integer(session.lastTotalTokens)),
      ("last_message_count", .integer(session.lastMessageCount)),
    ]
  }
}

/// JSON columns that the tool ignores when they lack their key member.
enum StoredJSON {
  static func goal(_ bytes: [UInt8]) -> RawJSON? { value(bytes, "objective") }
  static func share(_ bytes: [UInt8]) -> RawJSON? { value(bytes, "gist_id") }
  static func column(_ json: RawJSON?) -> SQLiteValue {
    json.map { .text(Array($0.bytes)) } ?? .null
  }

  private static func value(_ bytes: [UInt8], _ key: StaticString) -> RawJSON? {
    guard let document = JSONDocument(ifValid: bytes, limits: .go),
      let text = document.root[key]?.string?.string, !text.trimmingUnicodeWhiteSpace.isEmpty
    else { return nil }
    return RawJSON(bytes[...])
  }
}
