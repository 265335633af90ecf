internal import FileIO
internal import SessionCoding

/// A session that is staged and was read back and compared.
struct ProvenSession {
  var report: SessionReport
  let writer: any SessionWriter
  /// The carry header that the session ends with; most copies have none.
  let header: CarryHeader?
  /// Where a session lies that came back step by step.
  var scratch: TemporaryDirectory?
}
