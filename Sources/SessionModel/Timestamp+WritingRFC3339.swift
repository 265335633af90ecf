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
    guard (0...9_999).contains(civil.year) else {
      out.append(contentsOf: String(civil.year).utf8)
      appendRest(of: civil, separator, to: &out)
      return
    }
    out.append(addingCapacity: 4) { output in
      output.appendPair(civil.year / 100)
      output.appendPair(civil.year % 100)
    }
    appendRest(of: civil, separator, to: &out)
  }

  private func appendRest(of civil: CivilTime, _ separator: UInt8, to out: inout [UInt8]) {
    out.append(addingCapacity: 25) { output in
      output.append(UInt8(ascii: "-"))
      output.appendPair(civil.month)
      output.append(UInt8(ascii: "-"))
      output.appendPair(civil.day)
      output.append(separator)
      output.appendPair(civil.hour)
      output.append(UInt8(ascii: ":"))
      output.appendPair(civil.minute)
      output.append(UInt8(ascii: ":"))
      output.appendPair(civil.second)
      guard nanoseconds > 0 else { return }
      output.append(UInt8(ascii: "."))
      var rest = nanoseconds
      var unit: Int32 = 100_000_000
      // Without zeros at the end.
      while rest > 0, unit > 0 {
        output.append(UInt8(truncatingIfNeeded: 48 + rest / unit))
        rest %= unit
        unit /= 10
      }
    }
  }

  /// Appends `±hhmm` or `±hh:mm`.
  public func appendOffset(colon: Bool, to out: inout [UInt8]) {
    let minutes = Int64(offset.magnitude) / 60
    out.append(UInt8(ascii: offset < 0 ? "-" : "+"))
    out.appendPair(minutes / 60)
    if colon { out.append(UInt8(ascii: ":")) }
    out.appendPair(minutes % 60)
  }
}

extension [UInt8] {
  /// Appends a number below 100 in two digits.
  fileprivate mutating func appendPair(_ value: Int64) {
    append(addingCapacity: 2) { $0.appendPair(value) }
  }
}

extension OutputSpan where Element == UInt8 {
  /// Appends a number below 100 in two digits.
  fileprivate mutating func appendPair(_ value: Int64) {
    append(UInt8(truncatingIfNeeded: 48 + value / 10))
    append(UInt8(truncatingIfNeeded: 48 + value % 10))
  }
}
