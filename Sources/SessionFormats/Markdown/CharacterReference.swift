/// Characters that editors and viewers change, as references that both leave alone: `&#x1B;`.
///
/// These are controls but line feed and tab, U+007F, U+0085, U+2028, U+2029, U+FEFF, and, as U+DC80 to
/// U+DCFF, bytes that are not UTF-8. What looks like such a reference gets an `amp;`: `&amp;#x1B;`.
enum CharacterReference {
  /// A text in which every such character is a reference.
  static func escape(_ text: [UInt8]) -> [UInt8] {
    guard needsEscape(text) else { return text }
    return rewrite(text, escapingAll: false) { $0 == 0x0A || $0 == 0x09 || !isOdd($0) }
  }

  /// A text on one line.
  static func line(_ text: [UInt8]) -> [UInt8] { rewrite(text, escapingAll: false) { !isOdd($0) } }

  /// A text on one line without what HTML, or a link, takes for its own.
  static func inline(_ text: [UInt8], inLink: Bool = false) -> [UInt8] {
    var out: [UInt8] = []
    for byte in rewrite(text, escapingAll: true, isPlain: { !isOdd($0) }) {
      switch byte {
      case UInt8(ascii: "<"): out += "&lt;".utf8
      case UInt8(ascii: ">"): out += "&gt;".utf8
      case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\""):
        if inLink { append(UInt32(byte), to: &out) } else { out.append(byte) }
      default: out.append(byte)
      }
    }
    return out
  }

  /// - Parameter escapingAll: Whether every ampersand is escaped, else those that look like a reference.
  private static func rewrite(
    _ text: [UInt8], escapingAll: Bool, isPlain: (UInt32) -> Bool
  ) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count + text.count / 16)
    var bytes = text.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    var place = 0
    while true {
      switch parser.parseScalar(from: &bytes) {
      case .emptyInput: return out
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if scalar == "&" {
          let isEscaped = escapingAll || reference(in: text[...], at: place) != nil
          out += isEscaped ? Array("&amp;".utf8) : [UInt8(ascii: "&")]
        } else if isPlain(scalar.value) {
          out += encoded
        } else {
          append(scalar.value, to: &out)
        }
        place += encoded.count
      case .error(let length):
        for byte in text[place..<(place + length)] { append(0xDC00 + UInt32(byte), to: &out) }
        place += length
      }
    }
  }

  /// Appends a reference.
  static func append(_ value: UInt32, to out: inout [UInt8]) {
    out += "&#x\(String(value, radix: 16, uppercase: true));".utf8
  }

  /// The text that ``escape(_:)`` made a text of.
  static func unescape(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(UInt8(ascii: "&")) else { return text }
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if text[place] == UInt8(ascii: "&"), let found = reference(in: text[...], at: place) {
        if found.isEscaped {
          out.append(text[place])
          place += 5
        } else {
          append(character: found.value, to: &out)
          place = found.end
        }
      } else {
        out.append(text[place])
        place += 1
      }
    }
    return out
  }

  /// The text that ``inline(_:)`` made a text of.
  static func readInline(_ text: some Collection<UInt8>) -> [UInt8] {
    let text = Array(text)
    var out: [UInt8] = []
    var place = 0
    scan: while place < text.count {
      if text[place] == UInt8(ascii: "&") {
        for (name, byte) in [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        where text[place...].starts(with: name.utf8) {
          out += byte.utf8
          place += name.utf8.count
          continue scan
        }
        if let found = reference(in: text[...], at: place, isAny: true) {
          append(character: found.value, to: &out)
          place = found.end
          continue
        }
      }
      out.append(text[place])
      place += 1
    }
    return out
  }

  private static func append(character value: UInt32, to out: inout [UInt8]) {
    if (0xDC80...0xDCFF).contains(value) {
      out.append(UInt8(truncatingIfNeeded: value))
    } else if let scalar = Unicode.Scalar(value) {
      out += String(scalar).utf8
    }
  }

  private static func isOdd(_ value: UInt32) -> Bool {
    switch value {
    case 0..<0x20, 0x7F, 0x85, 0x2028, 0x2029, 0xFEFF, 0xDC80...0xDCFF: true
    default: false
    }
  }

  /// Whether a text may hold anything that is escaped; told by single bytes.
  private static func needsEscape(_ text: [UInt8]) -> Bool {
    for byte in text {
      switch byte {
      case 0x09, 0x0A: continue
      case 0..<0x20, 0x26, 0x7F, 0xC2, 0xE2, 0xEF: return true
      default: continue
      }
    }
    return String(validating: text, as: UTF8.self) == nil
  }

  /// The reference at an ampersand, `&#x…;`, or one that is escaped, `&amp;#x…;`.
  ///
  /// - Parameter isAny: Whether all characters count, else those alone that are written so.
  private static func reference(
    in text: ArraySlice<UInt8>, at place: Int, isAny: Bool = false
  ) -> (isEscaped: Bool, value: UInt32, end: Int)? {
    var rest = text[(place + 1)...]
    let amp = Array("amp;".utf8)
    var isEscaped = false
    while rest.starts(with: amp) {
      isEscaped = true
      rest = rest.dropFirst(amp.count)
    }
    guard rest.starts(with: "#x".utf8) else { return nil }
    rest = rest.dropFirst(2)
    var value: UInt32 = 0
    let digits = rest.prefix(7).prefix { (48...57).contains($0) || (65...70).contains($0) }
    guard !digits.isEmpty, digits.count <= 6 else { return nil }
    for digit in digits { value = value << 4 | UInt32(digit < 65 ? digit - 48 : digit - 55) }
    rest = rest.dropFirst(digits.count)
    guard rest.first == UInt8(ascii: ";"), isAny || isOdd(value) || value == 0x20 else {
      return nil
    }
    return (isEscaped, value, rest.startIndex + 1)
  }
}
