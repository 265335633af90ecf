internal import JSONText
internal import SessionModel

/// Reads turns of a file that has them in the log of the screen alone.
enum CodexShown {
  /// What an event shows of the conversation; nil for other events.
  static func turn(_ event: JSONValue, _ type: String) -> (role: Role, blocks: [Block])? {
    switch type {
    case "user_message":
      guard let text = event["message"]?.string else { return nil }
      let pictures = event["images"]?.elements.compactMap(\.string) ?? []
      return (
        .user,
        (text.isEmpty ? [] : [.text(Block.Text(text))])
          + pictures.map { .image(ImageAddress.block($0)) }
      )
    case "agent_message":
      return event["message"]?.string.map { (.assistant, [.text(Block.Text($0))]) }
    case "item_completed":
      guard let item = event["item"], let kind = item.text("type"),
        kind == "UserMessage" || kind == "AgentMessage"
      else { return nil }
      let blocks = item["content"]?.elements.compactMap { part -> Block? in
        if let text = part["text"]?.string { return .text(Block.Text(text)) }
        if let url = part["image_url"]?.string { return .image(ImageAddress.block(url)) }
        return part["path"]?.string.map { .image(Block.Image(path: $0)) }
      }
      return (kind == "UserMessage" ? .user : .assistant, blocks ?? [])
    default: return nil
    }
  }
}
