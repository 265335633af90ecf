/// Reads fixed-width numbers and zones out of date texts.
public struct DigitScanner {
  var rest: [UInt8]
  var position = 0

  /// Starts at the first byte.
  public init(_ bytes: some Collection<UInt8>) {
    rest = Array(bytes.prefix(64))
    if bytes.count > 64 { rest.append(0) }  // Longer than any date: never at the end.
  }

  /// Whether everything was read.
  public var isAtEnd: Bool { position == rest.count }

  /// Steps over one expected character.
  public mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard position < rest.count, UInt32(rest[position]) == character.value else { return false }
    position += 1
    return true
  }

  /// Reads exactly this many decimal digits.
  public mutating func digits(_ count: Int) -> Int64? { digits(count...count) }

  /// Reads as many decimal digits as there are, within a range of counts.
  public mutating func digits(_ count: ClosedRange<Int>) -> Int64? {
    var value: Int64 = 0
    var read = 0
    while read < count.upperBound, position < rest.count, (48...57).contains(rest[position]) {
      value = value * 10 + Int64(rest[position] - 48)
      position += 1
      read += 1
    }
    return read >= count.lowerBound ? value : nil
  }

  /// Reads the digits of a fraction as nanoseconds; digits beyond the ninth are cut.
  public mutating func fraction() -> Int64? {
    var value: Int64 = 0
    var read = 0
    while position < rest.count, (48...57).contains(rest[position]) {
      if read < 9 { value = value * 10 + Int64(rest[position] - 48) }
      position += 1
      read += 1
    }
    guard read > 0 else { return nil }
    for _ in 0..<max(0, 9 - read) { value *= 10 }
    return value
  }

  /// Reads `Z` or `±hh:mm` (`±hhmm` without colon) as seconds east of UTC.
  public mutating func zone(colon: Bool, maximumHour: Int64 = 23) -> Int32? {
    if skip("Z") { return 0 }
    let sign: Int64
    if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
    guard let hour = digits(2), !colon || skip(":"), let minute = digits(2),
      hour <= maximumHour, minute < 60
    else { return nil }
    return Int32(sign * (hour * 3_600 + minute * 60))
  }
}
