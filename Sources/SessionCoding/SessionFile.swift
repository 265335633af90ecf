/// A file that belongs to a session.
public struct SessionFile: Sendable, Hashable {
  /// Where it is.
  public var path: String
  /// Its place below the store's own root, at which a restoration puts it again.
  public var relativePath: String

  /// Its name, without a folder.
  public var name: String { relativePath.split(separator: "/").last.map(String.init) ?? path }

  /// Creates a description.
  public init(path: String, relativePath: String) {
    self.path = path
    self.relativePath = relativePath
  }

  /// Describes a file that lies at the root of its store.
  public init(atRoot path: String) {
    self.init(
      path: path, relativePath: path.split(separator: "/").last.map(String.init) ?? path)
  }
}

extension SessionSource {
  /// None, unless a source says otherwise.
  public var profile: String? { nil }

  /// None, unless a source says otherwise.
  public func files(of id: String) throws(FormatError) -> [SessionFile]? { nil }

  /// None, unless a source says otherwise.
  public func storeFiles() throws(FormatError) -> [StoreFile] { [] }
}
