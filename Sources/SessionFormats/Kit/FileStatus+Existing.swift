internal import FileIO
internal import SessionCoding

extension FileStatus {
  /// What stands at a place of a target, links not followed; nil only when nothing does.
  ///
  /// - Throws: `.notWritable` when it could not be looked at: that is not the same as absent.
  init?(existingAt path: String) throws(FormatError) {
    do throws(FileError) {
      guard let status = try FileStatus(path: path, followingLinks: false) else { return nil }
      self = status
    } catch {
      throw FormatError(writing: error)
    }
  }
}
