internal import FileIO
internal import SessionCoding

extension ReadOptions {
  /// Whether a file is long enough to have a record that is left out.
  func mayLeaveOut(ofFile path: String) -> Bool {
    // What cannot be looked at may be of any length.
    guard let status = (try? FileStatus(path: path)) ?? nil else { return true }
    return status.size > UInt64(max(0, maximumRecordLength))
  }
}
