internal import JSONText
internal import SessionCoding
internal import SessionModel

/// The meta records: that there are some, where they stand, and what the last one says.
struct GGCodeMetaRules: GGCodeRuleGroup {
  private var hasRecord = false
  private var lastUpdated: Timestamp?
  private var last: (head: SessionHead, place: Place, hasVendor: Bool)?

  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    guard let content = line.content else { return }
    defer { hasRecord = true }
    guard case .headChange(let head) = content else { return }
    if hasRecord, last == nil {
      report(
        line.finding(
          "meta-first", .info, "the first meta does not stand first; ggcode does not mind"))
    }
    // A field of another kind is the finding of another rule.
    let vendor = (try? line.decoded.record?.text(.vendor)) ?? nil
    last = (head, line.place, vendor != nil)
    guard let updated = head.updated else { return }
    if let lastUpdated, updated < lastUpdated {
      report(
        line.finding(
          "updated-order", .warning,
          "this meta was updated \(updated.rfc3339), before an earlier one "
            + "(\(lastUpdated.rfc3339)); ggcode shows the later line's time"))
    }
    lastUpdated = max(lastUpdated ?? updated, updated)
  }

  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void) {
    guard let last else {
      report(
        file.finding(
          "meta", .warning,
          "no meta record: ggcode shows an empty title and the present time as its dates"))
      return
    }
    var missing: [String] = []
    if last.head.title == nil { missing.append("title") }
    if last.head.workspace == nil { missing.append("workspace") }
    if !last.hasVendor { missing.append("vendor") }
    if last.head.created == nil { missing.append("created_at") }
    if last.head.updated == nil { missing.append("updated_at") }
    if !missing.isEmpty {
      report(
        file.finding(
          "last-meta", .warning,
          "the last meta has no \(missing.joined(separator: ", ")); it wins, what earlier ones "
            + "state does not count", at: last.place))
    }
    if let created = last.head.created, let updated = last.head.updated, updated < created {
      report(
        file.finding(
          "created-updated", .warning,
          "created \(created.rfc3339) is after updated \(updated.rfc3339)", at: last.place))
    }
  }
}

/// Spelling of times, and the order of messages by them.
struct GGCodeTimeRules: GGCodeRuleGroup {
  private var lastMessage: Timestamp?

  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    guard let record = line.decoded.record else { return }
    for field in [GGCodeRecord.Field.createdAt, .updatedAt, .timestamp] {
      // A field of another kind is the finding of another rule.
      if let time = (try? record.time(field)) ?? nil { check(time, line, report) }
    }
    switch line.content {
    case .usage(let usage): if let time = usage.time { check(time, line, report) }
    case .metric(let metric): if let time = metric.time { check(time, line, report) }
    case .message(let message):
      guard let time = message.time else { return }
      if let lastMessage, time < lastMessage {
        report(
          line.finding(
            "message-order", .warning,
            "the message's time \(time.rfc3339) is before an earlier message's "
              + "(\(lastMessage.rfc3339)); current releases may cut their 24-hour window wrongly"))
      }
      lastMessage = max(lastMessage ?? time, time)
    default: break
    }
  }

  private func check(_ time: Timestamp, _ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    let text = time.text ?? time.rfc3339
    guard time.text != nil || abs(time.offset) >= 86_400, !Self.isStrict(text) else { return }
    report(
      line.finding(
        "time-form", .warning,
        "the time \"\(text)\" is not strict RFC 3339; ggcode accepts it"))
  }

  /// Whether an accepted time also follows the standard: two-digit hour, a dot, an offset below 24 h.
  static func isStrict(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard bytes.count > 19, bytes[13] == UInt8(ascii: ":"), !bytes.contains(UInt8(ascii: ","))
    else {
      return false
    }
    let zone = bytes.suffix(6)
    let isOffset = zone.first == UInt8(ascii: "+") || zone.first == UInt8(ascii: "-")
    return !(isOffset && zone.dropFirst().starts(with: Array("24".utf8)))
  }

  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void) {}
}
