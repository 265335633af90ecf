internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Records that change what the program may do, or what it is told, when a session is resumed.
struct CodexGrants: Sendable {
  /// Kinds of such records, by the words for them.
  private var counts: [String: Int] = [:]
  private var details: Set<String> = []

  /// Members of a `session_meta` that do so.
  static let metaMembers: Set<String> = [
    "base_instructions", "dynamic_tools", "selected_capability_roots", "runtime_workspace_roots",
    "instructions",
  ]

  /// The kind of a line that is such a record as a whole, and where it states settings.
  private static func whole(_ line: CodexLine) -> (kind: String, settings: JSONValue?)? {
    switch line.kind {
    case .event(let event) where line.type == "thread_settings_applied":
      (line.type, event["thread_settings"])
    case .other("turn_context", let context): ("turn_context", context)
    case .other("world_state", _): ("world_state", nil)
    default: nil
    }
  }

  mutating func note(_ line: CodexLine) {
    if let (kind, settings) = Self.whole(line) {
      counts[kind, default: 0] += 1
      if let settings { note(settings) }
    } else if case .meta(let meta) = line.kind, line.isWrapped {
      for (key, value) in meta.members where Self.metaMembers.contains(key.string) {
        let isEmpty = value.isNull || value.kind == .array && value.elements.isEmpty
        if !isEmpty { counts[key.string, default: 0] += 1 }
      }
    }
  }

  private mutating func note(_ settings: JSONValue) {
    if settings.text("approval_policy") == "never" {
      details.insert("no question before a command")
    }
    if settings["permission_profile"]?.text("type") == "disabled"
      || settings["sandbox_policy"]?.text("type") == "danger-full-access"
    {
      details.insert("access to the whole disk")
    }
  }

  /// Says what was noted.
  func tell(_ path: String, in log: inout FindingLog) {
    guard !counts.isEmpty else { return }
    let total = counts.values.reduce(0, +)
    let kinds = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    var message =
      "\(total) \(total == 1 ? "record sets" : "records set") what Codex may do or is told when the "
      + "session is resumed (\(kinds.joined(separator: ", ")))"
    if !details.isEmpty { message += ": \(details.sorted().joined(separator: ", "))" }
    log.add(
      "grants", .warning, .file(path: path),
      message + "; a copy in the same format keeps them, --strip-settings leaves them out")
  }

  /// A line without what sets the program up; nil when it does nothing else.
  static func stripped(
    _ bytes: ArraySlice<UInt8>, _ settings: inout StrippedSettings
  ) -> ArraySlice<UInt8>? {
    guard let line = CodexLine(bytes) else { return bytes }
    var grants = CodexGrants()
    grants.note(line)
    for (kind, count) in grants.counts { settings.add(kind, count) }
    if whole(line) != nil { return nil }
    guard case .meta(let meta) = line.kind, line.isWrapped,
      meta.members.contains(where: { metaMembers.contains($0.key.string) })
    else { return bytes }
    var json = JSONWriter(reserving: bytes.count)
    json.object([:]) { json in
      for (key, value) in line.root.members {
        json.key(key)
        guard key.equals("payload") else {
          json.raw(value.raw)
          continue
        }
        json.object([:]) { json in
          for (name, member) in meta.members where !metaMembers.contains(name.string) {
            json.key(name)
            json.raw(member.raw)
          }
        }
      }
    }
    if bytes.last == UInt8(ascii: "\n") { json.newline() }
    return json.bytes[...]
  }
}
