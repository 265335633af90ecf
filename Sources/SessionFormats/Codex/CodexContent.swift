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
  /// Longer texts are no output that the program's own tools give.
  private static let longest = 1 << 20
  private static let markers = ["Process exited with code ", "Exit code: "].map { Array($0.utf8) }
  private static let end = Array("Output:".utf8)
  private static let lineFeed = [UInt8(ascii: "\n")]

  /// Whether a command failed, as far as the conventions of the program's own tools tell.
  static func isFailure(_ text: JSONString) -> Bool {
    var (mayBeObject, saysFailure) = (false, false)
    text.withUTF8Prefix(300) { start in
      mayBeObject = !start.isEmpty && start[0] == UInt8(ascii: "{")
      saysFailure = Self.saysFailure(start)
    }
    guard mayBeObject || saysFailure, text.utf8Count < longest else { return false }
    if mayBeObject {
      var bytes: [UInt8] = []
      text.appendUTF8(to: &bytes)
      if let code = (JSONDocument(ifValid: bytes))?.root["metadata"]?["exit_code"]?.int64 {
        return code != 0
      }
    }
    return saysFailure
  }

  /// Whether one of the first lines says it.
  private static func saysFailure(_ text: Span<UInt8>) -> Bool {
    var place = 0
    for _ in 0..<5 {
      let lineEnd = lineEnd(in: text, from: place)
      let line = text.extracting(place..<lineEnd)
      if line.isEqual(to: end.span) { return false }
      for marker in markers where line.starts(with: marker.span) {
        let code = line.extracting(droppingFirst: marker.count)
        let digits = unsafe code.withUnsafeBufferPointer {
          unsafe String(decoding: $0, as: UTF8.self)
        }
        return Int(digits).map { $0 != 0 } ?? false
      }
      place = lineEnd + 1
      if place >= text.count { return false }
    }
    return false
  }

  /// Where a line ends: at a line feed, unless that belongs to a carriage return.
  private static func lineEnd(in text: Span<UInt8>, from start: Int) -> Int {
    var place = start
    while let found = text.firstIndex(of: lineFeed.span, in: place..<text.count) {
      if found == start || text[found - 1] != UInt8(ascii: "\r") { return found }
      place = found + 1
    }
    return text.count
  }
}
