import JSONText
import SessionModel
import TestSupport

@testable import GGCodeStore

extension TokenUsage {
  init(json: JSONValue) {
    self.init(
      input: json["input_tokens"]?.int64 ?? 0, output: json["output_tokens"]?.int64 ?? 0,
      cacheRead: json["cache_read_tokens"]?.int64 ?? 0,
      cacheWrite: json["cache_write_tokens"]?.int64 ?? 0,
      promptTotal: json["prompt_tokens_total"]?.int64)
  }

  var plain: PlainJSON {
    var members: [String: PlainJSON] = [
      "input_tokens": .number("\(input ?? 0)"), "output_tokens": .number("\(output ?? 0)"),
      "cache_read_tokens": .number("\(cacheRead ?? 0)"),
      "cache_write_tokens": .number("\(cacheWrite ?? 0)"),
    ]
    if let promptTotal, promptTotal != 0 {
      members["prompt_tokens_total"] = .number("\(promptTotal)")
    }
    return .object(members)
  }
}

extension UsageEntry {
  init(json: JSONValue) throws {
    self = try StoredRecord.payload(json, "usage", "usage_entry") {
      if case .usage(let usage) = $0 { usage } else { nil }
    }
  }
}

extension MetricEvent {
  init(json: JSONValue) throws {
    self = try StoredRecord.payload(json, "metric", "metric_event") {
      if case .metric(let metric) = $0 { metric } else { nil }
    }
  }
}

extension TunnelEvent {
  init(json: JSONValue) throws {
    self = try StoredRecord.payload(json, "tunnel_event", "tunnel_event") {
      if case .tunnelEvent(let event) = $0 { event } else { nil }
    }
  }
}

extension StoredRecord {
  /// Decodes a payload inside a record made up around it.
  fileprivate static func payload<Value>(
    _ json: JSONValue, _ type: String, _ field: String, _ value: (StoredRecord) -> Value?
  ) throws -> Value {
    let line = Array("{\"type\":\"\(type)\",\"\(field)\":".utf8) + json.raw + Array("}".utf8)
    let record = StoredRecord(line, id: "", profile: .current)
    guard let value = value(record) else {
      throw StoreError(.malformed, "\(record)")
    }
    return value
  }
}
