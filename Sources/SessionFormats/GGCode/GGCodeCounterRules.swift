internal import SessionCoding
internal import SessionModel

/// Numbers: turns, tokens, durations, and the identifiers of transport events.
struct GGCodeCounterRules: GGCodeRuleGroup {
  private var lastTurn: [String: Int64] = [:]
  private var sum = TokenUsage()
  private var hasUsage = false
  private var events: Set<ContentHash> = []

  mutating func observe(_ line: GGCodeRuleLine, _ log: inout FindingLog) {
    switch line.content {
    case .usage(let usage):
      checkTurn(usage.turn ?? 0, "usage", line.place, &log)
      sum = sum.adding(usage.usage)
      hasUsage = true
    case .metric(let metric):
      checkTurn(metric.turn ?? 0, "metric", line.place, &log)
      check(metric, line.place, &log)
    case .event(let event) where event.kind == "tunnel_event":
      guard let id = event.id else {
        log.add(
          "event-id", .info, line.place, "a tunnel event has no identifier; replay skips it")
        return
      }
      if !events.insert(ContentHash(Array(id.utf8)[...])).inserted {
        log.add(
          "event-id", .info, line.place,
          "a second tunnel event has the identifier \"\(id)\"; replay skips it")
      }
    default: break
    }
  }

  private mutating func checkTurn(
    _ turn: Int64, _ kind: String, _ place: Place, _ log: inout FindingLog
  ) {
    if turn < 1 {
      log.add("turn-index", .info, place, "the turn index \(turn) is less than 1")
    } else if let last = lastTurn[kind], turn < last {
      log.add(
        "turn-index", .info, place,
        "the turn index \(turn) follows \(last); classic releases go by the last record only")
    }
    lastTurn[kind] = turn
  }

  private func check(_ metric: MetricRecord, _ place: Place, _ log: inout FindingLog) {
    if metric.kind != "llm", metric.kind != "tool" {
      log.add("metric", .info, place, "the metric's type \"\(metric.kind)\" is not llm or tool")
    }
    let durations = [
      metric.timeToFirstToken, metric.thinkTime, metric.duration, metric.toolDuration,
    ]
    if durations.contains(where: { ($0 ?? 0) < 0 }) {
      log.add("metric", .info, place, "a duration of the metric is negative")
    }
  }

  mutating func finish(_ file: GGCodeRuleFile, _ log: inout FindingLog) {
    guard hasUsage, let total = file.head.usage else { return }
    let fields: [(name: String, path: KeyPath<TokenUsage, Int64?>)] = [
      ("input_tokens", \.input), ("output_tokens", \.output), ("cache_read_tokens", \.cacheRead),
      ("cache_write_tokens", \.cacheWrite), ("prompt_tokens_total", \.promptTotal),
    ]
    let exceeded = fields.compactMap { name, path -> String? in
      let (records, meta) = (sum[keyPath: path] ?? 0, total[keyPath: path] ?? 0)
      return records > meta ? "\(name) \(records) > \(meta)" : nil
    }
    if exceeded.isEmpty { return }
    log.add(
      "usage-total", .warning, file.place,
      "the usage records add up to more than the last meta's total "
        + "(\(exceeded.joined(separator: ", "))); ggcode does not check")
  }
}
