package import JSONText
package import SessionModel

extension CanonicalJSON {
  /// Whether the tool uses the entry of a record that says what some content says, told without
  /// scanning or decoding the record.
  ///
  /// Not nil only where decoding gives content that is equal and that every format spells alike. Nil
  /// says nothing: what is rare, spelled or ordered otherwise, or cannot be decoded exactly, is not
  /// looked at.
  ///
  /// - Parameter range: Where in the bytes the record is; white space may follow it.
  package static func isEffective(
    in bytes: [UInt8], _ range: Range<Int>, saying content: Entry.Content, limits: JSONLimits
  ) -> Bool? {
    var isEffective = true
    let says = JSONMatcher.follows(bytes, in: range, limits: limits) { text in
      guard text.beginObject(), text.key("record") else { return false }
      switch content {
      case .message(let message):
        return text.literal("message") && text.effective(&isEffective) && text.says(message)
          && text.endObject()
      case .usage(let record):
        return text.literal("usage") && text.effective(&isEffective) && text.says(record)
          && text.endObject()
      case .metric(let record):
        return text.literal("metric") && text.effective(&isEffective) && text.says(record)
          && text.endObject()
      case .headChange(let head):
        return text.literal("head") && text.effective(&isEffective) && text.key("head")
          && text.says(head) && text.endObject()
      case .checkpoint(let checkpoint):
        return text.literal("checkpoint") && text.effective(&isEffective)
          && text.says(checkpoint) && text.endObject()
      case .event(let record):
        return text.literal("event") && text.effective(&isEffective) && text.says(record)
          && text.endObject()
      case .opaque:
        return false
      }
    }
    return says ? isEffective : nil
  }
}

extension JSONMatcher {
  /// Takes the member that says that the tool does not use an entry, if it comes next.
  fileprivate mutating func effective(_ isEffective: inout Bool) -> Bool {
    guard isNext("effective") else { return true }
    isEffective = false
    return key("effective") && bool(false)
  }

  fileprivate mutating func says(_ message: Message) -> Bool {
    if case .other = message.role { return false }
    guard says("id", message.id), says("parent", message.parent), key("role"),
      string(message.role.name), says("time", message.time),
      says("duration_ns", message.duration), says("model", message.model),
      says("usage", message.usage), says("turn", message.turn), says(message.flags),
      key("content"), says(message.blocks, isInner: false)
    else { return false }
    return says(message.extras)
  }

  private mutating func says(_ flags: MessageFlags) -> Bool {
    guard !flags.isEmpty else { return true }
    guard key("flags"), beginArray() else { return false }
    for (flag, name) in CanonicalJSON.flagNames where flags.contains(flag) {
      guard literal(name) else { return false }
    }
    return endArray()
  }

  fileprivate mutating func says(_ checkpoint: Checkpoint) -> Bool {
    guard says("time", checkpoint.time), says("summary_message", checkpoint.summaryMessage),
      says("last_message", checkpoint.lastMessage), says("tokens", checkpoint.tokens)
    else { return false }
    if let messages = checkpoint.messages {
      guard key("messages"), beginArray() else { return false }
      for message in messages {
        guard beginObject(), says(message), endObject() else { return false }
      }
      guard endArray() else { return false }
    }
    return says(checkpoint.extras)
  }

  fileprivate mutating func says(_ record: UsageRecord) -> Bool {
    says("time", record.time) && says("turn", record.turn) && says("model", record.model)
      && says("provider", record.provider) && says("endpoint", record.endpoint)
      && says("source", record.source) && says("usage", record.usage) && says(record.extras)
  }

  fileprivate mutating func says(_ record: MetricRecord) -> Bool {
    key("kind") && string(record.kind) && says("time", record.time) && says("turn", record.turn)
      && says("time_to_first_token_ns", record.timeToFirstToken)
      && says("think_time_ns", record.thinkTime) && says("duration_ns", record.duration)
      && says("usage", record.usage) && says("tool", record.tool)
      && says("tool_success", record.toolSuccess) && says("tool_error", record.toolError)
      && says("tool_duration_ns", record.toolDuration) && says("model", record.model)
      && says("provider", record.provider) && says("endpoint", record.endpoint)
      && says(record.extras)
  }

