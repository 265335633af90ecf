internal import FileIO
internal import SessionCoding

/// What comparing a staged session with its source showed.
struct ComparedSession: Sendable {
  var written: WrittenRecords
  var losses: [Loss] = []
  var fidelity = Fidelity.exact
  var header: CarryHeader?

  /// A session that is its source byte for byte.
  init(_ written: WrittenRecords) { self.written = written }

  /// - Parameter fingerprint: The source's, where the conversion is to be written down.
  init(_ readBack: ReadBack, id: String, source fingerprint: Fingerprint?) {
    written = readBack.written
    // Reports stay to the end, so they get no spare room.
    losses = readBack.losses.map(\.self)
    fidelity = readBack.fidelity
    header = readBack.header(id: id, source: fingerprint)
  }
}
