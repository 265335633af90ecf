internal import SessionCoding
internal import SessionModel

/// Spelling of times, and the order of messages by them.
struct GGCodeTimeRules: GGCodeRuleGroup {
  private var lastMessage: Timestamp?

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    guard let record = line.record else { return }
    for field in [GGCodeRecord.Field.createdAt, .updatedAt, .timestamp] {
      // A field of another kind is the finding of another rule.
      check((try? record.time(field)) ?? nil, line, &log)
    }
    switch line.content {
    case .usage(let usage): check(usage.time, line, &log)
    case .metric(let metric): check(metric.time, line, &log)
    case .message(let message):
      guard let time = message.time else { return }
      if let lastMessage, time < lastMessage {
        log.add(
          "message-order", .warning, line.place,
          "the message's time \(time.rfc3339) is before an earlier message's "
            + "(\(lastMessage.rfc3339)); current releases may cut their 24-hour window wrongly")
      }
      lastMessage = max(lastMessage ?? time, time)
    default: break
    }
  }

  private func check(_ time: Timestamp?, _ line: GGCodeRuleLine, _ log: inout FindingLog) {
    guard let time, time.text != nil || abs(time.offset) >= 86_400 else { return }
    let text = time.text ?? time.rfc3339
    if Self.isStrict(text) { return }
    log.add(
      "time-form", .warning, line.place,
      "the time \"\(text)\" is not strict RFC 3339; ggcode accepts it")
  }

  /// Whether an accepted time also follows the standard: two-digit hour, a dot, an offset below 24 h.
  static func isStrict(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count > 19, bytes[13] == UInt8(ascii: ":"), !bytes.contains(UInt8(ascii: ","))
    else { return false }
    let zone = bytes.suffix(6)
    let isOffset = zone.first == UInt8(ascii: "+") || zone.first == UInt8(ascii: "-")
    return !(isOffset && zone.dropFirst().starts(with: Array("24".utf8)))
  }
}
