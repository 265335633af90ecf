/// A path as the file system tells it apart from others.
///
/// An accent can be written as one character or as two. Strings call the two equal, but they name
/// different files.
public struct ExactPath: Hashable, Sendable {
  private let bytes: [UInt8]

  /// Creates the key of a path.
  public init(_ path: String) { bytes = Array(path.utf8) }

  /// The path.
  public var path: String { String(decoding: bytes, as: UTF8.self) }
}
