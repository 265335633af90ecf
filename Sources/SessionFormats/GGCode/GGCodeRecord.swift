package import JSONText
package import SessionModel

/// One line of a session file, decoded as Go's `encoding/json` decodes it into the tool's struct.
///
/// A line on which any known field has a wrong type is dropped by the tool as a whole; here it gives
/// a ``GGCodeDamage`` that names the field.
package struct GGCodeRecord: Sendable {
  /// The record types that the tool knows, and ours.
  package enum Kind: String, Sendable {
    case meta, message, checkpoint, cost, usage, metric
    case tunnelEvent = "tunnel_event"
    /// Our own, ignored by every release (observed with v1.3.75 and v1.3.216).
    case carryover

    /// The field that decoding the content of such a record checks.
    fileprivate var payload: Field? {
      switch self {
      case .message: .message
      case .checkpoint: .checkpointMessages
      case .usage: .usageEntry
      case .metric: .metricEvent
      case .tunnelEvent: .tunnelEvent
      case .meta, .cost, .carryover: nil
      }
    }
  }

  package enum Field: Int, CaseIterable, Sendable {
    case type, sessionID, title, preview, workspace, vendor, endpoint, model, tokenUsage, createdAt,
      updatedAt, tunnelEventsComplete, message, timestamp, tunnelEvent, cost, usageEntry,
      metricEvent, permissionMode, sidebarVisible, contextWindow, maxTokens,
      checkpointSummaryMessageID, checkpointLastMessageID, checkpointTokens, checkpointMessages

    var name: StaticString { GGCodeRecord.fields.names[rawValue] }
  }

  static let fields = GGCodeFields(
    [
      "type", "session_id", "title", "preview", "workspace", "vendor", "endpoint", "model",
      "token_usage", "created_at", "updated_at", "tunnel_events_complete", "message", "timestamp",
      "tunnel_event", "cost", "usage_entry", "metric_event", "permission_mode", "sidebar_visible",
      "context_window", "max_tokens", "checkpoint_summary_msg_id", "checkpoint_last_msg_id",
      "checkpoint_tokens", "checkpoint_messages",
    ],
    resetByNull: ["message", "tunnel_event", "usage_entry", "metric_event", "sidebar_visible"])

  /// Fields that releases before v1.3.94 to v1.3.189 do not know.
  private static let currentFields: [Field] = [
    .preview, .timestamp, .permissionMode, .sidebarVisible, .contextWindow, .maxTokens,
    .checkpointSummaryMessageID, .checkpointLastMessageID,
  ]

  let object: GGCodeObject
  /// Fields of current releases whose value has a type that these refuse; classic ones ignore them.
  let misfits: [Field]

  package init(_ value: JSONValue) throws(GGCodeDamage) {
    guard value.kind == .object else {
      throw GGCodeDamage(message: "the line is not a JSON object", offset: value.offset)
    }
    let object = try GGCodeObject(value, "record", Self.fields)
    self.object = object
    misfits = Self.currentFields.filter { field in
      // Whether the check fails is what is asked.
      object[field.rawValue].map { (try? Self.check($0, field)) == nil } ?? false
    }
  }

  private func isUsable(_ field: Field) -> Bool { !misfits.contains(field) }

  /// The value of a field; nil when it is absent, null, or one that only current releases refuse.
  package subscript(_ field: Field) -> JSONValue? {
    isUsable(field) ? object[field.rawValue] : nil
  }

  package func string(_ field: Field) throws(GGCodeDamage) -> JSONString? {
    isUsable(field) ? try object.string(field.rawValue) : nil
  }

  /// A string field as text, nil when absent or empty, which the tool does not tell apart.
  package func text(_ field: Field) throws(GGCodeDamage) -> String? {
    isUsable(field) ? try object.text(field.rawValue) : nil
  }

  package func int(_ field: Field) throws(GGCodeDamage) -> Int64? {
    isUsable(field) ? try object.int(field.rawValue) : nil
  }

  package func bool(_ field: Field) throws(GGCodeDamage) -> Bool? {
    isUsable(field) ? try object.bool(field.rawValue) : nil
  }

  /// A time field; nil when absent or Go's zero time.
  package func time(_ field: Field) throws(GGCodeDamage) -> Timestamp? {
    isUsable(field) ? try object.time(field.rawValue) : nil
  }

  /// Whether a field occurs, be it as `null`.
  func has(_ field: Field) -> Bool { object.sorted.has(field.rawValue) }

  /// The members that no release knows, and those that only classic ones accept.
  var unknown: [Extra] {
    misfits.compactMap { field in
      object[field.rawValue].map {
        Extra(format: GGCode.id, key: field.name.description, value: RawJSON($0.raw))
      }
    } + object.unknown
  }

  /// Whether a release of v1.3.150 or later wrote the record.
  var isCurrent: Bool { Self.currentFields.contains { has($0) && isUsable($0) } }

  /// The type of the record; nil for one that the tool does not know.
  func kind() throws(GGCodeDamage) -> Kind? { Kind(rawValue: try string(.type)?.string ?? "") }

  /// Checks every field that decoding the content does not: a wrong type there drops the line too.
  func checkUnused(by kind: Kind?) throws(GGCodeDamage) {
    for field in Field.allCases where field != kind?.payload {
      if let value = self[field] { try Self.check(value, field) }
    }
  }

  /// Checks the type of a value as decoding the struct would.
  static func check(_ value: JSONValue, _ field: Field) throws(GGCodeDamage) {
    switch field {
    case .type, .sessionID, .title, .preview, .workspace, .vendor, .endpoint, .model,
      .permissionMode, .checkpointSummaryMessageID, .checkpointLastMessageID:
      _ = try value.goString(field.name)
    case .createdAt, .updatedAt, .timestamp: _ = try value.goTime(field.name)
    case .contextWindow, .maxTokens, .checkpointTokens: _ = try value.goInt(field.name)
    case .tunnelEventsComplete, .sidebarVisible: _ = try value.goBool(field.name)
    case .tokenUsage: _ = try GGCodeEntry.tokens(from: value, "token_usage")
    case .message: _ = try GGCodeMessage.message(from: value)
    case .checkpointMessages: _ = try GGCodeEntry.messages(in: value)
    case .tunnelEvent: _ = try GGCodeEntry.tunnelEvent(from: value, extras: [])
    case .usageEntry: _ = try GGCodeEntry.usage(from: value, extras: [])
    case .metricEvent: _ = try GGCodeEntry.metric(from: value, extras: [])
    case .cost: break
    }
  }
}
