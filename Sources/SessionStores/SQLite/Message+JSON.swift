public import JSONText
internal import SessionModel

extension Message {
  /// The message as the tool's own JSON of it, compact, in the tool's field order.
  ///
  /// Undoing stores messages in this form. Times have the offset they are given with.
  public func json(for release: Release = .current) -> RawJSON {
    var writer = JSONWriter(escaping: .html, reserving: 1_024)
    writer.message(self, release)
    return RawJSON(writer.bytes[...])
  }

  /// Reads a message out of the tool's own JSON of it.
  init(json value: JSONValue) throws(StoreError) {
    func text(_ key: String) -> String { value[name: key]?.string?.string ?? "" }
    func int(_ key: String) -> Int64 { value[name: key]?.int64 ?? 0 }
    self.init(
      sessionID: text("session_id"), role: text("role"),
      parts: try value["parts"].map { (list) throws(StoreError) in try Parts(json: list.raw) }
        ?? .none,
      textContent: text("text_content"), sequence: int("sequence"))
    id = int("id")
    durationMilliseconds = int("duration_ms")
    turnIndex = int("turn_index")
    createdAt = Timestamp(rfc3339: text("created_at")) ?? .goZero
    isCompactionTail = value["compaction_tail"]?.bool ?? false
    clientMessageID = text("client_message_id")
    responseID = text("response_id")
    assistantSegmentOrdinal = int("assistant_segment_ordinal")
    segmentStartSequence = int("segment_start_sequence")
    segmentEndSequence = int("segment_end_sequence")
  }
}

extension JSONWriter {
  mutating func message(_ message: Message, _ release: Release) {
    beginObject()
    field("id", message.id)
    field("session_id", message.sessionID)
    field("role", message.role)
    key("parts")
    raw(message.parts.json(for: release)[...])
    field("text_content", message.textContent)
    unlessZero("duration_ms", message.durationMilliseconds)
    unlessZero("turn_index", message.turnIndex)
    field("created_at", message.createdAt.rfc3339)
    field("sequence", message.sequence)
    if release == .current {
      if message.isCompactionTail { field("compaction_tail", true) }
      unlessEmpty("client_message_id", message.clientMessageID)
      unlessEmpty("response_id", message.responseID)
      field("assistant_segment_ordinal", message.assistantSegmentOrdinal)
      unlessZero("segment_start_sequence", message.segmentStartSequence)
      unlessZero("segment_end_sequence", message.segmentEndSequence)
    }
    endObject()
  }

  mutating func unlessZero(_ name: StaticString, _ value: Int64) {
    if value != 0 { field(name, value) }
  }

  mutating func unlessEmpty(_ name: StaticString, _ value: String) {
    if !value.isEmpty { field(name, value) }
  }
}
