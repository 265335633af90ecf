public import FileIO

/// Why an archive could not be read: what, at which entry, and where in the file.
public struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public struct Code: Hashable, Sendable, RawRepresentable {
    /// The value as it is stored.
    public let rawValue: String
    /// Creates it from the stored value.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The file is neither compressed nor an archive.
    public static let notAnArchive = Code(rawValue: "not-an-archive")
    /// The content contradicts its own checks.
    public static let damaged = Code(rawValue: "damaged")
    /// The end is missing.
    public static let truncated = Code(rawValue: "truncated")
    /// An entry is of a kind that is never unpacked, such as a link.
    public static let refusedKind = Code(rawValue: "refused-kind")
    /// An entry's name could leave its folder or mean something else on another system.
    public static let refusedName = Code(rawValue: "refused-name")
    /// Two entries have names that some system takes for the same.
    public static let duplicateName = Code(rawValue: "duplicate-name")
    /// A limit on hostile input was passed.
    public static let limit = Code(rawValue: "limit")
    /// The file cannot be read.
    public static let notReadable = Code(rawValue: "not-readable")
  }

  /// The kind of failure.
  public var code: Code
  /// What happened, as a sentence without a final full stop.
  public var message: String
  /// The entry concerned, or the last good one.
  public var entry: String?
  /// Where in the archive file, in bytes.
  public var offset: UInt64?

  /// Creates an error.
  public init(_ code: Code, _ message: String, entry: String? = nil, offset: UInt64? = nil) {
    self.code = code
    self.message = message
    self.entry = entry
    self.offset = offset
  }

  /// A failure of the file system.
  public init(_ error: FileError) {
    self.init(.notReadable, error.description)
  }

  /// The wording for people.
  public var description: String {
    var text = message
    if let entry { text += " (entry \(entry))" }
    if let offset { text += " (at byte \(offset) of the file)" }
    return text
  }
}
