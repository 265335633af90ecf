#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The system's clock and time zone.
public enum SystemClock {
  /// The present instant, since 1970-01-01 00:00 UTC.
  public static var now: FileStatus.Time {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return FileStatus.Time(
      seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
  }

  /// Seconds east of UTC of the local zone at an instant.
  public static func localOffset(at seconds: Int64) -> Int32 {
    var time = time_t(truncatingIfNeeded: seconds)
    var local = unsafe tm()
    guard unsafe localtime_r(&time, &local) != nil else { return 0 }
    return unsafe Int32(truncatingIfNeeded: local.tm_gmtoff)
  }

  /// Suspends the calling thread.
  public static func sleep(milliseconds: UInt32) {
    _ = usleep(min(milliseconds, 4_000_000) * 1_000)
  }
}

extension SystemClock {
  /// The local zone at an instant: seconds east of UTC, and its abbreviation such as `CET` or `-03`.
  public static func localZone(at seconds: Int64) -> (offset: Int32, name: String) {
    var time = time_t(truncatingIfNeeded: seconds)
    var local = unsafe tm()
    guard unsafe localtime_r(&time, &local) != nil, let name = unsafe local.tm_zone else {
      return (0, "UTC")
    }
    return unsafe (Int32(truncatingIfNeeded: local.tm_gmtoff), String(cString: name))
  }
}
