public import JSONText
internal import SessionModel

extension Session {
  /// The session as the tool's own JSON of it, compact.
  public func json(for release: Release = .current) -> RawJSON {
    var writer = JSONWriter(escaping: .html, reserving: 1_024)
    writer.beginObject()
    writer.field("id", id)
    writer.unlessZero("number", number)
    writer.unlessEmpty("name", name)
    writer.unlessEmpty("summary", summary)
    writer.field("provider", provider)
    writer.field("model", model)
    writer.unlessEmpty("mode", mode.rawValue)
    writer.unlessEmpty("agent", agent)
    writer.unlessEmpty("cwd", cwd)
    writer.field("created_at", createdAt.rfc3339)
    writer.field("updated_at", updatedAt.rfc3339)
    writer.unlessFalse("archived", isArchived)
    writer.unlessEmpty("parent_id", parentID)
    writer.unlessFalse("is_subagent", isSubagent)
    writer.unlessFalse("search", search)
    writer.unlessEmpty("tools", tools)
    writer.unlessEmpty("mcp", mcp)
    writer.unlessZero("user_turns", userTurns)
    writer.unlessZero("llm_turns", llmTurns)
    writer.unlessZero("tool_calls", toolCalls)
    writer.unlessZero("input_tokens", inputTokens)
    writer.unlessZero("cached_input_tokens", cachedInputTokens)
    writer.unlessZero("output_tokens", outputTokens)
    writer.unlessEmpty("status", status.rawValue)
    writer.unlessEmpty("tags", tags)
    guard release == .current else { return RawJSON(writer.ended()) }
    writer.unlessEmpty("generated_short_title", generatedShortTitle)
    writer.unlessEmpty("generated_long_title", generatedLongTitle)
    writer.unlessEmpty("title_source", titleSource)
    writer.field("title_generated_at", titleGeneratedAt.rfc3339)
    writer.unlessZero("title_basis_msg_seq", titleBasisSequence)
    writer.field("title_skipped_at", titleSkippedAt.rfc3339)
    writer.unlessEmpty("provider_key", providerKey)
    writer.unlessEmpty("reasoning_effort", reasoningEffort)
    writer.unlessEmpty("reasoning_mode", reasoningMode)
    writer.unlessEmpty("approval_mode", approvalMode)
    writer.unlessEmpty("origin", origin)
    writer.unlessEmpty("worktree_dir", worktreeDirectory)
    writer.unlessFalse("pinned", isPinned)
    writer.unlessZero("cache_write_tokens", cacheWriteTokens)
    writer.unlessZero("last_total_tokens", lastTotalTokens)
    writer.unlessZero("last_message_count", lastMessageCount)
    writer.unlessZero("message_count", messageCount)
    writer.unlessNil("goal", goal)
    writer.unlessNil("share", share)
    writer.unlessZero("compaction_seq", compactionSequence)
    writer.unlessZero("compaction_count", compactionCount)
    return RawJSON(writer.ended())
  }
}

extension SessionSummary {
  /// The summary as the tool's own JSON of it, compact.
  public func json(for release: Release = .current) -> RawJSON {
    var writer = JSONWriter(escaping: .html, reserving: 1_024)
    writer.beginObject()
    writer.field("id", id)
    writer.unlessZero("number", number)
    writer.unlessEmpty("name", name)
    writer.unlessEmpty("summary", summary)
    writer.field("provider", provider)
    writer.field("model", model)
    writer.unlessEmpty("mode", mode.rawValue)
    writer.field("created_at", createdAt.rfc3339)
    writer.field("updated_at", updatedAt.rfc3339)
    writer.field("message_count", messageCount)
    writer.unlessZero("user_turns", userTurns)
    writer.unlessZero("llm_turns", llmTurns)
    writer.unlessZero("tool_calls", toolCalls)
    writer.unlessZero("input_tokens", inputTokens)
    writer.unlessZero("cached_input_tokens", cachedInputTokens)
    writer.unlessZero("output_tokens", outputTokens)
    writer.unlessEmpty("status", status.rawValue)
    writer.unlessEmpty("tags", tags)
    // Documented releases do not tell in lists whether a session was put away.
    guard release == .current else { return RawJSON(writer.ended()) }
    writer.unlessFalse("archived", isArchived)
    writer.unlessEmpty("generated_short_title", generatedShortTitle)
    writer.unlessEmpty("generated_long_title", generatedLongTitle)
    writer.unlessEmpty("title_source", titleSource)
    writer.unlessEmpty("provider_key", providerKey)
    writer.unlessEmpty("origin", origin)
    writer.unlessEmpty("worktree_dir", worktreeDirectory)
    writer.unlessFalse("pinned", isPinned)
    writer.unlessZero("cache_write_tokens", cacheWriteTokens)
    writer.unlessNil("goal", goal)
    writer.unlessNil("share", share)
    writer.field("last_message_at", lastMessageAt.rfc3339)
    writer.field("transcript_rev", transcriptRevision)
    return RawJSON(writer.ended())
  }
}

extension SearchResult {
  /// The result as the tool's own JSON of it, compact.
  public func json(for release: Release = .current) -> RawJSON {
    var writer = JSONWriter(escaping: .html, reserving: 1_024)
    writer.beginObject()
    writer.field("session_id", session.id)
    writer.field("session_number", session.number)
    writer.field("message_id", messageID)
    writer.field("session_name", session.name)
    writer.field("summary", session.summary)
    writer.field("snippet", snippet)
    writer.field("provider", session.provider)
    writer.field("model", session.model)
    writer.field("created_at", createdAt.rfc3339)
    guard release == .current else { return RawJSON(writer.ended()) }
    writer.unlessEmpty("generated_short_title", session.generatedShortTitle)
    writer.unlessEmpty("generated_long_title", session.generatedLongTitle)
    writer.unlessEmpty("title_source", session.titleSource)
    writer.unlessEmpty("provider_key", session.providerKey)
    writer.unlessEmpty("origin", session.origin)
    writer.unlessEmpty("mode", session.mode.rawValue)
    writer.unlessEmpty("status", session.status.rawValue)
    writer.unlessFalse("archived", session.isArchived)
    writer.unlessFalse("pinned", session.isPinned)
    writer.unlessZero("message_count", session.messageCount)
    writer.field("session_created_at", session.createdAt.rfc3339)
    writer.field("updated_at", session.updatedAt.rfc3339)
    writer.field("last_message_at", session.lastMessageAt.rfc3339)
    return RawJSON(writer.ended())
  }
}

extension JSONWriter {
  fileprivate mutating func unlessFalse(_ name: StaticString, _ value: Bool) {
    if value { field(name, true) }
  }

  fileprivate mutating func unlessNil(_ name: StaticString, _ value: RawJSON?) {
    guard let value, JSONDocument(ifValid: Array(value.bytes), limits: .go) != nil else { return }
    key(name)
    compact(value.bytes)
  }

  /// The bytes with the end of the object.
  fileprivate mutating func ended() -> ArraySlice<UInt8> {
    endObject()
    return bytes[...]
  }
}
