/// Bounds on what the scanner accepts, so that hostile text costs an error and not the process.
public struct JSONLimits: Sendable, Hashable {
  /// The deepest allowed nesting of arrays and objects; a scalar alone has depth 0.
  public var maximumDepth: Int

  /// Limits with the given depth.
  public init(maximumDepth: Int) {
    self.maximumDepth = maximumDepth
  }

  /// 512 levels: far beyond what any session format nests.
  public static let standard = JSONLimits(maximumDepth: 512)

  /// 10 000 levels, the limit of Go's `encoding/json`.
  public static let go = JSONLimits(maximumDepth: 10_000)
}
