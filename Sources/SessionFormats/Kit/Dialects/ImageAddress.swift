internal import JSONText
internal import SessionModel

/// Pictures as addresses.
enum ImageAddress {
  /// A picture in a `data:` address is taken out of it; any other address stays one.
  static func block(_ url: JSONString) -> Block.Image {
    let text = url.string
    let utf8 = text.utf8
    guard text.hasPrefix("data:"),
      let comma = utf8.prefix(200).firstIndex(of: UInt8(ascii: ",")),
      text[..<comma].hasSuffix(";base64")
    else { return Block.Image(path: url) }
    let type = text[..<comma].dropFirst("data:".count).dropLast(";base64".count)
    return Block.Image(
      mediaType: JSONString(String(type)),
      base64: JSONString(String(text[utf8.index(after: comma)...])))
  }

  /// The address of a picture; nil when there is neither data nor address.
  static func url(_ image: Block.Image) -> JSONString? {
    guard let data = image.base64 else { return image.path }
    var bytes = Array("data:\(image.mediaType?.string ?? "image/png");base64,".utf8)
    data.appendUTF8(to: &bytes)
    return JSONString(decodedUTF8: bytes)
  }
}
