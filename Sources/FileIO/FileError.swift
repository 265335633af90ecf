/// A file operation that failed: what, on which path, and where in it.
///
/// The value is `Hashable`, so tests compare whole errors. All wording is in `description`.
public struct FileError: Error, Hashable, Sendable {
  /// What went wrong, for programs.
  public var code: Code
  /// The path the operation was about, as the caller gave it.
  public var path: String
  /// The system's error number, or 0 when the system reported none.
  public var errno: Int32
  /// What was being done, as a word that follows "while": `reading`, `writing`.
  public var operation: String
  /// The line concerned, counted from 1, where the place is known.
  public var line: Int?
  /// The byte offset in the file concerned, where the place is known.
  public var offset: UInt64?
  /// What stands at the path in place of a regular file, where that is the failure.
  public var kind: FileStatus.Kind?

  /// Makes an error from its parts.
  public init(
    _ code: Code, path: String, errno: Int32 = 0, operation: String, line: Int? = nil,
    offset: UInt64? = nil, kind: FileStatus.Kind? = nil
  ) {
    self.code = code
    self.path = path
    self.errno = errno
    self.operation = operation
    self.line = line
    self.offset = offset
    self.kind = kind
  }
}
