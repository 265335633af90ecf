internal import JSONText
internal import SessionModel

/// Tells what the program put into the conversation from what the person typed.
enum CodexContext {
  private static let starts = [
    "# agents.md instructions for", "<user_instructions>", "<environment_context>", "<skill>",
    "<user_shell_command>", "<turn_aborted>", "<subagent_notification>",
    "<codex_internal_context", "<goal_context>", "<hook_prompt", "<recommended_plugins",
  ]

  /// How a message is to be treated.
  static func flags(role: Role, blocks: [Block]) -> MessageFlags {
    switch role {
    case .developer, .system: [.hidden, .synthetic]
    case .user where isContext(blocks): [.hidden, .synthetic]
    default: []
    }
  }

  /// Whether every block is a text, and a fragment of context; false without any.
  static func isContext(_ blocks: [Block]) -> Bool {
    !blocks.isEmpty
      && blocks.allSatisfy { block in
        guard let text = block.plainText else { return false }
        let start = text.string.drop(while: \.isWhitespace).prefix(64).lowercased()
        return starts.contains { start.hasPrefix($0) }
      }
  }
}
