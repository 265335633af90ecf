internal import FileIO
public import JSONText
public import SessionModel

/// A 64-bit hash over what an entry says, not how a format spells it.
///
/// It tells whether a foreign tool changed an entry since a conversion. Identifiers and times of
/// messages do not take part: tools assign those anew when they rewrite a file.
public struct ContentHash: Sendable, Hashable {
  /// The hash.
  public var value: UInt64

  /// The hash of bytes.
  public init(_ bytes: ArraySlice<UInt8>) {
    var fingerprint = Fingerprint()
    fingerprint.update(bytes)
    value = UInt64(fingerprint.crc) << 32 | UInt64(fingerprint.adler)
  }

  /// The hash of an entry as it was read.
  ///
  /// A canonical record is its line: no tool rewrites canonical files in its own way, so that whatever
  /// differs in the line was changed by somebody.
  public init(_ entry: borrowing Entry, scratch: inout JSONWriter) {
    guard let origin = entry.origin, origin.format == CanonicalJSON.format else {
      self.init(entry.content, scratch: &scratch)
      return
    }
    self.init(origin.bytes.last == 0x0A ? origin.bytes.dropLast() : origin.bytes)
  }

  /// The hash of an entry's content.
  public init(_ content: Entry.Content, scratch: inout JSONWriter) {
    scratch.bytes.removeAll(keepingCapacity: true)
    scratch.appendContent(content)
    self.init(scratch.bytes[...])
  }
}

extension JSONWriter {
  fileprivate mutating func appendContent(_ content: Entry.Content) {
    beginArray()
    switch content {
    case .message(let message): appendContent(message)
    case .checkpoint(let checkpoint):
      string("checkpoint")
      for message in checkpoint.messages ?? [] { appendContent(message) }
      string(checkpoint.summaryMessage ?? "")
      string(checkpoint.lastMessage ?? "")
      int(checkpoint.tokens ?? 0)
    case .usage(let usage):
      string("usage")
      appendContent(usage.time)
      int(usage.turn ?? 0)
      string(usage.model ?? "")
      appendContent(usage.usage)
    case .metric(let metric):
      string(metric.kind)
      appendContent(metric.time)
      int(metric.turn ?? 0)
      int(metric.duration ?? 0)
      int(metric.toolDuration ?? 0)
      string(metric.tool ?? "")
    case .event(let event):
      string(event.kind)
      string(event.id ?? "")
      string(event.type ?? "")
      if let data = event.data { appendValue(data) }
    case .headChange(let head):
      string("head")
      string(head.title ?? "")
      string(head.workspace ?? "")
      string(head.model ?? "")
      appendContent(head.updated)
      appendContent(head.usage ?? TokenUsage())
    case .opaque(let record):
      string("opaque")
      if let document = JSONDocument(ifValid: Array(record.bytes)) {
        appendValue(document.root)
      } else {
        string(JSONString(decodedUTF8: Array(record.bytes)))
      }
    }
    endArray()
  }

  private mutating func appendContent(_ time: Timestamp?) {
    int(time?.seconds ?? 0)
    int(Int64(time?.nanoseconds ?? 0))
    int(Int64(time?.offset ?? 0))
  }

  private mutating func appendContent(_ usage: TokenUsage) {
    int(usage.input ?? 0)
    int(usage.output ?? 0)
    int(usage.cacheRead ?? 0)
    int(usage.cacheWrite ?? 0)
  }

  /// Appends JSON by its value: tools spell strings and order members in their own ways.
  private mutating func appendValue(_ json: RawJSON) {
    if let document = JSONDocument(ifValid: Array(json.bytes)) {
      appendValue(document.root)
    } else {
      string(JSONString(decodedUTF8: Array(json.bytes)))
    }
  }

  private mutating func appendValue(_ value: JSONValue) {
    switch value.kind {
    case .object:
      beginObject()
      let members = value.members.map { (key: $0.key.string, value: $0.value) }
      for member in members.sorted(by: { $0.key < $1.key }) {
        key(JSONString(member.key))
        appendValue(member.value)
      }
      endObject()
    case .array:
      beginArray()
      for element in value.elements { appendValue(element) }
      endArray()
    case .string: if let text = value.string { string(text) }
    default: raw(RawJSON(value.raw))
    }
  }

  private mutating func appendContent(_ message: Message) {
    string(message.role.name)
    for block in message.blocks { appendContent(block) }
  }

  private mutating func appendContent(_ block: Block) {
    beginArray()
    switch block {
    case .text(let block):
      int(1)
      string(block.text)
    case .thinking(let block):
      int(2)
      string(block.text)
      string(block.signature ?? "")
      string(block.encrypted ?? "")
    case .toolCall(let block):
      int(3)
      string(block.id)
      string(block.name)
      if let arguments = block.arguments { appendValue(arguments) }
    case .toolResult(let block):
      int(4)
      string(block.callID)
      bool(block.isError)
      for part in block.content { appendContent(part) }
    case .image(let block):
      int(5)
      string(block.mediaType ?? "")
      string(block.base64 ?? "")
      string(block.path ?? "")
    case .file(let block):
      int(6)
      string(block.name ?? "")
      string(block.base64 ?? "")
      string(block.path ?? "")
      string(block.text ?? "")
    case .opaque(let block):
      int(7)
      appendValue(block.json)
    }
    endArray()
  }
}
