internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Numbers: turns, tokens, durations, and the identifiers of transport events.
struct GGCodeCounterRules: GGCodeRuleGroup {
  private var lastTurn: [String: Int64] = [:]
  private var sum = TokenUsage()
  private var hasUsage = false
  private var events: Set<ContentHash> = []

  mutating func observe(_ line: GGCodeRuleLine, _ report: (Finding) -> Void) {
    switch line.content {
    case .usage(let usage):
      checkTurn(usage.turn ?? 0, "usage", line, report)
      sum = sum.adding(usage.usage)
      hasUsage = true
    case .metric(let metric):
      checkTurn(metric.turn ?? 0, "metric", line, report)
      check(metric, line, report)
    case .event(let event) where event.kind == "tunnel_event":
      guard let id = event.id else {
        report(line.finding("event-id", .info, "a tunnel event has no identifier; replay skips it"))
        return
      }
      if !events.insert(ContentHash(Array(id.utf8)[...])).inserted {
        report(
          line.finding(
            "event-id", .info,
            "a second tunnel event has the identifier \"\(id)\"; replay skips it"))
      }
    default: break
    }
  }

  private mutating func checkTurn(
    _ turn: Int64, _ kind: String, _ line: GGCodeRuleLine, _ report: (Finding) -> Void
  ) {
    if turn < 1 {
      report(line.finding("turn-index", .info, "the turn index \(turn) is less than 1"))
    } else if let last = lastTurn[kind], turn < last {
      report(
        line.finding(
          "turn-index", .info,
          "the turn index \(turn) follows \(last); classic releases go by the last record only"))
    }
    lastTurn[kind] = turn
  }

  private func check(
    _ metric: MetricRecord, _ line: GGCodeRuleLine, _ report: (Finding) -> Void
  ) {
    if metric.kind != "llm", metric.kind != "tool" {
      report(
        line.finding("metric", .info, "the metric's type \"\(metric.kind)\" is not llm or tool"))
    }
    let durations = [
      metric.timeToFirstToken, metric.thinkTime, metric.duration, metric.toolDuration,
    ]
    if durations.contains(where: { ($0 ?? 0) < 0 }) {
      report(line.finding("metric", .info, "a duration of the metric is negative"))
    }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ report: (Finding) -> Void) {
    guard hasUsage, let total = file.scan.head.usage else { return }
    var exceeded: [String] = []
    func compare(_ name: String, _ path: KeyPath<TokenUsage, Int64?>) {
      let (records, meta) = (sum[keyPath: path] ?? 0, total[keyPath: path] ?? 0)
      if records > meta { exceeded.append("\(name) \(records) > \(meta)") }
    }
    compare("input_tokens", \.input)
    compare("output_tokens", \.output)
    compare("cache_read_tokens", \.cacheRead)
    compare("cache_write_tokens", \.cacheWrite)
    compare("prompt_tokens_total", \.promptTotal)
    guard !exceeded.isEmpty else { return }
    report(
      file.finding(
        "usage-total", .warning,
        "the usage records add up to more than the last meta's total "
          + "(\(exceeded.joined(separator: ", "))); ggcode does not check"))
  }
}
