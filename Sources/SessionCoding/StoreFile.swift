/// A file of a store that lists or names its sessions, such as an index or a history of prompts.
public struct StoreFile: Sendable, Hashable {
  /// What a restoration does where the store has such a file already.
  public enum Merging: String, Sendable, Hashable {
    /// Its content goes to ``SessionTarget/restoreStoreRecords(_:)``.
    case records
    /// The lines that are missing are appended.
    case lines
    /// The store's own file stays: the tool makes it anew.
    case none
  }

  /// The file.
  public var file: SessionFile
  /// What becomes of it where another one is.
  public var merging: Merging

  /// Creates a description.
  public init(_ file: SessionFile, merging: Merging) {
    self.file = file
    self.merging = merging
  }
}
