internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Encodes entries as the program writes them.
final class CodexRecordEncoder: RecordEncoder {
  var deltaStyle: RecordDelta.Style { .bytes }
  var variantCount: Int { 1 }
  private var writer = JSONWriter(reserving: 16 * 1_024)

  func encode(_ entry: Entry, head: SessionHead, variant: Int, into bytes: inout [UInt8])
    throws(FormatError)
  {
    writer.removeAll()
    switch entry.content {
    case .message(let message): encode(message)
    case .checkpoint(let checkpoint):
      writer.codexLine("compacted", time: checkpoint.time, extras: checkpoint.extras) {
        $0.codexCompaction(checkpoint, style: .native)
      }
    case .usage(let record):
      guard let payload = record.extras.codex(CodexExtra.tokenCount) else { return }
      writer.codexLine("event_msg", time: record.time, extras: record.extras) { $0.raw(payload) }
    case .event(let event):
      guard event.format == Codex.id, let data = event.data else { return }
      writer.codexLine(event.kind, time: event.time, extras: event.extras) { $0.raw(data) }
    case .opaque(let record):
      if record.format == Codex.id { bytes.append(contentsOf: record.bytes) }
      return
    case .metric, .headChange: return
    }
    bytes.append(contentsOf: writer.bytes)
  }

  private func encode(_ message: Message) {
    if let payload = message.extras.codex(CodexExtra.event) {
      writer.codexLine("event_msg", time: message.time, extras: message.extras) {
        $0.raw(payload)
      }
      return
    }
    if let payload = message.extras.codex("inter_agent_communication") {
      writer.codexLine(
        "inter_agent_communication", time: message.time, extras: message.extras
      ) { $0.raw(payload) }
      return
    }
    var parts = CodexPart.parts(of: message)
    if parts.isEmpty {
      parts =
        message.extras.codexText(CodexExtra.type) == "reasoning"
        ? [.reasoning([Block.Thinking("", encrypted: "")])] : [.content([])]
    }
    for part in parts {
      writer.codexLine("response_item", time: message.time, extras: message.extras) {
        $0.codexItem(part, of: message, style: .native)
      }
    }
  }
}

extension JSONWriter {
  /// Writes a line: time, ordinal, type, payload, and what else the line had.
  mutating func codexLine(
    _ type: String, time: Timestamp?, extras: [Extra], _ payload: (inout JSONWriter) -> Void
  ) {
    beginObject()
    if let raw = extras.codex(CodexExtra.line + "timestamp") {
      field("timestamp", raw)
    } else if let time {
      field("timestamp", CodexTime.native(time))
    }
    if let ordinal = extras.codex(CodexExtra.line + "ordinal") { field("ordinal", ordinal) }
    field("type", type)
    key("payload")
    payload(&self)
    for extra in extras where extra.format == Codex.id && extra.key.hasPrefix(CodexExtra.line) {
      let name = extra.key.dropFirst(CodexExtra.line.utf8.count)
      guard name != "timestamp", name != "ordinal" else { continue }
      key(JSONString(String(name)))
      raw(extra.value)
    }
    endObject()
    newline()
  }

  /// Writes the payload of a compaction.
  mutating func codexCompaction(_ checkpoint: Checkpoint, style: CodexStyle) {
    beginObject()
    let message = checkpoint.extras.codex("message")
    if style.isNative {
      if let message { field("message", message) }
    } else {
      field("message", CodexCompaction.summary(of: checkpoint))
    }
    let isWithoutList =
      style.isNative && message != nil && checkpoint.extras.codex("message_only") != nil
    if !isWithoutList, let messages = checkpoint.messages {
      key("replacement_history")
      beginArray()
      for message in messages {
        for part in CodexPart.parts(of: message) {
          if case .reasoning = part, !style.isNative { continue }
          codexItem(part, of: message, style: style)
        }
      }
      endArray()
    }
    if style.isNative {
      for extra in checkpoint.extras
      where extra.format == Codex.id && extra.key != "message" && extra.key != "message_only"
        && !extra.key.hasPrefix(CodexExtra.line)
      {
        key(JSONString(extra.key))
        raw(extra.value)
      }
    }
    endObject()
  }
}

extension CodexCompaction {
  /// The summary's text, for the record's own field.
  static func summary(of checkpoint: Checkpoint) -> JSONString {
    for message in checkpoint.messages ?? []
    where message.flags.contains(.compactionSummary) {
      if let text = message.blocks.lazy.compactMap(\.plainText).first { return text }
    }
    return ""
  }
}

/// Times as the program writes them.
enum CodexTime {
  /// As found, else in milliseconds.
  static func native(_ time: Timestamp) -> String { time.text ?? utc(time) }

  /// In UTC with three digits of a second, more where the time has more.
  static func utc(_ time: Timestamp) -> String {
    var text: [UInt8] = []
    appendUTC(time, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the spelling of ``utc(_:)``.
  static func appendUTC(_ time: Timestamp, to text: inout [UInt8]) {
    let isFourDigitYear = years.contains(time.seconds)
    let plain = Timestamp(
      seconds: isFourDigitYear ? time.seconds : 0,
      nanoseconds: isFourDigitYear ? time.nanoseconds : 0)
    let start = text.count
    plain.appendDateAndTime(separator: UInt8(ascii: "T"), to: &text)
    // Date and time take 19 bytes, then comes what the time has of a fraction.
    if text.count - start == 19 { text.append(UInt8(ascii: ".")) }
    while text.count - start < 23 { text.append(UInt8(ascii: "0")) }
    text.append(UInt8(ascii: "Z"))
  }

  /// The seconds of the years 1 to 9999, whose dates have four digits.
  private static let years: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
}
