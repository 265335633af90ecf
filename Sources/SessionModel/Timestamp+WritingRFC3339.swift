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
    out.appendDecimal(civil.year, width: 4)
    out.append(UInt8(ascii: "-"))
    out.appendDecimal(civil.month, width: 2)
    out.append(UInt8(ascii: "-"))
    out.appendDecimal(civil.day, width: 2)
    out.append(separator)
    out.appendDecimal(civil.hour, width: 2)
    out.append(UInt8(ascii: ":"))
    out.appendDecimal(civil.minute, width: 2)
    out.append(UInt8(ascii: ":"))
    out.appendDecimal(civil.second, width: 2)
    guard nanoseconds > 0 else { return }
    out.append(UInt8(ascii: "."))
    out.appendDecimal(Int64(nanoseconds), width: 9)
    while out.last == UInt8(ascii: "0") { out.removeLast() }
  }

  /// Appends `±hhmm` or `±hh:mm`.
  public func appendOffset(colon: Bool, to out: inout [UInt8]) {
    let minutes = Int64(offset.magnitude) / 60
    out.append(UInt8(ascii: offset < 0 ? "-" : "+"))
    out.appendDecimal(minutes / 60, width: 2)
    if colon { out.append(UInt8(ascii: ":")) }
    out.appendDecimal(minutes % 60, width: 2)
  }
}

extension [UInt8] {
  /// Appends a non-negative number in decimal, padded with zeros to a width.
  mutating func appendDecimal(_ value: Int64, width: Int) {
    var unit: Int64 = 1
    for _ in 1..<Swift.max(1, width) { unit *= 10 }
    while unit <= value / 10 { unit *= 10 }
    var rest = value
    while unit > 0 {
      append(UInt8(truncatingIfNeeded: 48 + rest / unit))
      rest %= unit
      unit /= 10
    }
  }
}
