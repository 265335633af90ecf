internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Encodes entries as the program spells its records, with nothing changed or repaired.
///
/// Only for proving what comes back; ``ClaudeWriter`` writes what the program and the API accept.
final class ClaudeRecordEncoder: RecordEncoder {
  var deltaStyle: RecordDelta.Style { .bytes }
  /// A single text as a string or as a block; flags of results stated or left out.
  var variantCount: Int { 2 }
  private var writer = JSONWriter(reserving: 16 * 1_024)
  /// What the lines of the session at hand have in common.
  private var common: ClaudeCommon?

  func hasVariants(_ entry: Entry) -> Bool {
    guard case .message(let message) = entry.content, message.blocks.count == 1,
      message.role != .tool, message.role != .assistant, case .text(let text) = message.blocks[0]
    else { return false }
    return text.extras.isEmpty
  }

  func encode(_ entry: Entry, head: SessionHead, variant: Int, into bytes: inout [UInt8])
    throws(FormatError)
  {
    writer.removeAll()
    switch entry.content {
    case .message(let message):
      if let record = message.extras.value("record", of: ClaudeCode.id) {
        writer.raw(record)
        writer.newline()
      } else {
        writer.claudeMessage(message, common(to: head), variant: variant)
      }
    case .checkpoint(let checkpoint):
      guard let record = checkpoint.extras.value("record", of: ClaudeCode.id) else { return }
      writer.raw(record)
      writer.newline()
    case .event(let event):
      guard event.format == ClaudeCode.id, let data = event.data else { return }
      writer.raw(data)
      writer.newline()
    case .opaque(let record):
      guard record.format == ClaudeCode.id else { return }
      bytes.append(contentsOf: record.bytes)
      return
    case .usage, .metric, .headChange: return
    }
    if bytes.isEmpty {
      swap(&bytes, &writer.bytes)
    } else {
      bytes.append(contentsOf: writer.bytes)
    }
  }
}

/// What the lines of one session have in common, by its head; shared, as it is large.
private final class ClaudeCommon {
  let isAgent: Bool
  /// An envelope with the members that stay the same.
  let envelope: ClaudeEnvelope
  /// These members as most lines have them.
  let members: ArraySlice<UInt8>
  private let head: SessionHead

  init(_ head: SessionHead) {
    self.head = head
    isAgent = head.parent?.kind == .subagent && head.id.contains("/agent-")
    var envelope = ClaudeEnvelope(
      uuid: "", workspace: head.workspace,
      sessionID: isAgent ? String(head.id.prefix { $0 != "/" }) : head.id,
      gitBranch: head.gitBranch)
    envelope.common = head.extras.filter {
      $0.format == ClaudeCode.id && ClaudeFacts.commonNames.contains($0.key)
    }
    var writer = JSONWriter(reserving: 256)
    writer.beginObject()
    writer.claudeCommon(envelope)
    writer.endObject()
    self.envelope = envelope
    members = writer.bytes.dropFirst().dropLast()
  }

  /// Whether a head's lines have this in common.
  func isOf(_ other: SessionHead) -> Bool {
    head.id == other.id && head.parent == other.parent && head.workspace == other.workspace
      && head.gitBranch == other.gitBranch && head.extras == other.extras
  }

  /// Whether a line with a member of its own lacks one of these.
  static func isReplaced(by key: String) -> Bool {
    key == "cwd" || key == "gitBranch" || ClaudeFacts.commonNames.contains(key)
  }
}

extension ClaudeRecordEncoder {
  private func common(to head: SessionHead) -> ClaudeCommon {
    if let common, common.isOf(head) { return common }
    let made = ClaudeCommon(head)
    common = made
    return made
  }
}

extension JSONWriter {
  fileprivate mutating func claudeMessage(
    _ message: Message, _ common: ClaudeCommon, variant: Int
  ) {
    var envelope = ClaudeEnvelope(
      uuid: message.id ?? "", parent: message.parent,
      isSideChain: common.isAgent || message.flags.contains(.sideChain),
      isMeta: message.flags.contains(.hidden),
      isSummary: message.flags.contains(.compactionSummary), time: message.time)
    if let parent = message.extras.value("parentUuid", of: ClaudeCode.id),
      let document = JSONDocument(ifValid: Array(parent.bytes)), let id = document.root.string
    {
      envelope.parent = id.string
    }
    envelope.extras = message.extras.filter {
      $0.format == ClaudeCode.id && !$0.key.hasPrefix("message.")
        && !["parentUuid", "isSidechain"].contains($0.key)
    }
    if envelope.extras.contains(where: { ClaudeCommon.isReplaced(by: $0.key) }) {
      let own = envelope.extras.map(\.key)
      envelope.common = common.envelope.common.filter { !own.contains($0.key) }
      envelope.workspace = own.contains("cwd") ? nil : common.envelope.workspace
      envelope.gitBranch = own.contains("gitBranch") ? nil : common.envelope.gitBranch
      envelope.sessionID = common.envelope.sessionID
    } else {
      envelope.members = common.members
    }
    let isAssistant = message.role == .assistant
    claudeTurn(isAssistant ? "assistant" : "user", envelope) { writer in
      writer.beginObject()
      let rest = message.extras.filter { $0.key.hasPrefix("message.") }
      if isAssistant {
        for extra in rest where extra.key == "message.id" {
          writer.field("id", extra.value)
        }
        writer.field("type", "message")
        writer.field("role", "assistant")
        if let model = message.model { writer.field("model", model) }
      } else {
        writer.field("role", "user")
      }
      writer.key("content")
      writer.claudeContent(
        message.blocks, asText: !isAssistant && variant == 0 && message.role != .tool)
      for extra in rest where !(isAssistant && extra.key == "message.id") {
        writer.key(JSONString(String(extra.key.dropFirst(8))))
        writer.raw(extra.value)
      }
      writer.endObject()
    }
  }

  private mutating func claudeContent(_ blocks: [Block], asText: Bool) {
    if asText, blocks.count == 1, case .text(let text) = blocks[0], text.extras.isEmpty {
      string(text.text)
      return
    }
    beginArray()
    for block in blocks { claudeBlock(block) }
    endArray()
  }
}