  fileprivate mutating func says(_ record: EventRecord) -> Bool {
    key("format") && string(record.format) && key("kind") && string(record.kind)
      && says("id", record.id) && says("stream", record.stream) && says("type", record.type)
      && says("time", record.time) && says("data", record.data) && says(record.extras)
  }

  fileprivate mutating func says(_ head: SessionHead) -> Bool {
    guard head.tags.isEmpty, head.parent == nil, beginObject(), key("id"), string(head.id),
      says("title", head.title), says("summary", head.summary), says("preview", head.preview),
      says("created", head.created), says("updated", head.updated),
      says("workspace", head.workspace), says("git_branch", head.gitBranch),
      says("git_commit", head.gitCommit), says("provider", head.provider),
      says("provider_key", head.providerKey), says("endpoint", head.endpoint),
      says("model", head.model), says("agent", head.agent), says("mode", head.mode),
      says("status", head.status), says("archived", head.archived),
      says("pinned", head.pinned), says("usage", head.usage), says(head.extras)
    else { return false }
    return endObject()
  }

  // MARK: Blocks

  /// - Parameter isInner: Whether the blocks are within another one, in which there are only texts.
  private mutating func says(_ blocks: [Block], isInner: Bool) -> Bool {
    guard beginArray() else { return false }
    for block in blocks {
      guard beginObject(), key("type"), says(block, isInner: isInner), endObject() else {
        return false
      }
    }
    return endArray()
  }

  private mutating func says(_ block: Block, isInner: Bool) -> Bool {
    switch block {
    case .text(let block):
      return literal("text") && says("text", block.text) && says(block.extras)
    case .thinking(let block) where !isInner:
      return literal("thinking") && says("text", block.text)
        && says("signature", block.signature) && says("encrypted", block.encrypted)
        && says("id", block.id) && says("kind", block.kind) && says(block.extras)
    case .toolCall(let block) where !isInner:
      return literal("tool_call") && says("id", block.id) && says("name", block.name)
        && says("arguments", block.arguments) && says(block.extras)
    case .toolResult(let block) where !isInner:
      return literal("tool_result") && says("call_id", block.callID) && says("name", block.name)
        && says("is_error", block.isError ? true : nil) && key("content")
        && says(block.content, isInner: true) && says(block.extras)
    default: return false
    }
  }

  // MARK: Members

  // Each of these says yes to an absent value: a member that is there nevertheless is in the way of
  // what is expected next.

  private mutating func says(_ name: StaticString, _ text: String?) -> Bool {
    guard let text else { return true }
    return key(name) && string(text)
  }

  private mutating func says(_ name: StaticString, _ text: JSONString?) -> Bool {
    guard let text else { return true }
    return key(name) && string(text)
  }

  private mutating func says(_ name: StaticString, _ number: Int64?) -> Bool {
    guard let number else { return true }
    return key(name) && int(number)
  }

  private mutating func says(_ name: StaticString, _ flag: Bool?) -> Bool {
    guard let flag else { return true }
    return key(name) && bool(flag)
  }

  private mutating func says(_ name: StaticString, _ json: RawJSON?) -> Bool {
    guard let json else { return true }
    return key(name) && raw(json)
  }

  private mutating func says(_ name: StaticString, _ time: Timestamp?) -> Bool {
    guard let time else { return true }
    guard time.text == nil, !time.isSynthesised, key(name) else { return false }
    return string { bytes in
      Timestamp(rfc3339: bytes).map { $0 == time && $0.text == nil } ?? false
    }
  }

  private mutating func says(_ name: StaticString, _ tokens: TokenUsage?) -> Bool {
    guard let tokens else { return true }
    return key(name) && beginObject() && says("input", tokens.input)
      && says("output", tokens.output) && says("cache_read", tokens.cacheRead)
      && says("cache_write", tokens.cacheWrite) && says("prompt_total", tokens.promptTotal)
      && endObject()
  }

  /// Fields that only one format has, grouped by their formats.
  private mutating func says(_ extras: [Extra]) -> Bool {
    guard let first = extras.first else { return true }
    guard key("extras"), beginObject(), key(first.format), beginObject() else { return false }
    var format = first.format
    for extra in extras {
      if extra.format != format {
        guard endObject(), key(extra.format), beginObject() else { return false }
        format = extra.format
      }
      guard key(extra.key), raw(extra.value) else { return false }
    }
    return endObject() && endObject()
  }
}
