internal import JSONText

/// Arguments of tool calls as text: JSON as it is, and the content of a string that is not JSON.
enum ChatArguments {
  /// The text to show.
  static func text(of arguments: RawJSON) -> [UInt8] {
    let bytes = Array(arguments.bytes)
    guard let document = JSONDocument(ifValid: bytes, limits: .go),
      let string = document.root.string
    else { return bytes }
    var content: [UInt8] = []
    string.appendUnrepaired(to: &content)
    guard (JSONDocument(ifValid: content, limits: .go)) == nil, quoted(content) == bytes else {
      return bytes
    }
    return content
  }

  /// The arguments of a text: JSON as it is, all else as a JSON string.
  static func read(_ text: [UInt8]) -> RawJSON {
    if (JSONDocument(ifValid: text, limits: .go)) != nil { return .onOneLine(text) }
    return RawJSON(quoted(text)[...])
  }

  private static func quoted(_ text: [UInt8]) -> [UInt8] {
    var writer = JSONWriter()
    writer.string(JSONString(decodedUTF8: text))
    return writer.bytes
  }
}
