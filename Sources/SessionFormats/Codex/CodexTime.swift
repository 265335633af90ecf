internal import SessionModel

/// Times as the program writes them.
enum CodexTime {
  /// In UTC with three digits of a second, more where the time has more.
  static func utc(_ time: Timestamp) -> String {
    var text: [UInt8] = []
    appendUTC(time, to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the spelling of ``utc(_:)``.
  static func appendUTC(_ time: Timestamp, to text: inout [UInt8]) {
    let isFourDigitYear = years.contains(time.seconds)
    let plain = Timestamp(
      seconds: isFourDigitYear ? time.seconds : 0,
      nanoseconds: isFourDigitYear ? time.nanoseconds : 0)
    let start = text.count
    plain.appendDateAndTime(separator: UInt8(ascii: "T"), to: &text)
    // Date and time take 19 bytes, then comes what the time has of a fraction.
    if text.count - start == 19 { text.append(UInt8(ascii: ".")) }
    while text.count - start < 23 { text.append(UInt8(ascii: "0")) }
    text.append(UInt8(ascii: "Z"))
  }

  /// The seconds of the years 1 to 9999, whose dates have four digits.
  private static let years: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
}
