internal import SessionCoding
internal import Synchronization

/// What was left out of sessions while they were read, for those who ask afterwards.
final class LeftOutLog: Sendable {
  private let sessions = Mutex<[String: LeftOutRecords]>([:])

  /// What reading a session to its end left out; nil while nobody has.
  subscript(_ id: String) -> LeftOutRecords? {
    get { sessions.withLock { $0[id] } }
    set { sessions.withLock { $0[id] = newValue } }
  }
}
