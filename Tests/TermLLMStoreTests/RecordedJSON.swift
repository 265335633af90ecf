import JSONText
import struct SessionModel.Timestamp
import TestSupport

@testable import TermLLMStore

/// The tool's JSON of values, as the recorded answers spell it.
struct GoMembers {
  var members: [String: PlainJSON] = [:]

  mutating func add(_ key: String, _ text: String) { members[key] = .string(text) }
  mutating func omitEmpty(_ key: String, _ text: String) { if !text.isEmpty { add(key, text) } }
  mutating func omitZero(_ key: String, _ value: Int64) {
    if value != 0 { members[key] = .number("\(value)") }
  }
  mutating func omitFalse(_ key: String, _ value: Bool) { if value { members[key] = .bool(true) } }
  mutating func add(_ key: String, _ time: Timestamp) { add(key, time.rfc3339) }
  mutating func omitNil(_ key: String, _ json: RawJSON?) {
    if let json, let plain = try? PlainJSON(json.bytes) { members[key] = plain }
  }
  var json: PlainJSON { .object(members) }
}

extension Session {
  func recorded(_ release: Release) -> PlainJSON {
    var go = GoMembers()
    go.add("id", id)
    go.omitZero("number", number)
    go.omitEmpty("name", name)
    go.omitEmpty("summary", summary)
    go.add("provider", provider)
    go.add("model", model)
    go.omitEmpty("mode", mode.rawValue)
    go.omitEmpty("agent", agent)
    go.omitEmpty("cwd", cwd)
    go.add("created_at", createdAt)
    go.add("updated_at", updatedAt)
    go.omitFalse("archived", isArchived)
    go.omitEmpty("parent_id", parentID)
    go.omitFalse("is_subagent", isSubagent)
    go.omitFalse("search", search)
    go.omitEmpty("tools", tools)
    go.omitEmpty("mcp", mcp)
    go.omitZero("user_turns", userTurns)
    go.omitZero("llm_turns", llmTurns)
    go.omitZero("tool_calls", toolCalls)
    go.omitZero("input_tokens", inputTokens)
    go.omitZero("cached_input_tokens", cachedInputTokens)
    go.omitZero("output_tokens", outputTokens)
    go.omitEmpty("status", status.rawValue)
    go.omitEmpty("tags", tags)
    guard release == .current else { return go.json }
    go.omitEmpty("generated_short_title", generatedShortTitle)
    go.omitEmpty("generated_long_title", generatedLongTitle)
    go.omitEmpty("title_source", titleSource)
    go.add("title_generated_at", titleGeneratedAt)
    go.omitZero("title_basis_msg_seq", titleBasisSequence)
    go.add("title_skipped_at", titleSkippedAt)
    go.omitEmpty("provider_key", providerKey)
    go.omitEmpty("reasoning_effort", reasoningEffort)
    go.omitEmpty("reasoning_mode", reasoningMode)
    go.omitEmpty("approval_mode", approvalMode)
    go.omitEmpty("origin", origin)
    go.omitEmpty("worktree_dir", worktreeDirectory)
    go.omitFalse("pinned", isPinned)
    go.omitZero("cache_write_tokens", cacheWriteTokens)
    go.omitZero("last_total_tokens", lastTotalTokens)
    go.omitZero("last_message_count", lastMessageCount)
    go.omitZero("message_count", messageCount)
    go.omitNil("goal", goal)
    go.omitNil("share", share)
    go.omitZero("compaction_seq", compactionSequence)
    go.omitZero("compaction_count", compactionCount)
    return go.json
  }

  init(recorded json: JSONValue) throws {
    self.init()
    for (key, value) in json.members {
      let text = value.string?.string ?? ""
      let number = value.int64 ?? 0
      let flag = value.bool ?? false
      switch key.string {
      case "id": id = text
      case "number": self.number = number
      case "name": name = text
      case "summary": summary = text
      case "provider": provider = text
      case "provider_key": providerKey = text
      case "model": model = text
      case "mode": mode = SessionMode(rawValue: text)
      case "agent": agent = text
      case "cwd": cwd = text
      case "created_at": createdAt = Timestamp(rfc3339: text) ?? .goZero
      case "updated_at": updatedAt = Timestamp(rfc3339: text) ?? .goZero
      case "archived": isArchived = flag
      case "pinned": isPinned = flag
      case "parent_id": parentID = text
      case "is_subagent": isSubagent = flag
      case "search": search = flag
      case "tools": tools = text
      case "mcp": mcp = text
      case "user_turns": userTurns = number
      case "llm_turns": llmTurns = number
      case "tool_calls": toolCalls = number
      case "input_tokens": inputTokens = number
      case "cached_input_tokens": cachedInputTokens = number
      case "cache_write_tokens": cacheWriteTokens = number
      case "output_tokens": outputTokens = number
      case "last_total_tokens": lastTotalTokens = number
      case "last_message_count": lastMessageCount = number
      case "message_count": messageCount = number
      case "status": status = SessionStatus(rawValue: text)
      case "tags": tags = text
      case "origin": origin = text
      case "compaction_seq": compactionSequence = number
      case "compaction_count": compactionCount = number
      case "generated_short_title": generatedShortTitle = text
      case "generated_long_title": generatedLongTitle = text
      case "title_source": titleSource = text
      case "title_generated_at": titleGeneratedAt = Timestamp(rfc3339: text) ?? .goZero
      case "title_skipped_at": titleSkippedAt = Timestamp(rfc3339: text) ?? .goZero
      case "title_basis_msg_seq": titleBasisSequence = number
      case "reasoning_effort": reasoningEffort = text
      case "reasoning_mode": reasoningMode = text
      case "approval_mode": approvalMode = text
      case "worktree_dir": worktreeDirectory = text
      case "goal": goal = value.isNull ? nil : RawJSON(value.raw)
      case "share": share = value.isNull ? nil : RawJSON(value.raw)
      default: throw StoreError(.malformed, "unknown field \(key)")
      }
    }
  }
}

