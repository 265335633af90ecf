public import SessionModel

/// The key that usage and metrics are kept by: `vendor/endpoint`, or the one that is not empty.
///
/// Original: `EndpointStatsKey`.
public func endpointStatsKey(vendor: String, endpoint: String) -> String {
  let vendor = vendor.trimmingUnicodeWhiteSpace
  let endpoint = endpoint.trimmingUnicodeWhiteSpace
  if vendor.isEmpty { return endpoint }
  return endpoint.isEmpty ? vendor : vendor + "/" + endpoint
}

/// The turn of the last usage entry or metric, 0 for none.
///
/// Original: `LastTurnIndex`.
public func lastTurnIndex(_ session: Session?) -> Int64 {
  guard let session else { return 0 }
  return max(0, session.usageHistory.last?.turn ?? 0, session.metrics.last?.turn ?? 0)
}

extension Session {
  private var ownKey: String { endpointStatsKey(vendor: vendor, endpoint: endpoint) }

  /// Derives ``endpointUsage`` and ``endpointMetrics`` anew.
  ///
  /// Original: `RebuildEndpointStats`.
  public mutating func rebuildEndpointStats() {
    endpointUsage = [:]
    endpointMetrics = [:]
    for entry in usageHistory {
      addUsage(
        entry.usage, forVendor: entry.provider ?? "", endpoint: entry.endpoint ?? "")
    }
    for metric in metrics {
      appendMetric(
        metric, forVendor: metric.provider ?? "", endpoint: metric.endpoint ?? "")
    }
  }

  /// Adds tokens to an endpoint's total, in memory alone.
  ///
  /// Original: `AddUsageForEndpoint`.
  public mutating func addUsage(_ usage: TokenUsage, forVendor vendor: String, endpoint: String) {
    let key = endpointStatsKey(vendor: vendor, endpoint: endpoint)
    if key.isEmpty { return }
    endpointUsage[key] = (endpointUsage[key] ?? TokenUsage()).adding(usage)
  }

  /// Appends to an endpoint's metrics, in memory alone.
  ///
  /// Original: `AppendMetricForEndpoint`.
  public mutating func appendMetric(
    _ metric: MetricEvent, forVendor vendor: String, endpoint: String
  ) {
    let key = endpointStatsKey(vendor: vendor, endpoint: endpoint)
    if key.isEmpty { return }
    endpointMetrics[key, default: []].append(metric)
  }

  /// The tokens spent at an endpoint.
  ///
  /// Original: `UsageForEndpoint`.
  ///
  /// Builds the totals from ``usageHistory`` when there are none yet. A session without history
  /// answers for its own endpoint with the tokens of the whole session.
  public mutating func usage(forVendor vendor: String, endpoint: String) -> TokenUsage {
    let key = endpointStatsKey(vendor: vendor, endpoint: endpoint)
    if key.isEmpty {
      return endpointUsage.isEmpty && usageHistory.isEmpty ? tokenUsage : TokenUsage()
    }
    if let usage = endpointUsage[key] { return usage }
    if endpointUsage.isEmpty, !usageHistory.isEmpty {
      rebuildEndpointStats()
      if let usage = endpointUsage[key] { return usage }
    }
    if usageHistory.isEmpty, ownKey == key || ownKey.isEmpty { return tokenUsage }
    return TokenUsage()
  }

  /// What was measured at an endpoint.
  ///
  /// Original: `MetricsForEndpoint`.
  public mutating func metrics(forVendor vendor: String, endpoint: String) -> [MetricEvent] {
    let key = endpointStatsKey(vendor: vendor, endpoint: endpoint)
    let namesEndpoints = metrics.contains {
      !($0.provider ?? "").isBlank || !($0.endpoint ?? "").isBlank
    }
    if key.isEmpty { return endpointMetrics.isEmpty && !namesEndpoints ? metrics : [] }
    if let metrics = endpointMetrics[key] { return metrics }
    if endpointMetrics.isEmpty, !metrics.isEmpty {
      rebuildEndpointStats()
      if let metrics = endpointMetrics[key] { return metrics }
      if !endpointMetrics.isEmpty { return [] }
    }
    if namesEndpoints { return [] }
    return ownKey == key || ownKey.isEmpty ? metrics : []
  }
}
