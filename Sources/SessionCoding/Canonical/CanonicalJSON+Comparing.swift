internal import JSONText
internal import SessionModel

extension CanonicalJSON {
  /// Whether a record says what some content says, told in place, without decoding the record.
  ///
  /// True only where decoding gives content that is equal and that every format spells alike. False
  /// says nothing: what is rare, or cannot be decoded exactly, is not looked at.
  static func record(of kind: Int, _ value: JSONValue, says content: Entry.Content) -> Bool {
    switch (kind, content) {
    case (0, .message(let message)): says(value, message)
    case (1, .usage(let record)): says(value, record)
    case (2, .metric(let record)): says(value, record)
    case (3, .headChange(let head)): value["head"].map { says($0, head) } ?? false
    default: false
    }
  }

  private static func says(_ value: JSONValue, _ message: Message) -> Bool {
    if case .other = message.role { return false }
    guard let object = CanonicalObject<MessageField>(value),
      object.says(.role, word: message.role.name), object.says(.id, message.id),
      object.says(.parent, message.parent), object.says(.time, message.time),
      object.says(.duration, message.duration), object.says(.model, message.model),
      object.says(.usage, message.usage), object.says(.turn, message.turn),
      message.flags.isEmpty, !object.has(.flags), object.says(.extras, message.extras),
      let content = object[.content], content.kind == .array
    else { return false }
    return says(content, message.blocks, isInner: false)
  }

  /// - Parameter isInner: Whether the blocks are within another one, in which there are only texts.
  private static func says(_ value: JSONValue, _ blocks: [Block], isInner: Bool) -> Bool {
    var count = 0
    for element in value.elements {
      guard count < blocks.count, says(element, blocks[count], isInner: isInner) else {
        return false
      }
      count += 1
    }
    return count == blocks.count
  }

  private static func says(_ value: JSONValue, _ block: Block, isInner: Bool) -> Bool {
    guard let object = CanonicalObject<BlockField>(value) else { return false }
    switch block {
    case .text(let block):
      return object.says(.type, word: "text") && object.says(.text, block.text)
        && object.says(.extras, block.extras)
    case .thinking(let block) where !isInner:
      return object.says(.type, word: "thinking") && object.says(.text, block.text)
        && object.says(.signature, block.signature) && object.says(.encrypted, block.encrypted)
        && object.says(.id, block.id) && object.says(.kind, block.kind)
        && object.says(.extras, block.extras)
    case .toolCall(let block) where !isInner:
      return object.says(.type, word: "tool_call") && object.says(.id, block.id)
        && object.says(.name, block.name) && object.says(.arguments, block.arguments)
        && object.says(.extras, block.extras)
    case .toolResult(let block) where !isInner:
      guard object.says(.type, word: "tool_result"), object.says(.callID, block.callID),
        object.says(.name, block.name), object.says(.isError, block.isError ? true : nil),
        object.says(.extras, block.extras)
      else { return false }
      guard let content = object[.content] else { return block.content.isEmpty }
      return says(content, block.content, isInner: true)
    default: return false
    }
  }

  private static func says(_ value: JSONValue, _ record: UsageRecord) -> Bool {
    guard let object = CanonicalObject<UsageField>(value) else { return false }
    return object.says(.time, record.time) && object.says(.turn, record.turn)
      && object.says(.model, record.model) && object.says(.provider, record.provider)
      && object.says(.endpoint, record.endpoint) && object.says(.source, record.source)
      && object.says(.usage, record.usage) && object.says(.extras, record.extras)
  }

  private static func says(_ value: JSONValue, _ record: MetricRecord) -> Bool {
    guard let object = CanonicalObject<MetricField>(value) else { return false }
    return object.says(.kind, record.kind) && object.says(.time, record.time)
      && object.says(.turn, record.turn) && object.says(.timeToFirstToken, record.timeToFirstToken)
      && object.says(.thinkTime, record.thinkTime) && object.says(.duration, record.duration)
      && object.says(.usage, record.usage) && object.says(.tool, record.tool)
      && object.says(.toolSuccess, record.toolSuccess)
      && object.says(.toolError, record.toolError)
      && object.says(.toolDuration, record.toolDuration) && object.says(.model, record.model)
      && object.says(.provider, record.provider) && object.says(.endpoint, record.endpoint)
      && object.says(.extras, record.extras)
  }

  private static func says(_ value: JSONValue, _ head: SessionHead) -> Bool {
    guard head.tags.isEmpty, head.parent == nil, let object = CanonicalObject<HeadField>(value),
      !object.has(.tags), !object.has(.parent)
    else { return false }
    return object.says(.id, head.id) && object.says(.title, head.title)
      && object.says(.summary, head.summary) && object.says(.preview, head.preview)
      && object.says(.created, head.created) && object.says(.updated, head.updated)
      && object.says(.workspace, head.workspace) && object.says(.gitBranch, head.gitBranch)
      && object.says(.gitCommit, head.gitCommit) && object.says(.provider, head.provider)
      && object.says(.providerKey, head.providerKey) && object.says(.endpoint, head.endpoint)
      && object.says(.model, head.model) && object.says(.agent, head.agent)
      && object.says(.mode, head.mode) && object.says(.status, head.status)
      && object.says(.archived, head.archived) && object.says(.pinned, head.pinned)
      && object.says(.usage, head.usage) && object.says(.extras, head.extras)
  }
}

/// Whether a member says some value, or is absent where there is none.
extension CanonicalObject {
  fileprivate func says(_ field: Field, _ text: String?) -> Bool {
    guard let text else { return !has(field) }
    return says(field, word: text)
  }

  fileprivate func says(_ field: Field, word: String) -> Bool {
    table.states(field.rawValue, word)
  }

  fileprivate func says(_ field: Field, _ text: JSONString?) -> Bool {
    guard let text else { return !has(field) }
    guard let stated = string(field) else { return false }
    return stated.isExact && text.isExact && stated == text
  }

  fileprivate func says(_ field: Field, _ number: Int64?) -> Bool {
    guard let number else { return !has(field) }
    return int64(field) == number
  }

  fileprivate func says(_ field: Field, _ flag: Bool?) -> Bool {
    guard let flag else { return !has(field) }
    return bool(field) == flag
  }

  fileprivate func says(_ field: Field, _ time: Timestamp?) -> Bool {
    guard let time else { return !has(field) }
    guard let stated = self[field]?.time else { return false }
    return stated == time && stated.text == nil && time.text == nil
      && stated.isSynthesised == time.isSynthesised
  }

  fileprivate func says(_ field: Field, _ tokens: TokenUsage?) -> Bool {
    guard let tokens else { return !has(field) }
    return self[field]?.tokens == tokens
  }

  fileprivate func says(_ field: Field, _ json: RawJSON?) -> Bool {
    guard let json else { return !has(field) }
    return self[field].map { RawJSON($0.raw) == json } ?? false
  }

  /// Fields that only one format has are few.
  fileprivate func says(_ field: Field, _ extras: [Extra]) -> Bool {
    guard !extras.isEmpty else { return !has(field) }
    return self[field]?.extraGroups.elementsEqual(extras) { stated, extra in
      stated.format.utf8.elementsEqual(extra.format.utf8)
        && stated.key.utf8.elementsEqual(extra.key.utf8) && stated.value == extra.value
    } ?? false
  }
}
