internal import JSONText
internal import SessionFormats
internal import SessionModel

/// A line of a session file as the store uses it.
enum StoredRecord {
  case blank
  case meta(SessionHead)
  case message(Message)
  case checkpoint([Message])
  /// A checkpoint by message identifiers, which has no list.
  case reference(Checkpoint)
  case cost(RawJSON)
  case tunnelEvent(TunnelEvent)
  case usage(UsageEntry)
  case metric(MetricEvent)
  /// A type that is unknown, or a known one without its payload.
  case ignored
  case damaged(String)

  /// Decodes a line without its line feed.
  init(_ line: [UInt8], id: String, profile: JSONLStore.Profile) {
    guard let trimmed = UnicodeWhiteSpace.trimmed(line[...]) else {
      self = .blank
      return
    }
    do {
      let root = try JSONDocument(line, in: trimmed.indices, limits: .go).root
      if root.isNull {
        self = .ignored
        return
      }
      self = try Self.record(GGCodeRecord(root), id: id, profile: profile)
    } catch let error as GGCodeDamage {
      self = .damaged(error.message)
    } catch {
      self = .damaged("the line is not a whole JSON record: \(error)")
    }
  }

  private static func record(
    _ record: GGCodeRecord, id: String, profile: JSONLStore.Profile
  ) throws(GGCodeDamage) -> StoredRecord {
    let kind = GGCodeRecord.Kind(rawValue: try record.string(.type)?.string ?? "")
    try checkUnusedFields(of: record, kind: kind)
    switch kind {
    case .message:
      guard let value = record[.message] else { return .ignored }
      var message = try Message(value)
      if profile == .documented {
        message.id = ""
        for index in message.content?.indices ?? 0..<0 { message.content?[index].cache = false }
      }
      return .message(message)
    case .checkpoint:
      if let summary = try record.text(.checkpointSummaryMessageID), profile == .current {
        return .reference(
          Checkpoint(
            summaryMessage: summary, lastMessage: try record.text(.checkpointLastMessageID),
            tokens: try record.int(.checkpointTokens)))
      }
      return .checkpoint(try record[.checkpointMessages].map(Message.list) ?? [])
    case .meta, .cost, .usage, .metric, .tunnelEvent:
      guard let kind,
        let content = try GGCodeEntry.content(of: record, kind: kind, id: id)
      else { return .ignored }
      return stored(content)
    case .carryover, nil: return .ignored
    }
  }

  private static func stored(_ content: Entry.Content) -> StoredRecord {
    switch content {
    case .headChange(let head): return .meta(head)
    case .usage(let usage): return .usage(usage)
    case .metric(let metric): return .metric(metric)
    case .event(let event):
      if event.kind == "cost" { return event.data.map { .cost($0) } ?? .ignored }
      return .tunnelEvent(TunnelEvent(event))
    case .message, .checkpoint, .opaque: return .ignored
    }
  }

  /// A wrong type in any known field drops the line, even where its type has no use for the field.
  private static func checkUnusedFields(
    of record: GGCodeRecord, kind: GGCodeRecord.Kind?
  ) throws(GGCodeDamage) {
    let strings: [GGCodeRecord.Field] = [
      .sessionID, .title, .workspace, .vendor, .endpoint, .model,
    ]
    for field in strings { _ = try record.string(field) }
    _ = try record.time(.createdAt)
    _ = try record.time(.updatedAt)
    _ = try record.bool(.tunnelEventsComplete)
    _ = try record.int(.checkpointTokens)
    if kind != .message, let value = record[.message] { _ = try Message(value) }
    if kind != .checkpoint, let list = record[.checkpointMessages] { _ = try Message.list(list) }
    for other in [GGCodeRecord.Kind.meta, .usage, .metric, .tunnelEvent] where other != kind {
      if other == .meta, record[.tokenUsage] == nil { continue }
      if other == .usage, record[.usageEntry] == nil { continue }
      if other == .metric, record[.metricEvent] == nil { continue }
      if other == .tunnelEvent, record[.tunnelEvent] == nil { continue }
      if other == .meta, record.hasZeroTokens { continue }
      _ = try GGCodeEntry.content(of: record, kind: other, id: "")
    }
  }
}

extension GGCodeRecord {
  /// Whether the tokens are those that records other than metas carry.
  fileprivate var hasZeroTokens: Bool {
    self[.tokenUsage]?.raw.span.isEqual(
      to: """
        {"input_tokens":0,"output_tokens":0,"cache_read_tokens":0,"cache_write_tokens":0}
        """) ?? true
  }
}
