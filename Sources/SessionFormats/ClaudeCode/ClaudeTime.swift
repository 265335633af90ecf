internal import JSONText
internal import SessionModel

/// Times as the program reads them: what JavaScript's `Date` parses and sessions hold.
enum ClaudeTime {
  /// The time of a record; nil when it is absent or does not parse.
  static func timestamp(_ value: JSONValue?) -> Timestamp? {
    guard let value, value.kind == .string else { return nil }
    let text = String(decoding: value.raw.dropFirst().dropLast(), as: UTF8.self)
    return Timestamp(rfc3339: text) ?? lenient(text)
  }

  /// A date alone, or without a zone, which is taken as UTC.
  private static func lenient(_ text: String) -> Timestamp? {
    let full: String
    switch text.utf8.count {
    case 10: full = text + "T00:00:00Z"
    case 16: full = text + ":00Z"
    case 17 where text.hasSuffix("Z"): full = text.dropLast() + ":00Z"
    case 19...32: full = text + "Z"
    default: return nil
    }
    guard var time = Timestamp(rfc3339: full) else { return nil }
    time.text = text
    return time
  }
}
