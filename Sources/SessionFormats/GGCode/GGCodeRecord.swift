package import JSONText
package import SessionModel

/// One line of a session file, decoded as Go's `encoding/json` decodes it into the tool's struct.
///
/// A line on which any known field has a wrong type is dropped by the tool as a whole; here it gives
/// a ``Damage`` that names the field.
package struct GGCodeRecord {
  /// The record types that the tool knows, and ours.
  package enum Kind: String {
    case meta, message, checkpoint, cost, usage, metric
    case tunnelEvent = "tunnel_event"
    /// Our own, ignored by every release (observed with v1.3.75 and v1.3.216).
    case carryover
  }

  /// Why a line does not decode.
  package struct Damage: Error {
    package var message: String
    /// The offset in the line.
    package var offset: Int
  }

  package enum Field: Int, CaseIterable {
    case type, sessionID, title, preview, workspace, vendor, endpoint, model, tokenUsage, createdAt,
      updatedAt, tunnelEventsComplete, message, timestamp, tunnelEvent, cost, usageEntry,
      metricEvent, permissionMode, sidebarVisible, contextWindow, maxTokens,
      checkpointSummaryMessageID, checkpointLastMessageID, checkpointTokens, checkpointMessages
  }

  static let fieldNames: [StaticString] = [
    "type", "session_id", "title", "preview", "workspace", "vendor", "endpoint", "model",
    "token_usage", "created_at", "updated_at", "tunnel_events_complete", "message", "timestamp",
    "tunnel_event", "cost", "usage_entry", "metric_event", "permission_mode", "sidebar_visible",
    "context_window", "max_tokens", "checkpoint_summary_msg_id", "checkpoint_last_msg_id",
    "checkpoint_tokens", "checkpoint_messages",
  ]

  private static let allFields = Field.allCases

  private static let fields = GoFields(
    fieldNames,
    resetByNull: ["message", "tunnel_event", "usage_entry", "metric_event", "sidebar_visible"])

  package let object: GoObject
  /// Fields of current releases whose value has a type that these refuse; classic ones ignore them.
  private(set) var misfits: [Field] = []

  package init(_ document: JSONDocument) throws(Damage) {
    guard let object = GoObject(document.root, fields: Self.fields) else {
      throw Damage(message: "the line is not a JSON object", offset: document.root.range.lowerBound)
    }
    self.object = object
    for field in Self.currentFields where object.has(field.rawValue) {
      guard let value = object[field.rawValue] else { continue }
      if (try? Self.check(value, field)) == nil { misfits.append(field) }
    }
  }

  /// The value of a field; nil when it is absent, null, or one that only current releases refuse.
  package subscript(_ field: Field) -> JSONValue? {
    guard object.has(field.rawValue), !misfits.contains(field) else { return nil }
    return object[field.rawValue]
  }

  /// The members that no release knows, and those that only classic ones accept.
  var unknown: [Extra] {
    misfits.compactMap { field in
      object[field.rawValue].map {
        Extra(format: GGCode.id, key: Self.name(field).description, value: RawJSON($0.raw))
      }
    }
      + object.unknown.map {
        Extra(format: GGCode.id, key: $0.key.string, value: RawJSON($0.value.raw))
      }
  }

  /// Whether a release of v1.3.150 or later wrote the record.
  var isCurrent: Bool {
    Self.currentFields.contains { object.has($0.rawValue) && !misfits.contains($0) }
  }

  /// Fields that releases before v1.3.94 to v1.3.189 do not know.
  private static let currentFields: [Field] = [
    .preview, .timestamp, .permissionMode, .sidebarVisible, .contextWindow, .maxTokens,
    .checkpointSummaryMessageID, .checkpointLastMessageID,
  ]

  /// Checks the type of a field as decoding the struct would.
  static func check(_ value: JSONValue, _ field: Field) throws(Damage) {
    switch field {
    case .type, .sessionID, .title, .preview, .workspace, .vendor, .endpoint, .model,
      .permissionMode, .checkpointSummaryMessageID, .checkpointLastMessageID:
      try value.checkString(name(field))
    case .createdAt, .updatedAt, .timestamp: _ = try value.goTime(name(field))
    case .contextWindow, .maxTokens, .checkpointTokens: _ = try value.goInt(name(field))
    case .tunnelEventsComplete, .sidebarVisible: _ = try value.goBool(name(field))
    case .tokenUsage: _ = try GGCodeEntry.tokens(from: value, "token_usage")
    case .message: _ = try GGCodeMessage.message(from: value)
    case .checkpointMessages: _ = try GGCodeEntry.messages(in: value)
    case .tunnelEvent: _ = try GGCodeEntry.tunnelEvent(from: value, extras: [])
    case .usageEntry: _ = try GGCodeEntry.usage(from: value, extras: [])
    case .metricEvent: _ = try GGCodeEntry.metric(from: value, extras: [])
    case .cost: break
    }
  }

  /// Checks every field that the record's type does not use: a wrong type there drops the line too.
  func checkUnused(by kind: Kind?) throws(Damage) {
    let payload: Field? =
      switch kind {
      case .message: .message
      case .checkpoint: .checkpointMessages
      case .usage: .usageEntry
      case .metric: .metricEvent
      case .tunnelEvent: .tunnelEvent
      case .meta, .cost, .carryover, nil: nil
      }
    for field in Self.allFields where field != payload && object.has(field.rawValue) {
      if let value = self[field] { try Self.check(value, field) }
    }
  }

  package func string(_ field: Field) throws(Damage) -> JSONString? {
    try self[field].map { value throws(Damage) in try value.goString(Self.name(field)) }
  }

  /// A string field as text, nil when absent or empty, which the tool does not tell apart.
  package func text(_ field: Field) throws(Damage) -> String? {
    guard let value = try string(field), !value.isEmpty else { return nil }
    return value.string
  }

  package func int(_ field: Field) throws(Damage) -> Int64? {
    try self[field].map { value throws(Damage) in try value.goInt(Self.name(field)) }
  }

  package func bool(_ field: Field) throws(Damage) -> Bool? {
    try self[field].map { value throws(Damage) in try value.goBool(Self.name(field)) }
  }

  /// A time field; nil when absent or Go's zero time.
  package func time(_ field: Field) throws(Damage) -> Timestamp? {
    try self[field].map { value throws(Damage) in try value.goTime(Self.name(field)) } ?? nil
  }

  static func name(_ field: Field) -> StaticString { fieldNames[field.rawValue] }
}

