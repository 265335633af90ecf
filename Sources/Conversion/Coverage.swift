internal import SessionModel

/// A record that can say all that another one says, and more.
protocol Coverable {
  /// Whether everything that another record states is stated here alike.
  ///
  /// What the other leaves open does not count: a target that writes zeros for it loses nothing.
  func covers(_ other: Self) -> Bool
}

/// Whether a value is the one that is wanted, if one is.
private func covers<Value: Equatable>(_ value: Value?, _ wanted: Value?) -> Bool {
  wanted == nil || value == wanted
}

extension [Extra] {
  func covers(_ other: [Extra]) -> Bool { other.allSatisfy { contains($0) } }
}

extension TokenUsage: Coverable {
  func covers(_ other: TokenUsage) -> Bool {
    Conversion.covers(input, other.input) && Conversion.covers(output, other.output)
      && Conversion.covers(cacheRead, other.cacheRead)
      && Conversion.covers(cacheWrite, other.cacheWrite)
      && Conversion.covers(promptTotal, other.promptTotal)
  }
}

extension UsageRecord: Coverable {
  func covers(_ other: UsageRecord) -> Bool {
    Conversion.covers(time, other.time) && Conversion.covers(turn, other.turn)
      && Conversion.covers(model, other.model) && Conversion.covers(provider, other.provider)
      && Conversion.covers(endpoint, other.endpoint) && Conversion.covers(source, other.source)
      && usage.covers(other.usage) && extras.covers(other.extras)
  }
}

extension MetricRecord: Coverable {
  func covers(_ other: MetricRecord) -> Bool {
    kind == other.kind && Conversion.covers(time, other.time)
      && Conversion.covers(turn, other.turn)
      && Conversion.covers(timeToFirstToken, other.timeToFirstToken)
      && Conversion.covers(thinkTime, other.thinkTime)
      && Conversion.covers(duration, other.duration)
      && (other.usage.map { usage?.covers($0) ?? false } ?? true)
      && Conversion.covers(tool, other.tool)
      && Conversion.covers(toolSuccess, other.toolSuccess)
      && Conversion.covers(toolError, other.toolError)
      && Conversion.covers(toolDuration, other.toolDuration)
      && Conversion.covers(model, other.model) && Conversion.covers(provider, other.provider)
      && Conversion.covers(endpoint, other.endpoint) && extras.covers(other.extras)
  }
}

extension EventRecord: Coverable {
  func covers(_ other: EventRecord) -> Bool {
    format == other.format && kind == other.kind && Conversion.covers(id, other.id)
      && Conversion.covers(stream, other.stream) && Conversion.covers(type, other.type)
      && Conversion.covers(time, other.time) && Conversion.covers(data, other.data)
      && extras.covers(other.extras)
  }
}

extension OpaqueRecord: Coverable {
  func covers(_ other: OpaqueRecord) -> Bool { self == other }
}
