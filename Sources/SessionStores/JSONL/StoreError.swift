internal import FileIO

/// Why a call on a store failed.
///
/// The wording of failures the tool knows is the tool's.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of failure.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The word.
    public let rawValue: String
    /// Takes a word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// There is no session of that identifier.
    public static let notFound = Code(rawValue: "not-found")
    /// The identifier cannot be a file name in the store.
    public static let invalidIdentifier = Code(rawValue: "invalid-identifier")
    /// A value cannot be written as JSON: broken raw JSON or a time out of range.
    public static let notEncodable = Code(rawValue: "not-encodable")
    /// The session file cannot be read as a whole.
    public static let notReadable = Code(rawValue: "not-readable")
    /// The file system refused to write.
    public static let notWritable = Code(rawValue: "not-writable")
    /// The text given is not what it should be.
    public static let malformed = Code(rawValue: "malformed")
  }

  /// The kind of failure.
  public var code: Code
  /// What happened, as a sentence without a final full stop.
  public var description: String

  /// Creates an error.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }

  init(reading error: FileError) {
    self.init(.notReadable, error.description)
  }

  init(writing error: FileError) {
    self.init(.notWritable, error.description)
  }
}
