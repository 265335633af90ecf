extension RowSchema {
  /// Schema 46 as the tool of that version creates it (term-llm format notes, section 3.2).
  package static let termLLM46 = RowSchema(
    "46",
    tables: """
      CREATE TABLE sessions (
        id TEXT PRIMARY KEY, number INTEGER, name TEXT, summary TEXT,
        generated_short_title TEXT, generated_long_title TEXT, title_source TEXT,
        title_generated_at TIMESTAMP, title_basis_msg_seq INTEGER DEFAULT 0, title_skipped_at TIMESTAMP,
        provider TEXT NOT NULL, provider_key TEXT, model TEXT NOT NULL,
        reasoning_effort TEXT, reasoning_mode TEXT, mode TEXT DEFAULT 'chat', approval_mode TEXT,
        origin TEXT DEFAULT 'tui', agent TEXT, cwd TEXT, worktree_dir TEXT,
        created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
        last_user_message_at TIMESTAMP, last_message_at TIMESTAMP,
        archived BOOLEAN DEFAULT FALSE, pinned BOOLEAN DEFAULT FALSE,
        parent_id TEXT REFERENCES sessions(id),
        search BOOLEAN DEFAULT FALSE, tools TEXT, mcp TEXT,
        user_turns INTEGER DEFAULT 0, llm_turns INTEGER DEFAULT 0, tool_calls INTEGER DEFAULT 0,
        input_tokens INTEGER DEFAULT 0, cached_input_tokens INTEGER DEFAULT 0,
        cache_write_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0,
        last_total_tokens INTEGER DEFAULT 0, last_message_count INTEGER DEFAULT 0, message_count INTEGER DEFAULT 0,
        status TEXT DEFAULT 'active', tags TEXT, goal TEXT, share TEXT,
        compaction_seq INTEGER DEFAULT -1, compaction_count INTEGER DEFAULT 0,
        transcript_rev INTEGER NOT NULL DEFAULT 0)
      CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool', 'developer', 'event')),
        parts TEXT NOT NULL, text_content TEXT, duration_ms INTEGER, turn_index INTEGER DEFAULT 0,
        created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, sequence INTEGER NOT NULL,
        compaction_tail BOOLEAN DEFAULT FALSE,
        client_message_id TEXT NOT NULL DEFAULT '', response_id TEXT NOT NULL DEFAULT '',
        assistant_segment_ordinal INTEGER NOT NULL DEFAULT -1,
        segment_start_sequence INTEGER NOT NULL DEFAULT 0, segment_end_sequence INTEGER NOT NULL DEFAULT 0)
      CREATE TABLE session_provider_state (
        session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, provider_key TEXT NOT NULL,
        state BLOB NOT NULL, updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
        PRIMARY KEY (session_id, provider_key))
      CREATE TABLE session_plans (
        session_id TEXT PRIMARY KEY REFERENCES sessions(id) ON DELETE CASCADE, snapshot TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 1, updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)
      CREATE TABLE session_workspace_grants (
        session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, id TEXT NOT NULL, path TEXT NOT NULL,
        access TEXT NOT NULL CHECK (access IN ('read', 'write')), provenance TEXT NOT NULL, rationale TEXT NOT NULL,
        created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL,
        PRIMARY KEY (session_id, id), UNIQUE (session_id, path))
      CREATE TABLE session_redo (
        session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE, stack_pos INTEGER NOT NULL,
        suffix TEXT NOT NULL, metadata TEXT NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
        PRIMARY KEY (session_id, stack_pos))
      CREATE TABLE session_branches (
        child_session_id TEXT PRIMARY KEY REFERENCES sessions(id) ON DELETE CASCADE,
        parent_session_id TEXT NOT NULL, fork_after_message_id INTEGER, fork_after_sequence INTEGER NOT NULL,
        idempotency_key TEXT NOT NULL DEFAULT '', created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)
      CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT)
      CREATE TABLE push_subscriptions (
        id TEXT PRIMARY KEY, endpoint TEXT NOT NULL UNIQUE, key_p256dh TEXT NOT NULL, key_auth TEXT NOT NULL,
        created_at TEXT NOT NULL DEFAULT (datetime('now')), last_used_at TEXT)
      CREATE TABLE schema_version (version INTEGER NOT NULL)
      CREATE INDEX idx_sessions_updated_at ON sessions(updated_at DESC)
      CREATE INDEX idx_sessions_mode ON sessions(mode)
      CREATE INDEX idx_sessions_status ON sessions(status)
      CREATE UNIQUE INDEX idx_sessions_number ON sessions(number)
      CREATE INDEX idx_sessions_origin ON sessions(origin)
      CREATE INDEX idx_sessions_pinned ON sessions(pinned)
      CREATE INDEX idx_sessions_title_skipped ON sessions(archived, title_skipped_at, updated_at DESC)
      CREATE INDEX idx_sessions_last_user_msg ON sessions(last_user_message_at DESC)
      CREATE INDEX idx_sessions_last_message ON sessions(last_message_at DESC)
      CREATE INDEX idx_sessions_sidebar_activity ON sessions(archived, COALESCE(pinned, FALSE) DESC, COALESCE(last_message_at, last_user_message_at, created_at) DESC)
      CREATE INDEX idx_sessions_sidebar_last_user_activity ON sessions(archived, COALESCE(pinned, FALSE) DESC, COALESCE(last_user_message_at, created_at) DESC)
      CREATE INDEX idx_messages_session_id ON messages(session_id, sequence)
      CREATE UNIQUE INDEX idx_messages_session_sequence ON messages(session_id, sequence)
      CREATE INDEX idx_messages_session_role ON messages(session_id, role)
      CREATE INDEX idx_messages_role_id ON messages(role, id)
      CREATE INDEX idx_messages_role_created_id ON messages(role, created_at, id)
      CREATE UNIQUE INDEX idx_messages_client_message_id ON messages(session_id, client_message_id) WHERE client_message_id <> ''
      CREATE INDEX idx_session_workspace_grants_session ON session_workspace_grants(session_id, created_at, id)
      CREATE UNIQUE INDEX idx_session_branches_idempotency ON session_branches(parent_session_id, idempotency_key) WHERE idempotency_key <> ''
      CREATE INDEX idx_session_branches_parent ON session_branches(parent_session_id)
      INSERT INTO schema_version(version) VALUES (46)
      """,
    search: """
      CREATE VIRTUAL TABLE messages_fts USING fts5(text_content, content='messages', content_rowid='id')
      CREATE TRIGGER messages_ai AFTER INSERT ON messages BEGIN
        INSERT INTO messages_fts(rowid, text_content) VALUES (new.id, new.text_content); END
      CREATE TRIGGER messages_ad AFTER DELETE ON messages BEGIN
        INSERT INTO messages_fts(messages_fts, rowid, text_content) VALUES ('delete', old.id, old.text_content); END
      CREATE TRIGGER messages_au AFTER UPDATE OF text_content ON messages BEGIN
        INSERT INTO messages_fts(messages_fts, rowid, text_content) VALUES ('delete', old.id, old.text_content);
        INSERT INTO messages_fts(rowid, text_content) VALUES (new.id, new.text_content); END

      """ + CountTriggers.triggers.joined(separator: "\n"))
}
