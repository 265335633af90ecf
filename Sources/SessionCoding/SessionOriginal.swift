/// A file, or a part of one, that holds a session as its tool wrote it.
public struct OriginalFile: Sendable, Hashable {
  /// Where it is.
  public var path: String
  /// Its place below the store's own root, from which the store can be put together again.
  public var relativePath: String
  /// The bytes of the file that belong to the session; nil for all.
  public var range: Range<UInt64>?

  /// Creates a description.
  public init(path: String, relativePath: String, range: Range<UInt64>? = nil) {
    self.path = path
    self.relativePath = relativePath
    self.range = range
  }
}

extension SessionSource {
  /// None, unless a source says otherwise.
  public var profile: String? { nil }

  /// None, unless a source says otherwise.
  public func originals(of id: String) throws(FormatError) -> [OriginalFile]? { nil }
}
