/// What is known of a table: whose rows it holds, and in which order columns are spelled out.
struct TermLLMTable: Sendable {
  /// The table's name.
  let name: String
  /// The column that names the session; it is not spelled out in rows of a session.
  let owner: String?
  /// The columns that order a session's rows.
  let order: [String]
  /// Columns in the order of a row's JSON: short ones that change first, long ones last.
  let columns: [String]
  /// Columns that come behind columns that are not known.
  var lastColumns: [String] = []

  static let sessions = TermLLMTable(
    name: "sessions", owner: nil, order: ["id"],
    columns: [
      "id", "number", "created_at", "updated_at", "last_user_message_at", "last_message_at",
      "transcript_rev", "message_count", "user_turns", "llm_turns", "tool_calls", "input_tokens",
      "cached_input_tokens", "cache_write_tokens", "output_tokens", "last_total_tokens",
      "last_message_count", "compaction_seq", "compaction_count", "parent_id", "status",
      "archived", "pinned", "search", "provider", "provider_key", "model", "reasoning_effort",
      "reasoning_mode", "mode", "approval_mode", "origin", "agent", "cwd", "worktree_dir",
      "tools", "mcp", "tags", "title_source", "title_generated_at", "title_basis_msg_seq",
      "title_skipped_at", "name", "generated_short_title", "generated_long_title", "summary",
      "goal", "share",
    ])

  static let messages = TermLLMTable(
    name: "messages", owner: "session_id", order: ["sequence", "id"],
    columns: [
      "id", "sequence", "created_at", "turn_index", "duration_ms", "compaction_tail",
      "client_message_id", "response_id", "assistant_segment_ordinal", "segment_start_sequence",
      "segment_end_sequence", "role",
    ],
    lastColumns: ["parts", "text_content"])

  /// The other tables with rows of a session, in timeline order.
  static let satellites = [
    TermLLMTable(
      name: "session_provider_state", owner: "session_id", order: ["provider_key"],
      columns: ["provider_key", "updated_at", "state"]),
    TermLLMTable(
      name: "session_plans", owner: "session_id", order: [],
      columns: ["version", "updated_at", "snapshot"]),
    TermLLMTable(
      name: "session_workspace_grants", owner: "session_id", order: ["id"],
      columns: [
        "id", "created_at", "updated_at", "access", "provenance", "path", "rationale",
      ]),
    TermLLMTable(
      name: "session_redo", owner: "session_id", order: ["stack_pos"],
      columns: ["stack_pos", "created_at", "metadata", "suffix"]),
    TermLLMTable(
      name: "session_branches", owner: "child_session_id", order: [],
      columns: [
        "parent_session_id", "fork_after_message_id", "fork_after_sequence", "idempotency_key",
        "created_at",
      ]),
  ]

  /// Tables with rows of the store.
  static let storeTables = [
    TermLLMTable(name: "metadata", owner: nil, order: ["key"], columns: ["key", "value"]),
    TermLLMTable(
      name: "push_subscriptions", owner: nil, order: ["id"],
      columns: ["id", "created_at", "last_used_at", "endpoint", "key_p256dh", "key_auth"]),
    TermLLMTable(
      name: "sqlite_sequence", owner: nil, order: ["name"], columns: ["name", "seq"]),
  ]

  /// The columns of an existing table in the order of a row's JSON, the owner left out.
  func spelledColumns(of present: [String]) -> [String] {
    let known = columns + lastColumns
    return columns.filter(present.contains)
      + present.filter { !known.contains($0) && $0 != owner }
      + lastColumns.filter(present.contains)
  }
}
