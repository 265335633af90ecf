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

  /// Whether a line as a whole is such a record.
  static func isGrant(_ line: CodexLine) -> Bool {
    switch line.kind {
    case .event(let payload):
      payload["type"]?.string?.equals("thread_settings_applied") ?? false
    case .other(let type, _): type == "turn_context" || type == "world_state"
    default: false
    }
  }

  mutating func note(_ line: CodexLine) {
    switch line.kind {
    case .meta(let meta) where line.isWrapped:
      for (key, value) in meta.members {
        let name = key.string
        guard Self.metaMembers.contains(name), !value.isNull,
          value.kind != .array || !value.elements.isEmpty
        else { continue }
        counts[name, default: 0] += 1
      }
    case .event(let payload) where Self.isGrant(line):
      counts["thread_settings_applied", default: 0] += 1
      if let settings = payload["thread_settings"] { note(settings) }
    case .other("turn_context", let payload):
      counts["turn_context", default: 0] += 1
      note(payload)
    case .other("world_state", _): counts["world_state", default: 0] += 1
    default: break
    }
  }

  private mutating func note(_ settings: JSONValue) {
    if let policy = settings["approval_policy"]?.string, policy.equals("never") {
      details.insert("no question before a command")
    }
    if settings["permission_profile"]?["type"]?.string?.equals("disabled") == true
      || settings["sandbox_policy"]?["type"]?.string?.equals("danger-full-access") == true
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
    if isGrant(line) { return nil }
    guard case .meta(let meta) = line.kind, line.isWrapped,
      meta.members.contains(where: { metaMembers.contains($0.key.string) })
    else { return bytes }
    var writer = JSONWriter(reserving: bytes.count)
    writer.beginObject()
    for (key, value) in line.root.members {
      writer.key(key)
      guard key.equals("payload"), value.kind == .object else {
        writer.raw(value.raw)
        continue
      }
      writer.beginObject()
      for (name, member) in value.members where !metaMembers.contains(name.string) {
        writer.key(name)
        writer.raw(member.raw)
      }
      writer.endObject()
    }
    writer.endObject()
    if bytes.last == UInt8(ascii: "\n") { writer.newline() }
    return writer.bytes[...]
  }
}
