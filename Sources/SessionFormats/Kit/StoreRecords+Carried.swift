import SessionCoding

extension StoreRecords {
  /// Records that a conversion kept of a store; what they may be is asked of the format they are of.
  ///
  /// A file with such records may come from anywhere, so what grants access is left out again.
  init(carried records: [[UInt8]], of format: String) {
    if let known = Registry.format(format) {
      self.init(records, of: known)
    } else {
      self.init(omitting: records.count, ofUnknown: format)
    }
  }
}