extension JSONValue {
  private func mismatch(_ field: StaticString, _ wanted: StaticString) -> GGCodeRecord.Damage {
    GGCodeRecord.Damage(
      message: "the field \"\(field)\" is not \(wanted)", offset: range.lowerBound)
  }

  package func goString(_ field: StaticString) throws(GGCodeRecord.Damage) -> JSONString {
    guard let string else { throw mismatch(field, "a string") }
    return string
  }

  /// The check of ``goString(_:)`` alone.
  func checkString(_ field: StaticString) throws(GGCodeRecord.Damage) {
    if kind != .string { throw mismatch(field, "a string") }
  }

  package func goInt(_ field: StaticString) throws(GGCodeRecord.Damage) -> Int64 {
    guard let int64 else { throw mismatch(field, "a whole number of 64 bits") }
    return int64
  }

  package func goBool(_ field: StaticString) throws(GGCodeRecord.Damage) -> Bool {
    guard let bool else { throw mismatch(field, "true or false") }
    return bool
  }

  /// A time, nil for Go's zero time; escapes inside a time are refused as Go refuses them.
  package func goTime(_ field: StaticString) throws(GGCodeRecord.Damage) -> Timestamp? {
    guard kind == .string else { throw mismatch(field, "a time") }
    if isSpelled("\"0001-01-01T00:00:00Z\"") { return nil }
    let time = withBytes { Timestamp(rfc3339: $0.extracting(1..<($0.count - 1))) }
    guard let time else {
      throw mismatch(field, "an RFC 3339 time")
    }
    return time.isGoZero ? nil : time
  }

  package func goObject(_ field: StaticString, _ fields: GoFields) throws(GGCodeRecord.Damage)
    -> GoObject
  {
    guard let object = GoObject(self, fields: fields) else { throw mismatch(field, "an object") }
    return object
  }

  /// A string that the tool does not tell apart from an absent one when it is empty.
  func goText(_ field: StaticString) throws(GGCodeRecord.Damage) -> JSONString? {
    let string = try goString(field)
    return string.isEmpty ? nil : string
  }

  package func goArray(_ field: StaticString) throws(GGCodeRecord.Damage) -> JSONElements {
    guard kind == .array else { throw mismatch(field, "an array") }
    return elements
  }
}
