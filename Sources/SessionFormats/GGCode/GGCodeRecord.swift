package import JSONText
package import SessionModel

/// One line of a session file, decoded as Go's `encoding/json` decodes it into the tool's struct.
///
/// A line on which any known field has a wrong type is dropped by the tool as a whole; here it gives
/// a ``Damage`` that names the field.
package final class GGCodeRecord: Sendable {
  /// The record types that the tool knows, and ours.
  package enum Kind: String {
    case meta, message, checkpoint, cost, usage, metric
    case tunnelEvent = "tunnel_event"
    /// Our own, ignored by every release (observed with v1.3.75 and v1.3.216).
    case carryover

    /// The field that records of the type are there for, when there is one.
    var payload: Field? {
      switch self {
      case .message: .message
      case .checkpoint: .checkpointMessages
      case .usage: .usageEntry
      case .metric: .metricEvent
      case .tunnelEvent: .tunnelEvent
      case .meta, .cost, .carryover: nil
      }
    }

    /// The fields that are decoded when the content of such a record is.
    fileprivate var used: GoFieldSet {
      if case .meta = self { return GGCodeRecord.metaFieldSet }
      var fields = GoFieldSet()
      if let payload { fields.insert(payload.rawValue) }
      return fields
    }
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
  let misfits: [Field]

  package convenience init(_ document: JSONDocument) throws(Damage) {
    try self.init(document, envelope: nil)
  }

  /// - Parameter envelope: How the document begins.
  init(_ document: JSONDocument, envelope: GoEnvelope?) throws(Damage) {
    if let envelope {
      object = envelope.object(of: document, fields: Self.fields)
    } else if let object = GoObject(document.root, fields: Self.fields) {
      self.object = object
    } else {
      throw Damage(message: "the line is not a JSON object", offset: document.root.offset)
    }
    misfits = Self.misfits(of: object)
  }

  private static func misfits(of object: GoObject) -> [Field] {
    if object.fields.isDisjoint(with: currentFieldSet) { return [] }
    return currentFields.filter { field in
      // Whether the check fails is what is asked.
      object.has(field.rawValue) && (try? check(field, of: object)) == nil
    }
  }

  private func isUsable(_ field: Field) -> Bool {
    object.fields.contains(field.rawValue) && (misfits.isEmpty || !misfits.contains(field))
  }

  /// The value of a field; nil when it is absent, null, or one that only current releases refuse.
  package subscript(_ field: Field) -> JSONValue? {
    isUsable(field) ? object[field.rawValue] : nil
  }

  /// The members that no release knows, and those that only classic ones accept.
  var unknown: [Extra] {
    if misfits.isEmpty, !object.hasUnknown { return [] }
    return misfits.compactMap { field in
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
    !object.fields.isDisjoint(with: Self.currentFieldSet)
      && Self.currentFields.contains { object.has($0.rawValue) && !misfits.contains($0) }
  }

  /// Fields that releases before v1.3.94 to v1.3.189 do not know.
  private static let currentFields: [Field] = [
    .preview, .timestamp, .permissionMode, .sidebarVisible, .contextWindow, .maxTokens,
    .checkpointSummaryMessageID, .checkpointLastMessageID,
  ]

  /// What ``GGCodeEntry/head(from:id:)`` decodes.
  private static let metaFieldSet = GoFieldSet(
    [
      Field.type, .sessionID, .title, .preview, .workspace, .vendor, .endpoint, .model, .tokenUsage,
      .createdAt, .updatedAt, .tunnelEventsComplete, .timestamp, .permissionMode, .sidebarVisible,
      .contextWindow, .maxTokens,
    ].map(\.rawValue))

  private static let currentFieldSet = GoFieldSet(currentFields.map(\.rawValue))

  /// Checks the type of a field as decoding the struct would.
  private static func check(_ field: Field, of object: GoObject) throws(Damage) {
    switch field {
    case .type, .sessionID, .title, .preview, .workspace, .vendor, .endpoint, .model,
      .permissionMode, .checkpointSummaryMessageID, .checkpointLastMessageID:
      _ = try object.string(field.rawValue, name(field))
    case .createdAt, .updatedAt, .timestamp: _ = try object.time(field.rawValue, name(field))
    default: if let value = object[field.rawValue] { try check(value, field) }
    }
  }

  /// Checks the type of a value as decoding the struct would.
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

  /// The type of the record; nil for one that the tool does not know.
  func kind() throws(Damage) -> Kind? { Kind(rawValue: try string(.type)?.string ?? "") }

  /// Checks every field that decoding the content does not: a wrong type there drops the line too.
  func checkUnused(by kind: Kind?, checked: GoFieldSet) throws(Damage) {
    var done = checked
    if let kind { done.formUnion(kind.used) }
    if object.fields.isSubset(of: done) { return }
    for field in Self.allFields where !done.contains(field.rawValue) && isUsable(field) {
      try Self.check(field, of: object)
    }
  }

  package func string(_ field: Field) throws(Damage) -> JSONString? {
    guard isUsable(field) else { return nil }
    return try object.string(field.rawValue, Self.name(field))
  }

  /// A string field as text, nil when absent or empty, which the tool does not tell apart.
  package func text(_ field: Field) throws(Damage) -> String? {
    guard isUsable(field) else { return nil }
    return try object.text(field.rawValue, Self.name(field))
  }

  package func int(_ field: Field) throws(Damage) -> Int64? {
    guard isUsable(field) else { return nil }
    return try object.int64(field.rawValue, Self.name(field))
  }

  package func bool(_ field: Field) throws(Damage) -> Bool? {
    guard isUsable(field) else { return nil }
    return try object.bool(field.rawValue, Self.name(field))
  }

  /// A time field; nil when absent or Go's zero time.
  package func time(_ field: Field) throws(Damage) -> Timestamp? {
    guard isUsable(field) else { return nil }
    return try object.time(field.rawValue, Self.name(field))
  }

  static func name(_ field: Field) -> StaticString { fieldNames[field.rawValue] }
}
