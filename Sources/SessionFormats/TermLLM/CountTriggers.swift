/// The triggers that keep `sessions.message_count`, which the tool makes anew whenever it opens a
/// database (term-llm format notes, section 3.2).
package enum CountTriggers {
  /// What the tool runs when it opens a database.
  package static let all = triggers + [clientMessageIndex]

  static let triggers: [String] = [
    trigger("messages_count_ai", "AFTER INSERT", "WHEN \(isShown("new"))", count("new", "+ 1")),
    trigger("messages_count_ad", "AFTER DELETE", "WHEN \(isShown("old"))", count("old", "- 1")),
    trigger(
      "messages_count_au", "AFTER UPDATE",
      "WHEN old.session_id <> new.session_id OR (\(isShown("old"))) <> (\(isShown("new")))",
      count("old", "- (CASE WHEN \(isShown("old")) THEN 1 ELSE 0 END)")
        + count("new", "+ (CASE WHEN \(isShown("new")) THEN 1 ELSE 0 END)")),
  ]

  private static let clientMessageIndex = """
    CREATE UNIQUE INDEX IF NOT EXISTS idx_messages_client_message_id \
    ON messages(session_id, client_message_id) WHERE client_message_id <> ''
    """

  private static func trigger(
    _ name: String, _ event: String, _ condition: String, _ body: String
  ) -> String {
    "CREATE TRIGGER IF NOT EXISTS \(name) \(event) ON messages \(condition) BEGIN \(body) END"
  }

  private static func count(_ row: String, _ change: String) -> String {
    "UPDATE sessions SET message_count = COALESCE(message_count, 0) \(change) "
      + "WHERE id = \(row).session_id; "
  }

  /// Whether a row is shown as a bubble.
  private static func isShown(_ row: String) -> String {
    let blanks = "char(9)||char(10)||char(11)||char(12)||char(13)||char(32)"
    let text = "TRIM(COALESCE(\(row).text_content, ''), \(blanks))"
    return """
      COALESCE(\(row).compaction_tail, FALSE) = FALSE AND (\
      (\(row).role = 'user' AND substr(\(text), 1, 20) <> '[Context Compaction]') OR \
      (\(row).role = 'assistant' AND \(text) <> ''))
      """
  }
}
