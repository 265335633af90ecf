internal import JSONText

/// The members of one kind of object in a session file, as places in the list of their names.
protocol ClaudeField: RawRepresentable<Int> {
  static var names: FieldNames { get }
}

/// An object whose members were found in one pass; of several with one name the last counts.
struct ClaudeObject<Field: ClaudeField> {
  /// The object itself.
  let value: JSONValue
  private let table: FieldTable

  /// Nil unless the value is an object.
  init?(_ value: JSONValue?) {
    guard let value, let table = FieldTable(value, Field.names) else { return nil }
    self.value = value
    self.table = table
  }

  subscript(_ field: Field) -> JSONValue? { table[field.rawValue] }

  /// Whether a member has exactly these bytes; true if there is none.
  func isSpelled(_ field: Field, as bytes: Span<UInt8>) -> Bool {
    table.isSpelled(field.rawValue, as: bytes)
  }
}

/// A record whose members, and those of its message, were found in one pass each.
struct ClaudeRecord {
  /// The record itself.
  let root: JSONValue
  let type: JSONString
  let kind: ClaudeKind
  /// The message of a turn.
  let message: ClaudeObject<ClaudeMessageField>?
  private let fields: ClaudeObject<ClaudeRecordField>?

  init(_ document: JSONDocument, type: JSONString) {
    root = document.root
    self.type = type
    kind = ClaudeKind(type)
    fields = ClaudeObject(root)
    message = ClaudeObject(fields?[.message])
  }

  subscript(_ field: ClaudeRecordField) -> JSONValue? { fields?[field] }

  /// Whether a member has exactly these bytes; true if there is none.
  func isSpelled(_ field: ClaudeRecordField, as bytes: Span<UInt8>) -> Bool {
    fields?.isSpelled(field, as: bytes) ?? true
  }

  /// Whether JavaScript takes a member as true.
  func isTruthy(_ field: ClaudeRecordField) -> Bool { fields?[field]?.isTruthy ?? false }
}

enum ClaudeRecordField: Int, ClaudeField {
  case parent, isSideChain, type, message, isMeta, isSummary, isAPIError, request, source, id, time,
    userType, entryPoint, workspace, session, version, gitBranch, subtype, fork

  static let names = FieldNames([
    "parentUuid", "isSidechain", "type", "message", "isMeta", "isCompactSummary",
    "isApiErrorMessage", "requestId", "sourceToolAssistantUUID", "uuid", "timestamp", "userType",
    "entrypoint", "cwd", "sessionId", "version", "gitBranch", "subtype", "forkedFrom",
  ])
}

enum ClaudeMessageField: Int, ClaudeField {
  case model, id, type, role, content, usage

  static let names = FieldNames(["model", "id", "type", "role", "content", "usage"])
}
