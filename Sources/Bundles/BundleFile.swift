internal import Archive
internal import FileIO
internal import SessionCoding

/// A file of a bundle while the bundle is walked.
struct BundleFile {
  /// The path from the bag's root.
  let path: String
  /// The number of bytes.
  let size: UInt64
  /// The next bytes; nil at the end.
  let next: () throws(FormatError) -> ArraySlice<UInt8>?

  /// All bytes.
  ///
  /// - Throws: `.limit` above a number of bytes.
  func readAll(limit: Int = 256 << 20) throws(FormatError) -> [UInt8] {
    guard size <= UInt64(limit) else {
      throw FormatError(.limit, "\(path) is larger than \(limit) bytes")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(size))
    while let piece = try next() { bytes += piece }
    return bytes
  }
}

/// What is wrong with a bundle besides its content.
struct BundleWalk {
  /// The files below a root that no bag can hold, such as links.
  var foreign: [(path: String, kind: FileStatus.Kind)] = []
  /// What is unusual about the archive.
  var warnings: [String] = []
  /// The name of the top-level folder.
  var root: String?
}
