import SessionCoding

/// Messages that current releases do not send any more, though nothing was compacted.
struct GGCodeWindowRules: GGCodeRuleGroup {
  private var window = GGCodeContextWindow()

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    if let content = line.content { window.note(content, line: line.number) }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {
    window.finish()
    guard window.unsent > 0 else { return }
    log.add(
      "out-of-view", .info, file.place,
      "ggcode 1.3.216 goes on with the last \(window.count - window.unsent) of \(window.count) "
        + "messages; releases before v1.3.150 with all")
  }
}
