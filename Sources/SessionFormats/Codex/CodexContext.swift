internal import JSONText
internal import SessionModel

/// Tells what the program put into the conversation from what the person typed.
enum CodexContext {
  private static let starts: [String] = [
    "# AGENTS.md instructions for", "<user_instructions>", "<environment_context>", "<skill>",
    "<user_shell_command>", "<turn_aborted>", "<subagent_notification>",
    "<codex_internal_context", "<goal_context>", "<hook_prompt", "<recommended_plugins",
  ].map { $0.lowercased() }

  /// How a message is to be treated.
  static func flags(role: Role, blocks: [Block]) -> MessageFlags {
    switch role {
    case .developer, .system: [.hidden, .synthetic]
    case .user where isContext(blocks): [.hidden, .synthetic]
    default: []
    }
  }

  /// Whether every text is a fragment of context; false without any text.
  static func isContext(_ blocks: [Block]) -> Bool {
    var hasText = false
    for block in blocks {
      guard case .text(let text) = block else { return false }
      guard isFragment(text.text) else { return false }
      hasText = true
    }
    return hasText
  }

  private static func isFragment(_ text: JSONString) -> Bool {
    // Only the beginning counts, unless white space fills it.
    var isFragment = false
    text.withUTF8Prefix(512) { beginning in
      var place = 0
      while place < beginning.count,
        beginning[place] == UInt8(ascii: " ") || beginning[place] == UInt8(ascii: "\n")
      {
        place += 1
      }
      if place < beginning.count {
        let first = beginning[place]
        if first > 0x20, first < 0x7F, first != UInt8(ascii: "#"), first != UInt8(ascii: "<") {
          // What people type hardly ever begins as the fragments do.
          return
        }
      }
      var start = unsafe beginning.withUnsafeBufferPointer {
        unsafe String(decoding: $0, as: UTF8.self)
      }.drop { $0.isWhitespace }
      if start.utf8.count < 256, beginning.count == 512 {
        start = text.string.drop { $0.isWhitespace }
      }
      let string = start.prefix(64).lowercased()
      isFragment = starts.contains { string.hasPrefix($0) }
    }
    return isFragment
  }
}
