extension RowSchema {
  /// Schema 7 as the tool of that version creates it (term-llm format notes, section 3.1).
  package static let termLLM7 = RowSchema(
    "7",
    tables: """
      CREATE TABLE sessions (
        id TEXT PRIMARY KEY, number INTEGER, name TEXT, summary TEXT,
        provider TEXT NOT NULL, model TEXT NOT NULL, mode TEXT DEFAULT 'chat', agent TEXT, cwd TEXT,
        created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
        updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
        archived BOOLEAN DEFAULT FALSE, parent_id TEXT REFERENCES sessions(id),
        search BOOLEAN DEFAULT FALSE, tools TEXT, mcp TEXT,
        user_turns INTEGER DEFAULT 0, llm_turns INTEGER DEFAULT 0, tool_calls INTEGER DEFAULT 0,
        input_tokens INTEGER DEFAULT 0, cached_input_tokens INTEGER DEFAULT 0, output_tokens INTEGER DEFAULT 0,
        status TEXT DEFAULT 'active', tags TEXT)
      CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
        role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system', 'tool')),
        parts TEXT NOT NULL, text_content TEXT, duration_ms INTEGER,
        created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, sequence INTEGER NOT NULL)
      CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT)
      CREATE TABLE schema_version (version INTEGER NOT NULL)
      CREATE INDEX idx_sessions_updated_at ON sessions(updated_at DESC)
      CREATE INDEX idx_sessions_mode ON sessions(mode)
      CREATE INDEX idx_sessions_status ON sessions(status)
      CREATE UNIQUE INDEX idx_sessions_number ON sessions(number)
      CREATE INDEX idx_messages_session_id ON messages(session_id, sequence)
      CREATE UNIQUE INDEX idx_messages_session_sequence ON messages(session_id, sequence)
      INSERT INTO schema_version(version) VALUES (7)
      """,
    search: """
      CREATE VIRTUAL TABLE messages_fts USING fts5(text_content, content='messages', content_rowid='id')
      CREATE TRIGGER messages_ai AFTER INSERT ON messages BEGIN
        INSERT INTO messages_fts(rowid, text_content) VALUES (new.id, new.text_content); END
      CREATE TRIGGER messages_ad AFTER DELETE ON messages BEGIN
        INSERT INTO messages_fts(messages_fts, rowid, text_content) VALUES ('delete', old.id, old.text_content); END
      CREATE TRIGGER messages_au AFTER UPDATE ON messages BEGIN
        INSERT INTO messages_fts(messages_fts, rowid, text_content) VALUES ('delete', old.id, old.text_content);
        INSERT INTO messages_fts(rowid, text_content) VALUES (new.id, new.text_content); END
      """)
}
