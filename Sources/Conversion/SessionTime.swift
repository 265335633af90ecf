internal import FileIO
internal import SessionCoding
internal import SessionModel

/// When a session's file is to have last changed, so that tools which go by that time list and continue
/// sessions in their order.
enum SessionTime {
  private static let day: Int64 = 86_400

  /// The time for a session that was written now.
  ///
  /// Tools that remove files which did not change for some weeks get times of the last two days: the
  /// order stays, and nothing is removed soon. What is as old as a day or less has its own time.
  ///
  /// - Parameters:
  ///   - updated: When the session last changed.
  ///   - removesOldFiles: Whether the target's tool does so.
  ///   - now: The time of the conversion, in seconds since 1970.
  static func modified(
    updated: Timestamp, removesOldFiles: Bool, now: Int64
  ) -> FileStatus.Time? {
    // A time to come would put the session before all others for good, and one before 1970 is none.
    guard (0...now).contains(updated.seconds) else { return nil }
    let age = now - updated.seconds
    guard removesOldFiles, age > day else {
      return FileStatus.Time(seconds: updated.seconds, nanoseconds: updated.nanoseconds)
    }
    // From one day back for the youngest to two days for what is infinitely old.
    let older = Double(age - day)
    let share = older / (older + 365 * Double(day))
    let nanoseconds = Int64(share * Double(day) * 1e9)
    let time = (now - day) * 1_000_000_000 - nanoseconds
    return FileStatus.Time(
      seconds: time / 1_000_000_000, nanoseconds: Int32(time % 1_000_000_000))
  }
}
