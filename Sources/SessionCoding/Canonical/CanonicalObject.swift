internal import JSONText
internal import SessionModel

/// The members of one kind of canonical object, as places in the list of their names.
protocol CanonicalField: RawRepresentable<Int> {
  static var names: FieldNames { get }
  /// The one that holds what other formats have and the model does not.
  static var extras: Self { get }
}

/// An object whose members were found in one pass.
struct CanonicalObject<Field: CanonicalField> {
  private let value: JSONValue
  private let table: FieldTable

  /// Nil unless the value is an object.
  init?(_ value: JSONValue) {
    guard let table = FieldTable(value, Field.names) else { return nil }
    self.value = value
    self.table = table
  }

  /// The fields of formats, and the members that are not known here: a later version or somebody else
  /// gave them, and they are written back as they are.
  var extras: [Extra] {
    var extras = self[.extras]?.extraGroups ?? []
    if table.hasOthers {
      value.forEachMember(except: Field.names) { key, value in
        extras.append(
          Extra(format: CanonicalJSON.format, key: key.string, value: RawJSON(value.raw)))
      }
    }
    return extras
  }

  subscript(_ field: Field) -> JSONValue? { table[field.rawValue] }

  func string(_ field: Field) -> JSONString? { table.string(field.rawValue) }
  func text(_ field: Field) -> String? { table.text(field.rawValue) }
  func int64(_ field: Field) -> Int64? { table.int64(field.rawValue) }
  func bool(_ field: Field) -> Bool? { table[field.rawValue]?.bool }
}

enum MessageField: Int, CanonicalField {
  case record, effective, id, parent, role, time, duration, model, usage, turn, flags, content,
    extras

  static let names = FieldNames([
    "record", "effective", "id", "parent", "role", "time", "duration_ns", "model", "usage", "turn",
    "flags", "content", "extras",
  ])
}

enum UsageField: Int, CanonicalField {
  case record, effective, time, turn, model, provider, endpoint, source, usage, extras

  static let names = FieldNames([
    "record", "effective", "time", "turn", "model", "provider", "endpoint", "source", "usage",
    "extras",
  ])
}

enum MetricField: Int, CanonicalField {
  case record, effective, kind, time, turn, timeToFirstToken, thinkTime, duration, usage, tool,
    toolSuccess, toolError, toolDuration, model, provider, endpoint, extras

  static let names = FieldNames([
    "record", "effective", "kind", "time", "turn", "time_to_first_token_ns", "think_time_ns",
    "duration_ns", "usage", "tool", "tool_success", "tool_error", "tool_duration_ns", "model",
    "provider", "endpoint", "extras",
  ])
}

enum HeadField: Int, CanonicalField {
  case id, title, summary, preview, created, updated, workspace, gitBranch, gitCommit, provider,
    providerKey, endpoint, model, agent, mode, status, archived, pinned, tags, parent, usage, extras

  static let names = FieldNames([
    "id", "title", "summary", "preview", "created", "updated", "workspace", "git_branch",
    "git_commit", "provider", "provider_key", "endpoint", "model", "agent", "mode", "status",
    "archived", "pinned", "tags", "parent", "usage", "extras",
  ])
}

enum TokenField: Int, CanonicalField {
  case input, output, cacheRead, cacheWrite, promptTotal, extras

  static let names = FieldNames([
    "input", "output", "cache_read", "cache_write", "prompt_total", "extras",
  ])
}

enum CheckpointField: Int, CanonicalField {
  case record, effective, time, summaryMessage, lastMessage, tokens, messages, extras

  static let names = FieldNames([
    "record", "effective", "time", "summary_message", "last_message", "tokens", "messages",
    "extras",
  ])
}

enum EventField: Int, CanonicalField {
  case record, effective, format, kind, id, stream, type, time, data, extras

  static let names = FieldNames([
    "record", "effective", "format", "kind", "id", "stream", "type", "time", "data", "extras",
  ])
}

/// The members of all kinds of blocks.
enum BlockField: Int, CanonicalField {
  case type, text, signature, encrypted, id, callID, name, arguments, isError, content, kind
  case mediaType, base64, path, size, format, json, extras

  static let names = FieldNames([
    "type", "text", "signature", "encrypted", "id", "call_id", "name", "arguments", "is_error",
    "content", "kind", "media_type", "base64", "path", "size", "format", "json", "extras",
  ])
}
