import JSONText
package import SessionModel

/// The texts that term-llm stores for points in time (format notes, section 4).
package enum TermLLMTime {
  /// Reads a stored text; nil when it is none of the known layouts.
  ///
  /// Zone names with minutes (`+0545`), which the tool writes but cannot read, are accepted.
  package static func parse(_ text: [UInt8]) -> Timestamp? {
    guard var time = goLayout(text) ?? plainLayouts(text) else { return nil }
    if !spelling(of: time).elementsEqual(text) {
      time.text = String(decoding: text, as: UTF8.self)
    }
    return time
  }

  /// Whether the tool itself can read a stored text.
  package static func isReadable(_ text: [UInt8]) -> Bool {
    if goLayout(text) != nil { return hasReadableZoneName(text) }
    return plainLayouts(text) != nil
  }

  /// Whether a time has a spelling that can be read again: its year in UTC has four digits.
  static func isExpressible(_ time: Timestamp) -> Bool {
    (0...9_999).contains(CivilTime(secondsSinceEpoch: time.seconds).year)
  }

  /// The text that is written: UTC, nanoseconds, no monotonic clock reading.
  package static func spelling(of time: Timestamp) -> [UInt8] {
    var utc = time
    utc.offset = 0
    var out: [UInt8] = []
    out.reserveCapacity(40)
    utc.appendDateAndTime(separator: UInt8(ascii: " "), to: &out)
    out.append(contentsOf: " +0000 UTC".utf8)
    return out
  }

  /// `YYYY-MM-DD HH:MM:SS[.f] ±hhmm ZONE[ m=±S]`.
  private static func goLayout(_ text: [UInt8]) -> Timestamp? {
    var scan = DigitScanner(withoutMonotonicReading(text))
    guard let civil = dateAndTime(&scan, separators: [" "]), let nanos = fraction(&scan),
      scan.skip(" "), let zone = scan.zone(colon: false), scan.skip(" "), !scan.isAtEnd
    else { return nil }
    return timestamp(civil, nanos, zone)
  }

  /// The layouts without a zone name, tried after one trailing `Z` is cut.
  private static func plainLayouts(_ text: [UInt8]) -> Timestamp? {
    var scan = DigitScanner(text.last == UInt8(ascii: "Z") ? text.dropLast() : text[...])
    guard let date = date(&scan) else { return nil }
    if scan.isAtEnd { return timestamp(date, 0, 0) }
    guard scan.skip(" ") || scan.skip("T"), let hour = scan.digits(2), scan.skip(":"),
      let minute = scan.digits(2)
    else { return nil }
    var civil = date
    civil.hour = hour
    civil.minute = minute
    if scan.isAtEnd { return timestamp(civil, 0, 0) }
    guard scan.skip(":"), let second = scan.digits(2), let nanos = fraction(&scan) else {
      return nil
    }
    civil.second = second
    if scan.isAtEnd { return timestamp(civil, nanos, 0) }
    guard let zone = scan.zone(colon: true), scan.isAtEnd else { return nil }
    return timestamp(civil, nanos, zone)
  }

  private static func date(_ scan: inout DigitScanner) -> CivilTime? {
    guard let year = scan.digits(4), scan.skip("-"), let month = scan.digits(2), scan.skip("-"),
      let day = scan.digits(2)
    else { return nil }
    return CivilTime(year: year, month: month, day: day)
  }

  private static func dateAndTime(
    _ scan: inout DigitScanner, separators: [Unicode.Scalar]
  ) -> CivilTime? {
    guard var civil = date(&scan), separators.contains(where: { scan.skip($0) }),
      let hour = scan.digits(2), scan.skip(":"), let minute = scan.digits(2), scan.skip(":"),
      let second = scan.digits(2)
    else { return nil }
    civil.hour = hour
    civil.minute = minute
    civil.second = second
    return civil
  }

  /// Zero when there is no fraction, nil when there is a point without digits.
  private static func fraction(_ scan: inout DigitScanner) -> Int64? {
    scan.skip(".") ? scan.fraction() : 0
  }

  private static func timestamp(_ civil: CivilTime, _ nanos: Int64, _ zone: Int32) -> Timestamp? {
    guard civil.isValid else { return nil }
    return Timestamp(
      seconds: civil.secondsSinceEpoch - Int64(zone),
      nanoseconds: Int32(truncatingIfNeeded: nanos), offset: zone)
  }

  /// The text before the first `m=`, trimmed.
  private static func withoutMonotonicReading(_ text: [UInt8]) -> ArraySlice<UInt8> {
    var end = text.count
    for index in text.indices.dropLast()
    where text[index] == UInt8(ascii: "m") && text[index + 1] == UInt8(ascii: "=") {
      if index > 0 { end = index }
      break
    }
    while end > 0, text[end - 1] == 0x20 { end -= 1 }
    return text[..<end]
  }

  /// Go reads `±hh` as a zone name but not `±hhmm`.
  private static func hasReadableZoneName(_ text: [UInt8]) -> Bool {
    let name = withoutMonotonicReading(text).split(separator: 0x20).last ?? []
    guard let first = name.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") else {
      return name.count >= 3
    }
    return name.count == 3
  }
}

extension SQLiteValue {
  /// The point in time that a text holds.
  var time: Timestamp? {
    if case .text(let bytes) = self { TermLLMTime.parse(bytes) } else { nil }
  }

  /// The text that is stored for a point in time; NULL for nil.
  init(time: Timestamp?) {
    self = time.map { .text(TermLLMTime.spelling(of: $0)) } ?? .null
  }
}
