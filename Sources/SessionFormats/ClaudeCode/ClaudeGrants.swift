internal import JSONText

/// Records that change what the program may do, or what it is told besides the conversation.
///
/// A session file that holds them brings them into force when it is resumed, so they are never
/// written from another format, and a copy says that it has them.
enum ClaudeGrants {
  private static let metadata: Set<String> = [
    "permission-mode", "mode", "agent-setting", "worktree-state", "relocated", "bridge-session",
  ]
  private static let attachments: Set<String> = [
    "prompt_snapshot", "command_permissions", "mcp_instructions_delta", "auto_mode", "plan_mode",
    "hook_success", "hook_blocking_error", "hook_non_blocking_error", "hook_additional_context",
  ]

  /// What a record would bring into force; nil when nothing.
  static func kind(_ root: JSONValue, type: JSONString) -> String? {
    if type.equals("user") || type.equals("assistant") { return nil }
    if type.equals("attachment") {
      guard let kind = root["attachment"]?["type"]?.string?.string, attachments.contains(kind)
      else { return nil }
      return kind
    }
    if type.equals("system") {
      return root["subtype"]?.string?.equals("stop_hook_summary") ?? false
        ? "stop_hook_summary" : nil
    }
    let name = type.string
    return metadata.contains(name) ? name : nil
  }
}

/// Counts such records.
struct ClaudeGrantCount {
  private var counts: [String: Int] = [:]

  mutating func add(_ kind: String) { counts[kind, default: 0] += 1 }

  var isEmpty: Bool { counts.isEmpty }

  /// The kinds with their numbers, in the order of their names.
  var description: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// The number of records.
  var total: Int { counts.values.reduce(0, +) }
}
