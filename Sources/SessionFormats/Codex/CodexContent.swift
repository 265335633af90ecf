internal import JSONText
internal import SessionModel

/// Content parts of messages and tool results.
enum CodexContent {
  /// The blocks of a content list, and why the program skips a record with it.
  static func blocks(_ content: JSONValue?) -> (blocks: [Block], problem: String?) {
    guard let content else { return ([], "there is no content") }
    if let text = content.string {
      return ([.text(Block.Text(text))], "the content is a text, not a list")
    }
    guard content.kind == .array else { return ([], "the content is not a list") }
    var blocks: [Block] = []
    var problem: String?
    for part in content.elements {
      let type = part["type"]?.string
      switch type?.string {
      case "input_text", "output_text", "text":
        guard let text = part["text"]?.string else { fallthrough }
        blocks.append(.text(block(part, text, type: type)))
      case "input_image":
        guard let url = part["image_url"]?.string else { fallthrough }
        blocks.append(.image(image(part, url)))
      default:
        switch type?.string {
        case "input_audio", "encrypted_content": break
        default: problem = "a content part is of an unknown kind"
        }
        blocks.append(
          .opaque(
            Block.OpaqueBlock(
              format: Codex.id, type: type ?? "", json: RawJSON(part.raw))))
      }
    }
    return (blocks, problem)
  }

  private static func block(_ part: JSONValue, _ text: JSONString, type: JSONString?) -> Block.Text
  {
    var block = Block.Text(text)
    if type?.equals("text") == true { block.extras.addCodex(CodexExtra.type, text: "text") }
    block.extras.addCodexMembers(of: part, except: ["type", "text"])
    return block
  }

  private static func image(_ part: JSONValue, _ url: JSONString) -> Block.Image {
    var image = CodexImage.block(url)
    image.extras.addCodexMembers(of: part, except: ["type", "image_url"])
    return image
  }
}

/// Pictures as addresses.
enum CodexImage {
  private static let marker = ";base64,"

  /// A picture in a `data:` address is taken out of it; any other address stays one.
  static func block(_ url: JSONString) -> Block.Image {
    let text = url.string
    guard text.hasPrefix("data:") else { return Block.Image(path: url) }
    let utf8 = text.utf8
    guard let comma = utf8.prefix(200).firstIndex(of: UInt8(ascii: ",")),
      text[..<comma].hasSuffix(";base64")
    else { return Block.Image(path: url) }
    let type = text[utf8.index(utf8.startIndex, offsetBy: 5)..<comma].dropLast(7)
    return Block.Image(
      mediaType: JSONString(String(type)),
      base64: JSONString(String(text[utf8.index(after: comma)...])))
  }

  /// The address of a picture; nil when there is neither data nor address.
  static func url(_ image: Block.Image) -> JSONString? {
    guard let data = image.base64 else { return image.path }
    var bytes = Array("data:".utf8)
    if let type = image.mediaType {
      type.appendUTF8(to: &bytes)
    } else {
      bytes += Array("image/png".utf8)
    }
    bytes += Array(marker.utf8)
    data.appendUTF8(to: &bytes)
    return JSONString(decodedUTF8: bytes)
  }
}

/// What the text of a result says about the outcome.
enum CodexOutput {
  /// Whether a command failed, as far as the conventions of the program's own tools tell.
  static func isFailure(_ text: JSONString) -> Bool {
    var bytes: [UInt8] = []
    guard text.utf8Count < 1 << 20 else { return false }
    text.appendUTF8(to: &bytes)
    if bytes.first == UInt8(ascii: "{"), let document = try? JSONDocument(bytes),
      let code = document.root["metadata"]?["exit_code"]?.int64
    {
      return code != 0
    }
    let start = String(decoding: bytes.prefix(300), as: UTF8.self)
    for line in start.split(separator: "\n", omittingEmptySubsequences: false).prefix(5) {
      if line == "Output:" { return false }
      for marker in ["Process exited with code ", "Exit code: "] where line.hasPrefix(marker) {
        return Int(line.dropFirst(marker.count)).map { $0 != 0 } ?? false
      }
    }
    return false
  }
}
