/// `![attached image](path "image/png")` or `[attached file: name](path)`.
struct MarkdownLink {
  /// How links begin that are blocks of messages.
  static let image = Array("![attached image](".utf8)
  static let file = Array("[attached file".utf8)

  var isImage: Bool
  var label: [UInt8]
  var destination: [UInt8]
  var title: [UInt8]?

  /// Reads a line that is nothing but a link.
  init?(_ line: ArraySlice<UInt8>) {
    isImage = line.first == UInt8(ascii: "!")
    let rest = line.dropFirst(isImage ? 1 : 0)
    guard rest.first == UInt8(ascii: "["), rest.last == UInt8(ascii: ")"),
      let middle = rest.firstRange(of: Array("](".utf8))
    else { return nil }
    let shown = rest[(rest.startIndex + 1)..<middle.lowerBound]
    let lead = Self.file.dropFirst() + Array(": ".utf8)
    label = CharacterReference.readInline(
      shown.starts(with: lead) ? shown.dropFirst(lead.count) : shown)
    if shown.elementsEqual(Self.file.dropFirst()) { label = [] }
    let target = rest[middle.upperBound...].dropLast()
    let end = target.firstIndex(of: 0x20) ?? target.endIndex
    destination = Array(target[..<end])
    let quoted = target[end...].dropFirst()
    if quoted.count >= 2, quoted.first == UInt8(ascii: "\""), quoted.last == UInt8(ascii: "\"") {
      title = CharacterReference.readInline(quoted.dropFirst().dropLast())
    }
  }

  /// A line with a link.
  static func line(
    isImage: Bool, name label: [UInt8], destination: String, title: [UInt8]?
  ) -> [UInt8] {
    var out = isImage ? Self.image : Self.file
    if !isImage {
      if !label.isEmpty { out += ": ".utf8 + CharacterReference.inline(label, inLink: true) }
      out += "](".utf8
    }
    out += destination.utf8
    if let title { out += " \"".utf8 + CharacterReference.inline(title, inLink: true) + "\"".utf8 }
    return out + ")\n".utf8
  }

  /// A path or address in which what could end a link is percent-encoded.
  static func destination(_ path: [UInt8]) -> String {
    var out = ""
    for byte in path {
      switch byte {
      case 0x21, 0x23, 0x24, 0x26, 0x27, 0x2A...0x3B, 0x3D, 0x3F...0x5A, 0x5F, 0x61...0x7A, 0x7E:
        out.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        out += byte < 16 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return out
  }

  /// What ``destination(_:)`` made a destination of.
  static func decoded(_ destination: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var rest = destination[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        out.append(value)
        rest = rest.dropFirst(2)
      } else {
        out.append(byte)
      }
    }
    return out
  }

  /// The media type and the Base64 of a data link; nil for other links.
  var data: (type: String, base64: [UInt8])? {
    let lead = Array("data:".utf8)
    guard destination.starts(with: lead),
      let comma = destination.firstRange(of: Array(";base64,".utf8))
    else { return nil }
    return (
      String(decoding: destination[lead.count..<comma.lowerBound], as: UTF8.self),
      Array(destination[comma.upperBound...])
    )
  }
}
