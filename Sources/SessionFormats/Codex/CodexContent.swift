internal import JSONText
internal import SessionModel

/// Content parts of messages and tool results.
enum CodexContent {
  /// The blocks of a content list, or of a text in its place, which the program does not take.
  static func blocks(_ content: JSONValue?) -> [Block] {
    if let text = content?.string { return [.text(Block.Text(text))] }
    return content?.elements.map(block) ?? []
  }

  private static func block(_ part: JSONValue) -> Block {
    let type = part["type"]?.string ?? ""
    switch type.string {
    case "input_text", "output_text", "text":
      guard let text = part["text"]?.string else { break }
      var block = Block.Text(text)
      if type.equals("text") { block.extras.addCodex(CodexExtra.type, text: "text") }
      block.extras += part.extras(of: Codex.id, except: ["type", "text"])
      return .text(block)
    case "input_image":
      guard let url = part["image_url"]?.string else { break }
      var image = ImageAddress.block(url)
      image.extras += part.extras(of: Codex.id, except: ["type", "image_url"])
      return .image(image)
    default: break
    }
    return .opaque(Block.OpaqueBlock(format: Codex.id, type: type, json: RawJSON(part.raw)))
  }
}
