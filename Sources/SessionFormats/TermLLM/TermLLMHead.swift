import JSONText
import SessionCoding
import SessionModel

/// A row of `sessions` and what it says about the session.
struct SessionRow: Sendable {
  /// Column names in the order rows are spelled.
  let columns: [String]
  /// Their values.
  let values: [SQLiteValue]

  subscript(_ name: String) -> SQLiteValue? {
    columns.firstIndex(of: name).map { values[$0] }
  }

  /// The text of a column, nil when it is blank.
  func text(_ name: String) -> String? {
    guard let text = self[name]?.displayText, !text.isBlank else { return nil }
    return text
  }

  var boundary: CompactionBoundary {
    CompactionBoundary(
      sequence: self["compaction_seq"]?.int64, count: self["compaction_count"]?.int64)
  }

  /// Columns that the model has a place for; all others become extras.
  private static let modelled: Set<String> = [
    "id", "created_at", "updated_at", "parent_id", "status", "archived", "pinned", "provider",
    "provider_key", "model", "mode", "agent", "cwd", "tags", "name", "summary", "input_tokens",
    "output_tokens", "cached_input_tokens", "cache_write_tokens",
    // These follow from the messages.
    "message_count", "transcript_rev", "last_user_message_at", "last_message_at",
  ]

  /// Values that say nothing, which do not become extras.
  private static let defaults: [String: SQLiteValue] = [
    "compaction_seq": .integer(-1), "origin": SQLiteValue("tui"),
  ]

  /// The head that the tool shows.
  ///
  /// - Parameter branch: The parent of a branch, from `session_branches`.
  func head(branch: ParentLink?) -> SessionHead {
    var head = SessionHead(id: self["id"]?.displayText ?? "")
    head.title =
      (text("name") ?? text("generated_short_title") ?? text("summary"))?.trimmingBlanks
    head.summary = self["summary"]?.displayText.flatMap { $0.isEmpty ? nil : $0 }
    head.created = self["created_at"]?.time
    head.updated = self["updated_at"]?.time
    head.workspace = text("cwd")
    head.provider = text("provider")
    head.providerKey = text("provider_key") ?? head.provider
    head.model = text("model")
    head.agent = text("agent")
    head.mode = text("mode")
    head.status = text("status")
    head.archived = self["archived"]?.flag
    head.pinned = self["pinned"]?.flag
    head.tags = (text("tags") ?? "").split(separator: ",", omittingEmptySubsequences: false)
      .map(String.init)
    if text("tags") == nil { head.tags = [] }
    head.parent = branch ?? text("parent_id").map { ParentLink(id: $0, kind: .subagent) }
    head.usage = TokenUsage(
      input: self["input_tokens"]?.int64, output: self["output_tokens"]?.int64,
      cacheRead: self["cached_input_tokens"]?.int64,
      cacheWrite: self["cache_write_tokens"]?.int64)
    head.extras = extras
    return head
  }

  private var extras: [Extra] {
    var extras: [Extra] = []
    for (name, value) in zip(columns, values)
    where !Self.modelled.contains(name) && value != Self.defaults[name] {
      switch value {
      case .null, .integer(0): continue
      case .text(let bytes) where bytes.isEmpty: continue
      default: extras.append(Extra(column: name, value))
      }
    }
    return extras
  }
}

extension Extra {
  /// A column as an extra field.
  init(column: String, _ value: SQLiteValue) {
    var writer = JSONWriter()
    writer.value(value)
    self.init(format: TermLLM.id, key: column, value: RawJSON(writer.bytes[...]))
  }
}

extension SQLiteValue {
  /// A truth value as the tool reads it.
  var flag: Bool? {
    switch self {
    case .integer(0), .real(0): false
    case .integer(1), .real(1): true
    case .text(let bytes):
      switch String(decoding: bytes, as: UTF8.self) {
      case "1", "t", "T", "TRUE", "true", "True": true
      case "0", "f", "F", "FALSE", "false", "False": false
      default: nil
      }
    default: nil
    }
  }
}

extension String {
  /// The text without white space at both ends.
  var trimmingBlanks: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
