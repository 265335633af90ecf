internal import JSONText
internal import SessionCoding
internal import SessionModel

/// Fields of single formats as one object, in order, keys `format.field`.
///
/// A key without a point is a field of the file itself. A value that is not clean JSON on its own
/// is an array of one text (`~` before its key) or of one Base64 text (`~~`).
enum ChatExtras {
  /// The object.
  static func json(_ extras: [Extra]) -> [UInt8] {
    var writer = JSONWriter(reserving: 256)
    writer.beginObject()
    for extra in extras {
      let name = name(of: extra)
      let bytes = extra.value.bytes
      if extra.value.isInline {
        writer.key(JSONString(name))
        writer.raw(extra.value)
      } else if let text = String(validating: bytes, as: UTF8.self) {
        writer.key(JSONString("~" + name))
        writer.string(text)
      } else {
        writer.key(JSONString("~~" + name))
        writer.string(Base64.encode(bytes))
      }
    }
    writer.endObject()
    return writer.bytes
  }

  private static func name(of extra: Extra) -> String {
    let isOwn = extra.format == Markdown.id
    if isOwn, !extra.key.utf8.contains(UInt8(ascii: ".")),
      extra.key.utf8.first != UInt8(ascii: "~")
    {
      return extra.key
    }
    var format = ""
    for character in extra.format.unicodeScalars {
      switch character {
      case "%": format += "%25"
      case ".": format += "%2E"
      case "~": format += "%7E"
      default: format.unicodeScalars.append(character)
      }
    }
    return format + "." + extra.key
  }

  /// Reads the object.
  static func read(_ value: JSONValue?) -> [Extra] {
    guard let value else { return [] }
    return value.members.map { key, value in
      let key = key.string
      let marks = key.utf8.prefix { $0 == UInt8(ascii: "~") }.count
      let (format, field) = split(String(Substring(key.utf8.dropFirst(marks))))
      var raw = RawJSON(Array(value.raw)[...])
      if marks == 1, let text = value.string {
        var bytes: [UInt8] = []
        text.appendUnrepaired(to: &bytes)
        raw = ChatArguments.read(bytes)
      } else if marks == 2, let bytes = value.string.flatMap({ Base64.decode($0.string) }) {
        raw = ChatArguments.read(bytes)
      }
      return Extra(format: format, key: field, value: raw)
    }
  }

  private static func split(_ name: String) -> (format: String, key: String) {
    guard let point = name.unicodeScalars.firstIndex(of: ".") else { return (Markdown.id, name) }
    var format = ""
    var rest = name.unicodeScalars[..<point]
    while let character = rest.popFirst() {
      let code = String(String.UnicodeScalarView(rest.prefix(2)))
      if character == "%", let plain = ["25": "%", "2E": ".", "7E": "~"][code] {
        format += plain
        rest = rest.dropFirst(2)
      } else {
        format.unicodeScalars.append(character)
      }
    }
    return (format, String(name.unicodeScalars[name.unicodeScalars.index(after: point)...]))
  }
}
