extension Timestamp {
  /// Parses RFC 3339 as Go's `encoding/json` does, which is slightly more lenient than the standard.
  ///
  /// Accepted beyond the grammar: a one-digit hour, a comma before the fraction, offsets up to hour 24.
  /// More than nine fraction digits are cut. Not accepted: lower-case `t` or `z`, a missing zone,
  /// second 60, dates that do not exist. (Observed with ggcode v1.3.75 and v1.3.216.)
  ///
  /// ``text`` is set when the spelling is not the one that ``rfc3339`` writes.
  public init?(rfc3339 bytes: Span<UInt8>) {
    guard bytes.count >= 19, bytes.count <= 64 else { return nil }
    var scan = RFC3339Scan(bytes.count)
    if let civil = scan.usualDateAndTime(bytes) {
      guard let nanoseconds = scan.fraction(bytes), let zone = scan.zone(bytes),
        scan.position == bytes.count, civil.isValid
      else { return nil }
      self.init(civil, nanoseconds, zone, scan.isCanonical, bytes)
      return
    }
    guard let year = scan.number(bytes, 4), scan.skip(bytes, UInt8(ascii: "-")),
      let month = scan.number(bytes, 2), scan.skip(bytes, UInt8(ascii: "-")),
      let day = scan.number(bytes, 2), scan.skip(bytes, UInt8(ascii: "T")),
      let hour = scan.hour(bytes), scan.skip(bytes, UInt8(ascii: ":")),
      let minute = scan.number(bytes, 2), scan.skip(bytes, UInt8(ascii: ":")),
      let second = scan.number(bytes, 2), let nanoseconds = scan.fraction(bytes),
      let zone = scan.zone(bytes), scan.position == bytes.count
    else { return nil }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard civil.isValid else { return nil }
    self.init(civil, nanoseconds, zone, scan.isCanonical, bytes)
  }

  private init(
    _ civil: CivilTime, _ nanoseconds: Int32, _ zone: Int32, _ isCanonical: Bool,
    _ bytes: Span<UInt8>
  ) {
    self.init(
      seconds: civil.secondsSinceEpoch - Int64(zone), nanoseconds: nanoseconds, offset: zone)
    if !isCanonical {
      var copy: [UInt8] = []
      for index in bytes.indices { copy.append(bytes[index]) }
      text = String(decoding: copy, as: UTF8.self)
    }
  }

  /// Parses a text; see ``init(rfc3339:)-(Span<UInt8>)``.
  public init?(rfc3339 text: String) {
    self.init(rfc3339: text.utf8.span)
  }

  /// Parses bytes; see ``init(rfc3339:)-(Span<UInt8>)``.
  public init?(rfc3339 bytes: [UInt8]) {
    self.init(rfc3339: bytes.span)
  }
}

/// Steps through the bytes of a date and notes deviations from the canonical spelling.
private struct RFC3339Scan {
  var position = 0
  var isCanonical = true
  let count: Int

  init(_ count: Int) { self.count = count }

  /// Date and time where each part has its usual width; else nil, and nothing is skipped.
  @inline(__always)
  mutating func usualDateAndTime(_ bytes: Span<UInt8>) -> CivilTime? {
    guard bytes.count >= 19, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":")
    else { return nil }
    var areDigits = true
    func pair(_ place: Int) -> Int64 {
      let (tens, ones) = (bytes[place] &- 48, bytes[place &+ 1] &- 48)
      if tens > 9 || ones > 9 { areDigits = false }
      return Int64(tens) &* 10 &+ Int64(ones)
    }
    let civil = CivilTime(
      year: pair(0) &* 100 &+ pair(2), month: pair(5), day: pair(8), hour: pair(11),
      minute: pair(14), second: pair(17))
    guard areDigits else { return nil }
    position = 19
    return civil
  }

  mutating func skip(_ bytes: Span<UInt8>, _ byte: UInt8) -> Bool {
    guard position < count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  mutating func digit(_ bytes: Span<UInt8>) -> Int64? {
    guard position < count else { return nil }
    let digit = bytes[position] &- 48
    guard digit < 10 else { return nil }
    position += 1
    return Int64(digit)
  }

  mutating func number(_ bytes: Span<UInt8>, _ digits: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<digits {
      guard let digit = digit(bytes) else { return nil }
      value = value &* 10 &+ digit
    }
    return value
  }

  mutating func hour(_ bytes: Span<UInt8>) -> Int64? {
    guard let first = digit(bytes) else { return nil }
    guard let second = digit(bytes) else {
      isCanonical = false
      return first
    }
    return first * 10 + second
  }

  /// Nanoseconds; zero when there is no fraction.
  mutating func fraction(_ bytes: Span<UInt8>) -> Int32? {
    let isComma = skip(bytes, UInt8(ascii: ","))
    guard isComma || skip(bytes, UInt8(ascii: ".")) else { return 0 }
    var value: Int64 = 0
    var read = 0
    var last: Int64 = 0
    while let digit = digit(bytes) {
      if read < 9 { value = value * 10 + digit }
      read += 1
      last = digit
    }
    guard read > 0 else { return nil }
    if isComma || read > 9 || last == 0 { isCanonical = false }
    for _ in 0..<max(0, 9 - read) { value *= 10 }
    return Int32(value)
  }

  /// Seconds east of UTC.
  mutating func zone(_ bytes: Span<UInt8>) -> Int32? {
    if skip(bytes, UInt8(ascii: "Z")) { return 0 }
    let sign: Int64
    if skip(bytes, UInt8(ascii: "+")) {
      sign = 1
    } else if skip(bytes, UInt8(ascii: "-")) {
      sign = -1
    } else {
      return nil
    }
    guard let hour = number(bytes, 2), skip(bytes, UInt8(ascii: ":")),
      let minute = number(bytes, 2), hour <= 24, minute < 60
    else { return nil }
    // Offset zero is canonically written `Z`.
    if hour == 0, minute == 0 { isCanonical = false }
    return Int32(sign * (hour * 3_600 + minute * 60))
  }
}
