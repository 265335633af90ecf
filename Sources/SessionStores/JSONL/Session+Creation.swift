internal import FileIO
public import SessionModel

/// A new session in the current directory, titled `New session`.
///
/// Original: `NewSession`.
///
/// Its identifier is the local time as `YYYYMMDD-HHMMSS` and 16 random hexadecimal digits.
public func newSession(
  vendor: String, endpoint: String, model: String, now: Timestamp = .nowInLocalZone
) -> Session {
  var session = Session(id: newIdentifier(at: now), createdAt: now, updatedAt: now)
  session.title = "New session"
  session.workspace = currentWorkspacePath()
  session.vendor = vendor
  session.endpoint = endpoint
  session.model = model
  return session
}

private func newIdentifier(at time: Timestamp) -> String {
  var text: [UInt8] = []
  var whole = time
  whole.nanoseconds = 0
  whole.appendDateAndTime(separator: UInt8(ascii: "-"), to: &text)
  // YYYY-MM-DD-HH:MM:SS without the punctuation inside date and time.
  let digits = text.enumerated().filter { ![4, 7, 13, 16].contains($0.offset) }.map(\.element)
  let random = String(UInt64.random(in: 0 ... .max), radix: 16)
  let zeros = String(repeating: "0", count: 16 - random.utf8.count)
  return String(decoding: digits, as: UTF8.self) + "-" + zeros + random
}

extension Timestamp {
  /// The present instant in the local zone.
  public static var nowInLocalZone: Timestamp {
    let now = SystemClock.now
    return Timestamp(
      seconds: now.seconds, nanoseconds: now.nanoseconds,
      offset: SystemClock.localOffset(at: now.seconds))
  }
}
