internal import FileIO
internal import SessionCoding

/// What comparing a staged session with its source showed.
struct ComparedSession {
  var written: WrittenRecords
  var losses: [Loss] = []
  var fidelity = Fidelity.exact
  /// The header of the carry that the session ends with.
  var header: CarryHeader?
}
