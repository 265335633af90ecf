/// RFC 8259 taken literally, a byte at a time and recursively: slow, short, and independent of the
/// scanner it is compared with.
struct ReferenceParser {
  private struct Mistake: Error {}

  private let bytes: [UInt8]
  private var index = 0
  private var found: [String] = []

  /// All strings and keys in order, decoded; nil if the text is not JSON.
  static func strings(in bytes: [UInt8]) -> [String]? {
    var parser = ReferenceParser(bytes: bytes)
    do {
      try parser.value()
      parser.space()
      return parser.index == bytes.count ? parser.found : nil
    } catch {
      return nil
    }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ text: String) -> Bool {
    guard bytes[index...].starts(with: text.utf8) else { return false }
    index += text.utf8.count
    return true
  }

  private mutating func need(_ text: String) throws {
    guard take(text) else { throw Mistake() }
  }

  private mutating func space() {
    while take(" ") || take("\t") || take("\n") || take("\r") {}
  }

  private mutating func value() throws {
    space()
    if take("null") || take("true") || take("false") { return }
    if next == UInt8(ascii: "\"") { return try string() }
    if take("[") { return try list("]") { parser in try parser.value() } }
    if take("{") {
      return try list("}") { parser in
        parser.space()
        try parser.string()
        parser.space()
        try parser.need(":")
        try parser.value()
      }
    }
    try number()
  }

  private mutating func list(
    _ close: String, _ item: (inout ReferenceParser) throws -> Void
  ) throws {
    space()
    if take(close) { return }
    while true {
      try item(&self)
      space()
      if take(close) { return }
      try need(",")
    }
  }

  private mutating func number() throws {
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      _ = take("+") || take("-")
      try digits()
    }
  }

  private mutating func digits() throws {
    guard let first = next, (0x30...0x39).contains(first) else { throw Mistake() }
    while let digit = next, (0x30...0x39).contains(digit) { index += 1 }
  }

  private mutating func string() throws {
    try need("\"")
    var units: [UInt16] = []
    while !take("\"") {
      guard let byte = next, byte >= 0x20 else { throw Mistake() }
      if take("\\") {
        guard let escape = next else { throw Mistake() }
        index += 1
        switch escape {
        case UInt8(ascii: "u"):
          let digits = String(decoding: bytes[index...].prefix(4), as: UTF8.self)
          guard digits.utf8.count == 4, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }),
            let unit = UInt16(digits, radix: 16)
          else { throw Mistake() }
          units.append(unit)
          index += 4
        case UInt8(ascii: "n"): units.append(10)
        case UInt8(ascii: "t"): units.append(9)
        case UInt8(ascii: "r"): units.append(13)
        case UInt8(ascii: "b"): units.append(8)
        case UInt8(ascii: "f"): units.append(12)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(UInt16(escape))
        default: throw Mistake()
        }
        continue
      }
      let character = (1...4).map { bytes[index...].prefix($0) }.first {
        String(validating: $0, as: UTF8.self) != nil
      }
      units += character.map { Array(String(decoding: $0, as: UTF8.self).utf16) } ?? [0xFFFD]
      index += character?.count ?? 1
    }
    found.append(String(decoding: units, as: UTF16.self))
  }
}