extension SessionSummary {
  func recorded(_ release: Release) -> PlainJSON {
    var go = GoMembers()
    go.add("id", id)
    go.omitZero("number", number)
    go.omitEmpty("name", name)
    go.omitEmpty("summary", summary)
    go.add("provider", provider)
    go.add("model", model)
    go.omitEmpty("mode", mode.rawValue)
    go.add("created_at", createdAt)
    go.add("updated_at", updatedAt)
    go.members["message_count"] = .number("\(messageCount)")
    go.omitZero("user_turns", userTurns)
    go.omitZero("llm_turns", llmTurns)
    go.omitZero("tool_calls", toolCalls)
    go.omitZero("input_tokens", inputTokens)
    go.omitZero("cached_input_tokens", cachedInputTokens)
    go.omitZero("output_tokens", outputTokens)
    go.omitEmpty("status", status.rawValue)
    go.omitEmpty("tags", tags)
    // Documented releases do not tell in lists whether a session was put away.
    guard release == .current else { return go.json }
    go.omitFalse("archived", isArchived)
    go.omitEmpty("generated_short_title", generatedShortTitle)
    go.omitEmpty("generated_long_title", generatedLongTitle)
    go.omitEmpty("title_source", titleSource)
    go.omitEmpty("provider_key", providerKey)
    go.omitEmpty("origin", origin)
    go.omitEmpty("worktree_dir", worktreeDirectory)
    go.omitFalse("pinned", isPinned)
    go.omitZero("cache_write_tokens", cacheWriteTokens)
    go.omitNil("goal", goal)
    go.omitNil("share", share)
    go.add("last_message_at", lastMessageAt)
    go.omitZero("transcript_rev", transcriptRevision)
    return go.json
  }
}

extension SearchResult {
  func recorded(_ release: Release) -> PlainJSON {
    var go = GoMembers()
    go.add("session_id", session.id)
    go.members["session_number"] = .number("\(session.number)")
    go.members["message_id"] = .number("\(messageID)")
    go.add("session_name", session.name)
    go.add("summary", session.summary)
    go.add("snippet", snippet)
    go.add("provider", session.provider)
    go.add("model", session.model)
    go.add("created_at", createdAt)
    guard release == .current else { return go.json }
    go.omitEmpty("generated_short_title", session.generatedShortTitle)
    go.omitEmpty("generated_long_title", session.generatedLongTitle)
    go.omitEmpty("title_source", session.titleSource)
    go.omitEmpty("provider_key", session.providerKey)
    go.omitEmpty("origin", session.origin)
    go.omitEmpty("mode", session.mode.rawValue)
    go.omitEmpty("status", session.status.rawValue)
    go.omitFalse("archived", session.isArchived)
    go.omitFalse("pinned", session.isPinned)
    go.omitZero("message_count", session.messageCount)
    go.add("session_created_at", session.createdAt)
    go.add("updated_at", session.updatedAt)
    go.add("last_message_at", session.lastMessageAt)
    return go.json
  }
}

extension Message {
  func recorded(_ release: Release) -> PlainJSON {
    (try? PlainJSON(json(for: release).bytes)) ?? .null
  }
}

extension PlainJSON {
  /// With every point in time replaced by whether there is one, and whether it is Go's zero time.
  var withoutTimes: PlainJSON {
    switch self {
    case .array(let list): return .array(list.map(\.withoutTimes))
    case .object(let members):
      var result: [String: PlainJSON] = [:]
      for (key, value) in members {
        if key.hasSuffix("_at"), let text = value.string {
          result[key] = .string(text == "0001-01-01T00:00:00Z" ? "zero" : "set")
        } else {
          result[key] = value.withoutTimes
        }
      }
      return .object(result)
    default: return self
    }
  }
}
