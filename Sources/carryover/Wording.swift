internal import SessionCoding
internal import SessionModel

/// Numbers, times and counts as people read them.
enum Wording {
  /// What follows a session's name when others share what is said of it.
  static func others(_ count: Int) -> String {
    count == 0 ? "" : " and \(self.count(count, "other session"))"
  }

  /// `1 session`, `2 sessions`.
  static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
    "\(number) \(number == 1 ? singular : plural ?? singular + "s")"
  }

  /// `812 bytes`, `4.2 kB`, `17 MB`.
  static func bytes(_ count: UInt64) -> String {
    guard count >= 1_000 else { return Self.count(Int(count), "byte") }
    var value = Double(count)
    for unit in ["kB", "MB", "GB", "TB"] {
      value /= 1_000
      if value < 999.5 || unit == "TB" { return "\(decimal(value)) \(unit)" }
    }
    return "\(count) bytes"
  }

  /// One decimal below ten, else none.
  static func decimal(_ value: Double) -> String {
    guard value.isFinite, value < 1e15 else { return "many" }
    guard value < 9.95 else { return String(Int(value.rounded())) }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// `0.4 s`, `12 s`, `3 min 20 s`.
  static func seconds(_ value: Double) -> String {
    guard value.isFinite, value >= 60 else { return "\(decimal(max(0, value))) s" }
    let whole = Int(min(value, 1e9))
    return whole < 3_600
      ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3_600) h \(whole % 3_600 / 60) min"
  }

  /// `2026-03-01 09:00:05 +02:00`, without the fraction.
  static func time(_ time: Timestamp?) -> String {
    guard var time else { return "-" }
    time.nanoseconds = 0
    var bytes: [UInt8] = []
    time.appendDateAndTime(separator: UInt8(ascii: " "), to: &bytes)
    if time.offset != 0 {
      bytes.append(UInt8(ascii: " "))
      time.appendOffset(colon: true, to: &bytes)
    } else {
      bytes.append(UInt8(ascii: "Z"))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text on one line, cut where it passes a length.
  static func line(_ text: String, limit: Int) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count <= limit ? words : words.prefix(max(1, limit - 3)) + "..."
  }

  /// `2 errors, 1 warning`.
  static func findings(_ counts: [(severity: Severity, count: Int)]) -> String {
    let parts = counts.filter { $0.count > 0 }.map { severity, count in
      switch severity {
      case .error: Self.count(count, "error")
      case .warning: Self.count(count, "warning")
      case .info: Self.count(count, "remark")
      }
    }
    return parts.isEmpty ? "nothing found" : parts.joined(separator: ", ")
  }
}
