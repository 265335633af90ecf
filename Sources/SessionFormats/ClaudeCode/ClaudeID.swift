internal import JSONText

/// An identifier of a record; the usual spelling of a UUID takes sixteen bytes.
enum ClaudeID: Hashable, Sendable {
  case uuid(UInt64, UInt64)
  case text(String)

  /// The identifier in a JSON value: a string that is not empty, or a number.
  init?(_ value: JSONValue?) {
    guard let value else { return nil }
    switch value.kind {
    case .string:
      if value.range.count == 38,
        let id = value.withBytes({ Self(uuid: $0.extracting(1..<37)) })
      {
        self = id
        return
      }
      guard let text = value.string, !text.isEmpty else { return nil }
      self = .text(text.string)
    case .number: self = .text(String(decoding: value.raw, as: UTF8.self))
    default: return nil
    }
  }

  /// The identifier of a text.
  init(_ text: String) {
    if text.utf8.count == 36, let id = Self(uuid: text.utf8.span) {
      self = id
    } else {
      self = .text(text)
    }
  }

  private init?(uuid text: Span<UInt8>) {
    guard text.count == 36 else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for position in text.indices {
      let byte = text[position]
      if position == 8 || position == 13 || position == 18 || position == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- 48
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- 87
      default: return nil
      }
      high = high << 4 | low >> 60
      low = low << 4 | UInt64(digit)
    }
    self = .uuid(high, low)
  }

  /// The identifier as it is spelled.
  var text: String {
    switch self {
    case .text(let text): text
    case .uuid(let high, let low): Self.spelling(high, low)
    }
  }

  /// The text of the identifier in a JSON value; nil when it is none.
  static func text(of value: JSONValue?) -> String? {
    guard let value else { return nil }
    switch value.kind {
    case .string: return value.string.flatMap { $0.isEmpty ? nil : $0.string }
    case .number: return String(decoding: value.raw, as: UTF8.self)
    default: return nil
    }
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// The usual spelling of a UUID.
  static func spelling(_ high: UInt64, _ low: UInt64) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(36)
    for position in 0..<32 {
      if position == 8 || position == 12 || position == 16 || position == 20 {
        out.append(UInt8(ascii: "-"))
      }
      let word = position < 16 ? high : low
      let shift = UInt64(60 - position % 16 * 4)
      out.append(digits[Int(word >> shift & 15)])
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// What records without an identifier have in common: the last of them counts (2.1.329).
  static let absent = ClaudeID.text("")

  /// The UUID that means "none" in `last-prompt` records.
  static let none = ClaudeID.uuid(0, 0)

  /// Whether a text is a UUID in any spelling, as the names of session files must be.
  static func isUUID(_ text: some StringProtocol) -> Bool {
    guard text.utf8.count == 36 else { return false }
    for (position, byte) in text.utf8.enumerated() {
      switch position {
      case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
      default:
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
          UInt8(ascii: "A")...UInt8(ascii: "F"):
          break
        default: return false
        }
      }
    }
    return true
  }
}
