internal import JSONText
internal import SessionModel

/// The members of a line around its message.
struct ClaudeEnvelope {
  var uuid: String
  var parent: String?
  var isSideChain = false
  var isMeta = false
  var isSummary = false
  var time: Timestamp?
  var workspace: String?
  var sessionID = ""
  var gitBranch: String?
  /// Members that stay the same on all lines, then those of this line only.
  var common: [Extra] = []
  var extras: [Extra] = []
}

/// Lines before a compaction that are sent behind its summary.
struct ClaudePreserved {
  /// The summary.
  var anchor: ClaudeID
  var ids: [ClaudeID]
}

extension JSONWriter {
  /// Writes a line of a conversation with its line end; the members in the program's order.
  mutating func claudeTurn(
    _ type: StaticString, _ envelope: ClaudeEnvelope, message: (inout JSONWriter) -> Void
  ) {
    beginObject()
    claudeLinks(envelope)
    key("type")
    literal(type)
    key("message")
    message(&self)
    if envelope.isMeta { field("isMeta", true) }
    if envelope.isSummary {
      field("isVisibleInTranscriptOnly", true)
      field("isCompactSummary", true)
    }
    claudeEnd(envelope)
  }

  /// Writes a compaction boundary.
  mutating func claudeBoundary(
    _ envelope: ClaudeEnvelope, logicalParent: String?, tokens: Int64?,
    preserved: ClaudePreserved?
  ) {
    beginObject()
    key("parentUuid")
    null()
    if let logicalParent { field("logicalParentUuid", logicalParent) }
    field("isSidechain", envelope.isSideChain)
    field("type", "system")
    field("subtype", "compact_boundary")
    field("content", "Conversation compacted")
    field("level", "info")
    key("compactMetadata")
    beginObject()
    field("trigger", "auto")
    if let tokens { field("postTokens", tokens) }
    if let preserved {
      key("preservedMessages")
      beginObject()
      field("anchorUuid", preserved.anchor.text)
      key("uuids")
      beginArray()
      for id in preserved.ids { string(id.text) }
      endArray()
      endObject()
    }
    endObject()
    claudeEnd(envelope)
  }

  private mutating func claudeLinks(_ envelope: ClaudeEnvelope) {
    key("parentUuid")
    if let parent = envelope.parent { string(parent) } else { null() }
    field("isSidechain", envelope.isSideChain)
  }

  private mutating func claudeEnd(_ envelope: ClaudeEnvelope) {
    field("uuid", envelope.uuid)
    if let time = envelope.time { claudeTime(time) }
    for extra in envelope.extras { claudeExtra(extra) }
    claudeCommon(envelope)
    endObject()
    newline()
  }

  private mutating func claudeTime(_ time: Timestamp) {
    key("timestamp")
    if let text = time.text { string(text) } else { ascii { ClaudeTime.append(time, to: &$0) } }
  }

  /// Writes the members that stay the same on all lines.
  mutating func claudeCommon(_ envelope: ClaudeEnvelope) {
    for extra in envelope.common where extra.key != "version" { claudeExtra(extra) }
    if let workspace = envelope.workspace { field("cwd", workspace) }
    field("sessionId", envelope.sessionID)
    for extra in envelope.common where extra.key == "version" { claudeExtra(extra) }
    if let branch = envelope.gitBranch { field("gitBranch", branch) }
  }

  mutating func claudeExtra(_ extra: Extra) {
    key(JSONString(extra.key))
    raw(extra.value)
  }

  /// Writes a metadata record with one text; the type first, as lists look for it.
  mutating func claudeMetadata(
    _ type: String, _ name: StaticString, _ value: String, sessionID: String
  ) {
    beginObject()
    field("type", type)
    field(name, value)
    field("sessionId", sessionID)
    endObject()
    newline()
  }
}
