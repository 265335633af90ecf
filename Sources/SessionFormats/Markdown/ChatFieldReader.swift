internal import JSONText
internal import SessionCoding
internal import SessionModel

/// An element with the parts that stand behind it.
struct ChatFieldReader {
  var element: ChatElement
  var parts: [String: ChatElement] = [:]

  init(element: ChatElement) { self.element = element }

  func value(_ name: String) -> JSONValue? { element.value?[name: name] }

  func string(_ name: String) -> String? { text(name)?.string }

  func number(_ name: String) -> Int64? { value(name)?.int64 }

  func time(_ name: String) -> Timestamp? { value(name).flatMap { ChatTime.read($0) } }

  /// A text in the marker or in a part.
  func text(_ name: String) -> JSONString? { value(name)?.string ?? part(name) }

  /// A text in a part.
  func part(_ name: String) -> JSONString? {
    parts[name].map { JSONString(decodedUTF8: Self.bytes(of: $0)) }
  }

  /// The element's own text.
  var bodyBytes: [UInt8] { Self.bytes(of: element) }

  /// The element's own text.
  var body: JSONString { JSONString(decodedUTF8: bodyBytes) }

  /// Fields of single formats.
  var extras: [Extra] {
    if let inline = value("x") { return ChatExtras.read(inline) }
    guard let part = parts["x"] else { return [] }
    if let inline = part.value?["x"] { return ChatExtras.read(inline) }
    let document = JSONDocument(ifValid: Self.bytes(of: part), limits: .go)
    return ChatExtras.read(document?.root)
  }

  /// The text that an element's body spells.
  static func bytes(of element: ChatElement) -> [UInt8] {
    guard var body = element.body else { return [] }
    switch element.value?["enc"]?.string?.string {
    case "json":
      guard let text = (JSONDocument(ifValid: body))?.root.string else { break }
      var bytes: [UInt8] = []
      text.appendUnrepaired(to: &bytes)
      return bytes
    case "base64":
      if let bytes = Base64.decode(String(decoding: body, as: UTF8.self)) { return bytes }
    default: break
    }
    if element.value?["nl"]?.bool == true { body.append(UInt8(ascii: "\n")) }
    return body
  }
}
