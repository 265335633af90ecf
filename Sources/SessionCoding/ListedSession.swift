/// A session as the names of its files tell it, before anything of it is read.
public struct ListedSession: Sendable, Hashable {
  /// The identifier to open it with.
  public var id: String
  /// Every file that it is read from, whether it is there or not; a database is one file of all its
  /// sessions.
  public var files: [String]

  /// Creates a description.
  public init(id: String, files: [String]) {
    self.id = id
    self.files = files
  }
}
