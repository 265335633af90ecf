internal import JSONText
internal import SessionModel

/// Times as the program reads them: what JavaScript's `Date` parses and sessions hold.
enum ClaudeTime {
  /// The time of a record; nil when it is absent or does not parse.
  static func timestamp(_ value: JSONValue?) -> Timestamp? {
    guard let value, value.kind == .string else { return nil }
    let time = value.withBytes {
      Timestamp(rfc3339: $0.extracting(droppingFirst: 1).extracting(droppingLast: 1))
    }
    return time ?? lenient(value.raw.dropFirst().dropLast())
  }

  /// A date alone, or without a zone, which is taken as UTC.
  private static func lenient(_ text: ArraySlice<UInt8>) -> Timestamp? {
    let spelling = String(decoding: text, as: UTF8.self)
    let full: String
    switch text.count {
    case 10: full = spelling + "T00:00:00Z"
    case 16: full = spelling + ":00Z"
    case 17 where text.last == UInt8(ascii: "Z"): full = spelling.dropLast() + ":00Z"
    case 19...32: full = spelling + "Z"
    default: return nil
    }
    guard var time = Timestamp(rfc3339: full) else { return nil }
    time.text = spelling
    return time
  }

  /// Milliseconds since 1970, for ordering.
  static func milliseconds(_ time: Timestamp) -> Int64 {
    let (scaled, overflow) = time.seconds.multipliedReportingOverflow(by: 1_000)
    if overflow { return time.seconds < 0 ? .min : .max }
    return scaled &+ Int64(time.nanoseconds / 1_000_000)
  }

  /// Appends the spelling of the program: UTC with three digits of a second.
  static func append(_ time: Timestamp, to bytes: inout [UInt8]) {
    Timestamp(seconds: time.seconds).appendDateAndTime(separator: UInt8(ascii: "T"), to: &bytes)
    let milliseconds = min(max(0, time.nanoseconds / 1_000_000), 999)
    bytes.append(addingCapacity: 5) { output in
      output.append(UInt8(ascii: "."))
      output.append(UInt8(truncatingIfNeeded: 48 + milliseconds / 100))
      output.append(UInt8(truncatingIfNeeded: 48 + milliseconds / 10 % 10))
      output.append(UInt8(truncatingIfNeeded: 48 + milliseconds % 10))
      output.append(UInt8(ascii: "Z"))
    }
  }
}
