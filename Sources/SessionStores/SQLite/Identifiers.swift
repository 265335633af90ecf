internal import JSONText
public import SessionModel

/// A new identifier: the local time as `YYYYMMDD-HHMMSS` and random hexadecimal digits, 16 in
/// current releases and 6 in documented ones.
///
/// Original: `NewID`.
public func newID(for release: Release = .current, at time: Timestamp = .nowInLocalZone) -> String {
  var whole = time
  whole.nanoseconds = 0
  var text: [UInt8] = []
  whole.appendDateAndTime(separator: UInt8(ascii: "-"), to: &text)
  let date = text.enumerated().filter { ![4, 7, 13, 16].contains($0.offset) }.map(\.element)
  let count = release == .current ? 16 : 6
  let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
  let padded = String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
  return String(decoding: date, as: UTF8.self) + "-" + String(padded.suffix(count))
}

/// The date and time of an identifier as `YYMMDD-HHMM`; a short identifier as it is.
///
/// Original: `ShortID`.
public func shortID(_ id: String) -> String {
  let bytes = Array(id.utf8)
  if bytes.count < 15 { return id }
  return text(bytes[2..<8]) + "-" + text(bytes[9..<13])
}

/// The pattern of SQL's LIKE for identifiers that a short one stands for.
///
/// Original: `ExpandShortID`.
public func expandShortID(_ short: String) -> String {
  let bytes = Array(short.utf8)
  if short.hasPrefix("20"), bytes.count >= 15 { return short }
  if bytes.count == 11, bytes[6] == UInt8(ascii: "-") {
    return "20" + text(bytes[..<6]) + "-" + text(bytes[7...]) + "%"
  }
  return short + "%"
}

/// The time in an identifier, read as UTC although ``newID(for:at:)`` writes local time; Go's zero
/// time if there is none.
///
/// Original: `ParseIDTime`.
public func parseIDTime(_ id: String) -> Timestamp {
  let bytes = Array(id.utf8.prefix(15))
  var scan = DigitScanner(bytes)
  guard bytes.count == 15, let year = scan.digits(4), let month = scan.digits(2),
    let day = scan.digits(2), scan.skip("-"), let hour = scan.digits(2),
    let minute = scan.digits(2), let second = scan.digits(2)
  else { return .goZero }
  let civil = CivilTime(
    year: year, month: month, day: day, hour: hour, minute: minute, second: second)
  return civil.isValid ? Timestamp(seconds: civil.secondsSinceEpoch) : .goZero
}

/// The first line of a text, at most 100 bytes, longer ones cut to 97 and `...`.
///
/// Original: `TruncateSummary`.
///
/// A character that the cut would split is replaced by U+FFFD, as the tool shows it.
public func truncateSummary(_ summary: String) -> String {
  let line = summary.trimmingUnicodeWhiteSpace.utf8.prefix { $0 != UInt8(ascii: "\n") }
  if line.count <= 100 { return text(Array(line)[...]) }
  return text(Array(line.prefix(97))[...]) + "..."
}

/// Text of bytes, each byte that is not UTF-8 as one U+FFFD, as Go repairs it.
private func text(_ bytes: ArraySlice<UInt8>) -> String {
  JSONString(decodedUTF8: Array(bytes)).string
}
