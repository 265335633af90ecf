internal import SessionFormats
internal import SessionModel

/// The columns of `messages` that a release reads and writes.
enum MessageRow {
  private static let documented = [
    "id", "session_id", "role", "parts", "text_content", "duration_ms", "created_at", "sequence",
  ]
  private static let current =
    documented + [
      "turn_index", "compaction_tail", "client_message_id", "response_id",
      "assistant_segment_ordinal", "segment_start_sequence", "segment_end_sequence",
    ]

  static func columns(_ release: Release) -> [String] {
    release == .documented ? documented : current
  }

  static func message(_ values: [SQLiteValue], _ release: Release) throws(StoreError) -> Message {
    let row = Row(columns: columns(release), values: values, subject: "message")
    _ = try row.text("parts")
    let parts: Parts
    do throws(StoreError) {
      parts = try Parts(json: row.bytes("parts"))
    } catch {
      throw error.during("deserialize parts")
    }
    var message = Message(
      sessionID: try row.text("session_id"), role: try row.text("role"), parts: parts,
      textContent: try row.text("text_content"), sequence: try row.int("sequence"))
    message.id = try row.int("id")
    message.durationMilliseconds = try row.optionalInt("duration_ms")
    message.createdAt = try row.statedTime("created_at")
    if release == .documented { return message }
    message.turnIndex = try row.int("turn_index")
    message.isCompactionTail = try row.optionalBool("compaction_tail")
    message.clientMessageID = try row.text("client_message_id")
    message.responseID = try row.text("response_id")
    message.assistantSegmentOrdinal = try row.int("assistant_segment_ordinal")
    message.segmentStartSequence = try row.int("segment_start_sequence")
    message.segmentEndSequence = try row.int("segment_end_sequence")
    return message
  }

  /// All columns but the identifier.
  static func values(
    _ message: Message, _ release: Release
  ) -> [(column: String, value: SQLiteValue)] {
    var columns: [(column: String, value: SQLiteValue)] = [
      ("session_id", SQLiteValue(message.sessionID)), ("role", SQLiteValue(message.role)),
      ("parts", .text(message.parts.json(for: release))),
      ("text_content", SQLiteValue(message.textContent)),
      ("duration_ms", .integer(message.durationMilliseconds)),
      ("created_at", .time(message.createdAt)), ("sequence", .integer(message.sequence)),
    ]
    guard release == .current else { return columns }
    columns += [
      ("turn_index", .integer(message.turnIndex)),
      ("compaction_tail", .bool(message.isCompactionTail)),
      ("client_message_id", SQLiteValue(message.clientMessageID)),
      ("response_id", SQLiteValue(message.responseID)),
      ("assistant_segment_ordinal", .integer(message.assistantSegmentOrdinal)),
      ("segment_start_sequence", .integer(message.segmentStartSequence)),
      ("segment_end_sequence", .integer(message.segmentEndSequence)),
    ]
    return columns
  }
}
