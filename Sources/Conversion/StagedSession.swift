internal import FileIO
internal import SessionCoding

/// A session that is written where nobody sees it, and waits to be compared with its source.
struct StagedSession {
  var report: SessionReport
  let id: String
  let writer: any SessionWriter
  /// What was read, to be compared with what was written; nil when it is to be read anew.
  let retained: RetainedReader?
  /// What is known of the session as it was in the target's format.
  let original: ReadBack.Original?
  /// Its fingerprint, if the records that were written are those of the original.
  let native: Fingerprint?
  let counts: [UInt16]
  let openingCount: Int
  /// The carry by which the session comes back to the target's format.
  let wayBack: WayBack?
  /// What is stored with the source for its way back.
  let carry: StoredCarryHeader?
  let fingerprint: Fingerprint?
  let existing: ExistingSession?
  /// Whether the carry of what exists was whole, where it cannot be read any more.
  let isCarryIntact: Bool?

  var isReturn: Bool { wayBack != nil }
}
