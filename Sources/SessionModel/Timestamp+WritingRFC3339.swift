extension Timestamp {
  /// The canonical spelling: RFC 3339, fraction without trailing zeros, `Z` for offset zero.
  public var rfc3339: String {
    var out: [UInt8] = []
    out.reserveCapacity(35)
    appendRFC3339(to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// Appends ``rfc3339`` as ASCII.
  public func appendRFC3339(to out: inout [UInt8]) {
    let civil = CivilTime(secondsSinceEpoch: seconds &+ Int64(offset))
    if (0...9_999).contains(civil.year) {
      out.append(addingCapacity: 40) { output in
        output.appendYear(civil.year)
        output.appendRest(of: civil, UInt8(ascii: "T"), nanoseconds)
        if offset == 0 {
          output.append(UInt8(ascii: "Z"))
        } else {
          output.appendOffset(offset, colon: true)
        }
      }
      return
    }
    appendDateAndTime(separator: UInt8(ascii: "T"), to: &out)
    if offset == 0 {
      out.append(UInt8(ascii: "Z"))
    } else {
      appendOffset(colon: true, to: &out)
    }
  }

  /// Appends `YYYY-MM-DD`, the separator and `HH:MM:SS[.fraction]` of the local time.
  public func appendDateAndTime(separator: UInt8, to out: inout [UInt8]) {
    let civil = CivilTime(secondsSinceEpoch: seconds &+ Int64(offset))
    if !(0...9_999).contains(civil.year) { out.append(contentsOf: String(civil.year).utf8) }
    out.append(addingCapacity: 30) { output in
      if (0...9_999).contains(civil.year) { output.appendYear(civil.year) }
      output.appendRest(of: civil, separator, nanoseconds)
    }
  }

  /// Appends `±hhmm` or `±hh:mm`.
  public func appendOffset(colon: Bool, to out: inout [UInt8]) {
    out.append(addingCapacity: 6) { $0.appendOffset(offset, colon: colon) }
  }
}

extension OutputSpan where Element == UInt8 {
  /// Appends a year in four digits.
  fileprivate mutating func appendYear(_ year: Int64) {
    appendPair(year / 100)
    appendPair(year % 100)
  }

  /// Appends what follows the year.
  fileprivate mutating func appendRest(
    of civil: CivilTime, _ separator: UInt8, _ nanoseconds: Int32
  ) {
    append(UInt8(ascii: "-"))
    appendPair(civil.month)
    append(UInt8(ascii: "-"))
    appendPair(civil.day)
    append(separator)
    appendPair(civil.hour)
    append(UInt8(ascii: ":"))
    appendPair(civil.minute)
    append(UInt8(ascii: ":"))
    appendPair(civil.second)
    guard nanoseconds > 0 else { return }
    append(UInt8(ascii: "."))
    var rest = nanoseconds
    var unit: Int32 = 100_000_000
    // Without zeros at the end.
    while rest > 0, unit > 0 {
      append(UInt8(truncatingIfNeeded: 48 + rest / unit))
      rest %= unit
      unit /= 10
    }
  }

  fileprivate mutating func appendOffset(_ offset: Int32, colon: Bool) {
    let minutes = Int64(offset.magnitude) / 60
    append(offset < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
    appendPair(minutes / 60)
    if colon { append(UInt8(ascii: ":")) }
    appendPair(minutes % 60)
  }

  /// Appends a number below 100 in two digits.
  fileprivate mutating func appendPair(_ value: Int64) {
    append(UInt8(truncatingIfNeeded: 48 + value / 10))
    append(UInt8(truncatingIfNeeded: 48 + value % 10))
  }
}
