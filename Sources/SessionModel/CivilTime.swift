/// A proleptic Gregorian date and time of day, without a zone.
public struct CivilTime: Sendable, Hashable {
  /// Year, 1 through 9999 in every text form we write.
  public var year: Int64
  /// Month, 1 through 12.
  public var month: Int64
  /// Day of the month, from 1.
  public var day: Int64
  /// Hour, minute and second of the day.
  public var hour: Int64
  /// Minute of the hour.
  public var minute: Int64
  /// Second of the minute, 0 through 59.
  public var second: Int64

  /// Creates a civil time from its parts, unchecked.
  public init(
    year: Int64, month: Int64, day: Int64, hour: Int64 = 0, minute: Int64 = 0, second: Int64 = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
  }

  /// The civil time at a number of seconds since 1970-01-01T00:00:00 in the same zone.
  public init(secondsSinceEpoch total: Int64) {
    let days = total >= 0 ? total / 86_400 : -((-total + 86_399) / 86_400)
    let rest = total - days * 86_400
    // Days to date after Howard Hinnant's published algorithm for civil calendars.
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    month = shifted < 10 ? shifted + 3 : shifted - 9
    day = dayOfYear - (153 * shifted + 2) / 5 + 1
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    hour = rest / 3_600
    minute = rest / 60 % 60
    second = rest % 60
  }

  /// Seconds since 1970-01-01T00:00:00 in the same zone.
  public var secondsSinceEpoch: Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    let days = era * 146_097 + dayOfEra - 719_468
    return days * 86_400 + hour * 3_600 + minute * 60 + second
  }

  /// Whether month, day and time of day exist in the calendar.
  public var isValid: Bool {
    guard (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year) else {
      return false
    }
    return (0...23).contains(hour) && (0...59).contains(minute) && (0...59).contains(second)
  }

  /// The number of days of a month, 1 through 12.
  public static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
