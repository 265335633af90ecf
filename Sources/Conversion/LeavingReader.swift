internal import SessionCoding

/// A reader of a session that comes back without some of its original records.
protocol LeavingReader: SessionReader {
  /// The records that would have come since this was last asked, in order.
  func takeLeftBehind() -> [ArraySlice<UInt8>]
}
