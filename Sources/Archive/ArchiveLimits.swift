/// How much an archive may ask for; the defaults are far above what backups of sessions need.
public struct ArchiveLimits: Sendable {
  /// The number of entries.
  public var entries = 200_000
  /// The size of one file in bytes, because a header may lie about it.
  public var fileSize: UInt64 = 2 << 30
  /// The size of all files together in bytes.
  public var totalSize: UInt64 = 50 << 30
  /// Content per compressed byte; more is what a bomb does, not what sessions do.
  public var ratio: UInt64 = 200
  /// The content up to which any ratio is accepted, in bytes.
  public var ratioFreeSize: UInt64 = 10 << 20
  /// The size of extended headers and long names, which are held in memory.
  public var headerSize: UInt64 = 1 << 20

  /// The default limits.
  public init() {}
}
