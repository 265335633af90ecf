internal import SessionModel

/// Times as programs print them for people.
enum SpelledTime {
  /// Reads `YYYY-MM-DD HH:MM[:SS]`, with a `T` instead of the space, a fraction, and after it `Z`,
  /// ` UTC` or `±hhmm`; without a zone the time is taken for UTC.
  ///
  /// The spelling is not kept: it is the layout's, not the time's.
  static func read(_ text: String) -> Timestamp? {
    var scan = DigitScanner(text.utf8)
    guard let year = scan.digits(4), scan.skip("-"), let month = scan.digits(2), scan.skip("-"),
      let day = scan.digits(2), scan.skip(" ") || scan.skip("T"), let hour = scan.digits(2),
      scan.skip(":"), let minute = scan.digits(2)
    else { return nil }
    var second: Int64 = 0
    var nanoseconds: Int64 = 0
    if scan.skip(":") {
      guard let read = scan.digits(2) else { return nil }
      second = read
      if scan.skip(".") {
        guard let fraction = scan.fraction() else { return nil }
        nanoseconds = fraction
      }
    }
    var offset: Int32 = 0
    if !scan.isAtEnd {
      if scan.skip(" ") {
        guard scan.skip("U"), scan.skip("T"), scan.skip("C") else { return nil }
      } else {
        guard let zone = scan.zone(colon: false) else { return nil }
        offset = zone
      }
    }
    let civil = CivilTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    guard scan.isAtEnd, civil.isValid else { return nil }
    return Timestamp(
      seconds: civil.secondsSinceEpoch - Int64(offset),
      nanoseconds: Int32(truncatingIfNeeded: nanoseconds), offset: offset)
  }
}
