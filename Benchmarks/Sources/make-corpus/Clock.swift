/// A clock that runs through 2026 in seconds, printed as ggcode prints times.
struct Clock {
  /// Seconds since 2026-01-01 00:00.
  private(set) var seconds: Int

  init(session: Int) { seconds = (session * 2_731) % (300 * 86_400) }

  mutating func advance(_ count: Int) { seconds += count }

  /// RFC 3339, `fraction` being milliseconds without trailing zeros.
  func text(milliseconds: Int = 0) -> String {
    let (month, day) = date
    var text = "2026-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second))"
    if milliseconds > 0 {
      var digits = String(String(1000 + milliseconds).dropFirst())
      while digits.hasSuffix("0") { digits.removeLast() }
      text += "." + digits
    }
    return text + "+08:00"
  }

  /// RFC 3339 in UTC with three digits of milliseconds.
  func utc(milliseconds: Int) -> String {
    let (month, day) = date
    let fraction = String(1000 + milliseconds).dropFirst()
    return "2026-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second)).\(fraction)Z"
  }

  /// The start of a session's id.
  var stamp: String {
    let (month, day) = date
    return "2026\(two(month))\(two(day))-\(two(hour))\(two(minute))\(two(second))"
  }

  private var hour: Int { seconds / 3600 % 24 }
  private var minute: Int { seconds / 60 % 60 }
  private var second: Int { seconds % 60 }

  private var date: (month: Int, day: Int) {
    var day = seconds / 86_400 % 365
    for (index, length) in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
      if day < length { return (index + 1, day + 1) }
      day -= length
    }
    return (12, 31)
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
