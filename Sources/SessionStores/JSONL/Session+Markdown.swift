internal import JSONText
internal import SessionModel

/// A session as Markdown, in the tool's layout.
///
/// Original: `ExportSessionMarkdown`.
///
/// Nothing is escaped, reasoning and images are left out.
public func exportSessionMarkdown(_ session: Session) -> String {
  var text = """
    # \(session.title)

    **Session:** \(session.id)
    **Created:** \(session.createdAt.wholeSeconds)
    **Updated:** \(session.updatedAt.wholeSeconds)

    """
  if !session.vendor.isEmpty {
    let parts = [session.vendor, session.endpoint, session.model].enumerated()
      .filter { $0.offset == 0 || !$0.element.isEmpty }.map(\.element)
    text += "**Vendor:** \(parts.joined(separator: " / "))\n"
  }
  text += "**Messages:** \(session.messages.count)\n\n---\n\n"
  for message in session.messages {
    text += "## \(message.heading)\n\n"
    for block in message.content ?? [] { text += block.markdown }
    text += "---\n\n"
  }
  return text
}

extension Message {
  fileprivate var heading: String {
    switch role {
    case "user": "User"
    case "assistant": "Assistant"
    case "system": "System"
    default: role
    }
  }
}

extension ContentBlock {
  fileprivate var markdown: String {
    switch type {
    case "text": return text + "\n\n"
    case "tool_use":
      let fence = input.map { "```json\n\($0.string)\n```\n" } ?? ""
      return "**Tool Call:** `\(toolName)`\n\(fence)\n"
    case "tool_result":
      return "**Tool Result** (error=\(isError)):\n```\n\(output)\n```\n\n"
    default: return ""
    }
  }
}

extension Timestamp {
  /// RFC 3339 without a fraction, which is cut.
  fileprivate var wholeSeconds: String {
    var time = self
    time.nanoseconds = 0
    return time.rfc3339
  }
}
