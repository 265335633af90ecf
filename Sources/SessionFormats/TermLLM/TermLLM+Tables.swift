extension TermLLM {
  static let sessions = RowTable(
    name: "sessions", order: ["number", "id"],
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

  static let tables = [
    RowTable(
      name: "session_provider_state", owner: "session_id", order: ["provider_key"],
      columns: ["provider_key", "updated_at", "state"]),
    RowTable(
      name: "session_plans", owner: "session_id", columns: ["version", "updated_at", "snapshot"]),
    RowTable(
      name: "session_workspace_grants", owner: "session_id", order: ["id"],
      columns: [
        "id", "created_at", "updated_at", "access", "provenance", "path", "rationale",
      ]),
    RowTable(
      name: "session_redo", owner: "session_id", order: ["stack_pos"],
      columns: ["stack_pos", "created_at", "metadata", "suffix"]),
    RowTable(
      name: "session_branches", owner: "child_session_id",
      columns: [
        "parent_session_id", "fork_after_message_id", "fork_after_sequence", "idempotency_key",
        "created_at",
      ]),
    RowTable(
      name: "messages", owner: "session_id", order: ["sequence", "id"],
      columns: [
        "id", "sequence", "created_at", "turn_index", "duration_ms", "compaction_tail",
        "client_message_id", "response_id", "assistant_segment_ordinal", "segment_start_sequence",
        "segment_end_sequence", "role",
      ],
      lastColumns: ["parts", "text_content"], json: ["parts"], identity: "id"),
  ]

  static let storeTables = [
    RowTable(name: "metadata", order: ["key"], columns: ["key", "value"]),
    RowTable(
      name: "push_subscriptions", order: ["id"],
      columns: ["id", "created_at", "last_used_at", "endpoint", "key_p256dh", "key_auth"]),
    RowTable(name: "sqlite_sequence", order: ["name"], columns: ["name", "seq"]),
  ]

  /// What in a session changes what the tool may do: whether it asks, and folders that were granted.
  enum Settings {
    /// Columns of `sessions` that are emptied.
    static let columns: Set<String> = ["approval_mode", "mcp", "tools"]
    /// Tables of which no row is copied.
    static let tables: Set<String> = ["session_workspace_grants"]
  }
}
