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

/// Store-wide records for a backup, and what was left out because it grants access.
public struct ArchivableRecords: Sendable {
  /// The records, in a stable order.
  public var records: [[UInt8]]
  /// What was left out: a table or file, and how many records of it.
  public var omitted: [(name: String, count: Int)]

  /// Creates a list.
  public init(records: [[UInt8]], omitted: [(name: String, count: Int)] = []) {
    self.records = records
    self.omitted = omitted
  }
}

extension SessionSource {
  /// None, unless a source says otherwise.
  public var profile: String? { nil }

  /// None, unless a source says otherwise.
  public func originals(of id: String) throws(FormatError) -> [OriginalFile]? { nil }

  /// The records of the store, unless a source says otherwise.
  public func archivableStoreRecords() throws(FormatError) -> ArchivableRecords {
    ArchivableRecords(records: try storeRecords())
  }
}
