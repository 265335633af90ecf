/// Records that change what the program may do, or what it is told besides the conversation.
///
/// A session file that holds them brings them into force when it is resumed, so they are never
/// written from another format, and a copy says that it has them.
struct ClaudeGrants: Sendable {
  private static let metadata: Set<String> = [
    "permission-mode", "mode", "agent-setting", "worktree-state", "relocated", "bridge-session",
  ]
  private static let attachments: Set<String> = [
    "prompt_snapshot", "command_permissions", "mcp_instructions_delta", "auto_mode", "plan_mode",
    "hook_success", "hook_blocking_error", "hook_non_blocking_error", "hook_additional_context",
  ]

  private var counts: [String: Int] = [:]

  /// Counts a record if it brings something into force; gives whether it does.
  @discardableResult
  mutating func note(_ record: ClaudeRecord) -> Bool {
    let kind: String?
    switch record.kind {
    case .attachment:
      kind = record["attachment"]?.text("type").flatMap { Self.attachments.contains($0) ? $0 : nil }
    case .system:
      kind = record.root.text("subtype").flatMap { $0 == "stop_hook_summary" ? $0 : nil }
    default: kind = Self.metadata.contains(record.type) ? record.type : nil
    }
    if let kind { counts[kind, default: 0] += 1 }
    return kind != nil
  }

  var isEmpty: Bool { counts.isEmpty }

  /// How many records there are.
  var total: Int { counts.values.reduce(0, +) }

  /// The kinds with their numbers, in the order of their names.
  var description: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// What a copy of such records would bring into force.
  var warning: String {
    "resuming the session brings \(total) of its records into force: " + description
  }
}
