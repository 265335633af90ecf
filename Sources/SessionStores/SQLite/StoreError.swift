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

    /// There is no such session, or nothing to undo or redo.
    public static let notFound = Code(rawValue: "not-found")
    /// The messages have changed since the caller looked.
    public static let conflict = Code(rawValue: "conflict")
    /// SQLite refused; see ``StoreError/sqliteCode``.
    public static let database = Code(rawValue: "database")
    /// Another program kept the database locked.
    public static let busy = Code(rawValue: "busy")
    /// The database is of a version that this store does not write, or knows no such call.
    public static let unsupportedVersion = Code(rawValue: "unsupported-version")
    /// A column holds what the tool could not read either.
    public static let malformed = Code(rawValue: "malformed")
    /// The file or its folder cannot be used.
    public static let notAccessible = Code(rawValue: "not-accessible")
    /// The store was closed.
    public static let closed = Code(rawValue: "closed")
  }

  /// The kind of failure.
  public var code: Code
  /// What happened, as a sentence without a final full stop.
  public var description: String
  /// SQLite's extended result code, 0 when SQLite did not fail.
  public var sqliteCode: Int32 = 0

  /// Creates an error.
  public init(_ code: Code, _ description: String, sqliteCode: Int32 = 0) {
    self.code = code
    self.description = description
    self.sqliteCode = sqliteCode
  }

  /// The same failure, told as part of something larger.
  func during(_ operation: String) -> StoreError {
    var error = self
    error.description = operation + ": " + description
    return error
  }

  static func sessionNotFound(_ id: String) -> StoreError {
    StoreError(.notFound, "session not found: \(id)")
  }

  /// What current releases answer.
  static let notFound = StoreError(.notFound, "session: not found")
}
