import JSONText
import struct SessionModel.Timestamp
import TestSupport

@testable import TermLLMStore

extension Session {
  func recorded(_ release: Release) -> PlainJSON {
    // What is not JSON is told apart from any recorded answer.
    (try? PlainJSON(json(for: release).bytes)) ?? .null
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
    // What is not JSON is told apart from any recorded answer.
    (try? PlainJSON(json(for: release).bytes)) ?? .null
  }
}

extension SearchResult {
  func recorded(_ release: Release) -> PlainJSON {
    // What is not JSON is told apart from any recorded answer.
    (try? PlainJSON(json(for: release).bytes)) ?? .null
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
