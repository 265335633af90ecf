internal import FileIO
internal import SessionCoding
internal import SessionModel

/// What was read back of a staged session, as fingerprints.
struct WrittenRecords {
  /// The fingerprint of the session as written.
  private(set) var fingerprint = Fingerprint()
  /// Whether an earlier state of the session exists, which may be a beginning of what is written.
  private let tracksPrefixes: Bool
  /// Fingerprints up to record ends, by length.
  private var prefixes: [UInt64: Fingerprint] = [:]

  init(tracksPrefixes: Bool) { self.tracksPrefixes = tracksPrefixes }

  mutating func note(_ record: ArraySlice<UInt8>) {
    guard !record.isEmpty else { return }
    fingerprint.update(record)
    if tracksPrefixes { prefixes[fingerprint.count] = fingerprint }
  }

  /// Whether an earlier state of the session is a beginning of what was written.
  func beginsWith(_ earlier: Fingerprint) -> Bool {
    earlier.count == 0 || prefixes[earlier.count] == earlier
  }

  /// Reads a session back that has to be a known one, byte for byte and record for record.
  ///
  /// - Returns: nil when it is not; comparing it record by record then tells where it differs.
  static func exact(
    _ target: any SessionReader, _ expected: Fingerprint, count: Int, tracksPrefixes: Bool,
    _ interruption: Interruption
  ) throws(FormatError) -> WrittenRecords? {
    var written = WrittenRecords(tracksPrefixes: tracksPrefixes)
    var read = 0
    while let entry = try target.next() {
      if read & 63 == 0 { try interruption.check() }
      written.note(entry.origin?.bytes ?? [])
      read += 1
    }
    return read == count && written.fingerprint == expected ? written : nil
  }
}
