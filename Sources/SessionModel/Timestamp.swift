/// A point in time to the nanosecond, with the zone offset and, when it matters, the original spelling.
///
/// Two timestamps are equal when instant and offset are equal; the original spelling and whether the
/// value was synthesised do not take part.
public struct Timestamp: Sendable {
  /// Seconds since 1970-01-01T00:00:00Z, negative before.
  public var seconds: Int64
  /// Nanoseconds within the second, 0 through 999 999 999.
  public var nanoseconds: Int32
  /// Seconds east of UTC of the zone the time was written in.
  public var offset: Int32
  /// The text as found, when it is not the canonical spelling of the same instant.
  public var text: String?
  /// True when no source stated this time and a converter derived it.
  public var isSynthesised: Bool

  /// Creates a timestamp from an instant and a zone offset in seconds east of UTC.
  public init(
    seconds: Int64, nanoseconds: Int32 = 0, offset: Int32 = 0, text: String? = nil,
    isSynthesised: Bool = false
  ) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.offset = offset
    self.text = text
    self.isSynthesised = isSynthesised
  }
}

extension Timestamp: Hashable {
  /// Whether both say the same.
  public static func == (a: Timestamp, b: Timestamp) -> Bool {
    a.seconds == b.seconds && a.nanoseconds == b.nanoseconds && a.offset == b.offset
  }

  /// Feeds what equality compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(seconds)
    hasher.combine(nanoseconds)
    hasher.combine(offset)
  }

  /// Whether both name the same instant, whatever the zone.
  public func isSameInstant(as other: Timestamp) -> Bool {
    seconds == other.seconds && nanoseconds == other.nanoseconds
  }
}

extension Timestamp: Comparable {
  /// The order from low to high.
  public static func < (a: Timestamp, b: Timestamp) -> Bool {
    (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
  }
}

extension Timestamp {
  /// The seconds of the years 1 to 9999, which RFC 3339 can state in UTC.
  public static let statableSeconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// The first instant of year 1, which Go writes for "no time" (`0001-01-01T00:00:00Z`).
  public static let goZero = Timestamp(seconds: -62_135_596_800)

  /// Whether this is Go's "no time".
  public var isGoZero: Bool { seconds == Self.goZero.seconds && nanoseconds == 0 }
}
